"""Commands of the rule book: `rules show PATH` and `rules check`."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tonnebook import rulebook
from tonnebook.core import periods
from tonnebook.core.errors import Refused
from tonnebook.core.rules import Dated, Leaf, RulesAt, RulesRefusal
from tonnebook.rulebook import check as checks

app = typer.Typer(help="The rule book: what holds when, by which source. / 规则库", no_args_is_help=True)


class Language(StrEnum):
    """Languages the commands answer in."""

    ZH = "zh"
    EN = "en"


_LABELS = {
    "value": ("取值", "value"),
    "in_force": ("生效", "in force from"),
    "source": ("来源", "source"),
    "status": ("状态", "status"),
    "published": ("发布日", "published on"),
    "checked": ("最近核对", "last checked on"),
    "notes": ("说明", "notes"),
    "all": ("全部取值", "all values"),
    "none": ("该日无生效取值", "no value in force on this day"),
}


@app.command()
def show(
    path: Annotated[str, typer.Argument(help="A parameter, or the beginning of several: surrender.credit_limit_share")],
    *,
    region: Annotated[str, typer.Option("--region", "-r", help="Region code.")] = "shanghai",
    on: Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Day; today if left out.")] = None,
    year: Annotated[int | None, typer.Option("--year", "-y", help="Compliance year.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Lay the plan that ships for the year over it.")] = False,
    overlay: Annotated[list[Path] | None, typer.Option("--overlay", exists=True, help="Files of plans.")] = None,
    lang: Annotated[Language, typer.Option("--lang", help="Language of the answer.")] = Language.ZH,
) -> None:
    """Show what a parameter says on a day, with source and status, or all parameters below a path."""
    try:
        texts = [file.read_text(encoding="utf-8") for file in overlay or []]
        if plan and year:
            texts.insert(0, rulebook.overlay(region, year))
        day = (on or datetime.now(periods.ZONE)).date()
        rules = rulebook.at(region, on=day, year=year, overlays=texts)
        lines = _answer(rules, path, lang)
    except Refused as refused:
        _fail(refused.zh if lang is Language.ZH else refused.en)
    except (LookupError, ValueError) as error:
        _fail(str(error.args[0] if error.args else error))
    else:
        for line in lines:
            typer.echo(line)


@app.command()
def check() -> None:
    """Check every file of every region and every plan; print one line per region and each problem."""
    found = checks.reports()
    for report in found:
        typer.echo(str(report))
        for problem in report.problems:
            typer.echo(f"  {problem}", err=True)
    if not found or any(report.problems for report in found):
        raise typer.Exit(1)


def _answer(rules: RulesAt, path: str, lang: Language) -> list[str]:
    if path in rules.leaves:
        return _leaf(rules, rules.leaves[path], lang)
    below = [leaf for key, leaf in rules.leaves.items() if key.startswith(f"{path}.")]
    if not below:
        raise Refused(RulesRefusal.NO_SUCH_PARAMETER, path=path, region=rules.region)
    return [_line(rules, leaf) for leaf in below]


def _leaf(rules: RulesAt, leaf: Leaf, lang: Language) -> list[str]:
    name = leaf.zh if lang is Language.ZH else leaf.en
    lines = [f"{leaf.path} · {rules.region} · {rules.on}" + (f" · CY{rules.year}" if rules.year else ""), name]
    dated = leaf.in_force(rules.on, rules.year)
    if dated is None:
        lines.append(_label("none", lang))
    else:
        facts = [
            ("value", f"{dated.value} {leaf.unit}"),
            ("in_force", _from(dated)),
            ("source", f"{dated.source} · {dated.article}"),
            ("status", dated.status.value),
            ("published", str(dated.published_on or "—")),
            ("checked", str(dated.last_checked_on)),
            ("notes", dated.notes),
        ]
        lines += [f"  {_label(key, lang)}: {text}" for key, text in facts if text]
    lines.append(_label("all", lang))
    return lines + [f"  {_from(one)}: {one.value or '—'} ({one.source}, {one.status.value})" for one in leaf.values]


def _line(rules: RulesAt, leaf: Leaf) -> str:
    dated = leaf.in_force(rules.on, rules.year)
    if dated is None:
        return f"{leaf.path} = —"
    return f"{leaf.path} = {dated.value} {leaf.unit} ({_from(dated)}, {dated.source}, {dated.status.value})"


def _from(dated: Dated) -> str:
    return f"CY{dated.year}" if dated.year else dated.from_on.isoformat()


def _label(key: str, lang: Language) -> str:
    return _LABELS[key][0 if lang is Language.ZH else 1]


def _fail(message: str) -> None:
    typer.echo(message, err=True)
    raise typer.Exit(1)
