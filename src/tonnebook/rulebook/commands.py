"""Commands of the rule book: `rules show`, `diff`, `stale`, `digest` and `check`."""

import json
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from tonnebook import rulebook
from tonnebook.core import periods
from tonnebook.core.errors import Refused
from tonnebook.core.rules import Dated, Leaf, RulesAt, RulesRefusal
from tonnebook.rulebook import check as checks
from tonnebook.rulebook import comparison, loader, wording
from tonnebook.rulebook.comparison import Change, ChangeKind, Stale

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
    ChangeKind.ADDED: ("新增", "new"),
    ChangeKind.REMOVED: ("无", "gone"),
    ChangeKind.CHANGED: ("变动", "changed"),
    ChangeKind.GROUND: ("依据变动", "other ground"),
    "same": ("两者相同", "nothing differs"),
    "due": ("应核对", "look up again since"),
    "fresh": ("没有逾期未核对的取值", "no value is overdue"),
}

_Lang = Annotated[Language, typer.Option("--lang", help="Language of the answer.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
def show(
    path: Annotated[str, typer.Argument(help="A parameter, or the beginning of several: surrender.credit_limit_share")],
    *,
    region: Annotated[str, typer.Option("--region", "-r", help="Region code.")] = "shanghai",
    on: Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Day; today if left out.")] = None,
    year: Annotated[
        int | None, typer.Option("--year", "-y", help="Compliance year; that of the day if left out.")
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Lay the plan that ships for the year over it.")] = False,
    overlay: Annotated[list[Path] | None, typer.Option("--overlay", exists=True, help="Files of plans.")] = None,
    lang: _Lang = Language.ZH,
    as_json: _Json = False,
) -> None:
    """Show what a parameter says on a day, with source and status, or all parameters below a path."""
    try:
        texts = [file.read_text(encoding="utf-8") for file in overlay or []]
        if plan and year:
            texts.insert(0, rulebook.overlay(region, year))
        day = (on or datetime.now(periods.ZONE)).date()
        rules = rulebook.at(region, on=day, year=year or day.year, overlays=texts)
        lines = [_json({"rules": [_told(rules, leaf) for leaf in _asked(rules, path)]})] if as_json else []
        lines = lines or _answer(rules, path, lang)
    except Refused as refused:
        _fail(refused.zh if lang is Language.ZH else refused.en)
    except (LookupError, ValueError) as error:
        _fail(str(error.args[0] if error.args else error))
    else:
        for line in lines:
            typer.echo(line)


@app.command()
def diff(
    before: Annotated[str, typer.Argument(help="Such as shanghai@2025, or shanghai@2025-06-30.")],
    after: Annotated[str, typer.Argument(help="Such as shanghai@2027.")],
    *,
    plan: Annotated[bool, typer.Option("--plan", help="Lay the plans that ship for the years over them.")] = False,
    lang: _Lang = Language.ZH,
    as_json: _Json = False,
) -> None:
    """Compare the rules of two years or days, of one region or of two."""
    try:
        changes = comparison.differences(*(comparison.state(one, with_plan=plan) for one in (before, after)))
    except (LookupError, ValueError) as error:
        _fail(str(error.args[0]))
    if as_json:
        typer.echo(_json({"before": before, "after": after, "changes": [_change(one) for one in changes]}))
        return
    for line in [_difference(one, lang) for one in changes] or [_label("same", lang)]:
        typer.echo(line)


@app.command()
def stale(
    *,
    region: Annotated[str, typer.Option("--region", "-r", help="Region code; all if left out.")] = "",
    on: Annotated[datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Day; today if left out.")] = None,
    lang: _Lang = Language.ZH,
    as_json: _Json = False,
) -> None:
    """List the values that should be compared with their source again."""
    day = (on or datetime.now(periods.ZONE)).date()
    try:
        found = {
            one: comparison.stale(list(loader.own(one).values()), day)
            for one in ([region] if region else rulebook.regions())
        }
    except LookupError as error:
        _fail(str(error.args[0]))
    if as_json:
        overdue = [{"region": one, **_overdue(row)} for one, rows in found.items() for row in rows]
        typer.echo(_json({"on": day.isoformat(), "overdue": overdue}))
        return
    lines = [f"{one}: {_overdue_line(row, lang)}" for one, rows in found.items() for row in rows]
    for line in lines or [_label("fresh", lang)]:
        typer.echo(line)


@app.command()
def digest(
    region: Annotated[str, typer.Argument(help="Region code.")],
    *,
    overlay: Annotated[list[Path] | None, typer.Option("--overlay", exists=True, help="Files of plans.")] = None,
) -> None:
    """Print the digest over all parameters of a region, as a signed release names it."""
    try:
        texts = [file.read_text(encoding="utf-8") for file in overlay or []]
        typer.echo(rulebook.digest(region, overlays=texts))
    except (LookupError, ValueError) as error:
        _fail(str(error.args[0]))


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
    return [_line(rules, leaf) for leaf in _asked(rules, path)]


# The parameter of a path, or all parameters below it.
def _asked(rules: RulesAt, path: str) -> list[Leaf]:
    found = [leaf for key, leaf in rules.leaves.items() if key == path or key.startswith(f"{path}.")]
    if not found:
        raise Refused(RulesRefusal.NO_SUCH_PARAMETER, path=path, region=rules.region)
    return found


def _leaf(rules: RulesAt, leaf: Leaf, lang: Language) -> list[str]:
    name = leaf.zh if lang is Language.ZH else leaf.en
    lines = [f"{leaf.path} · {rules.region} · {rules.on}" + (f" · CY{rules.year}" if rules.year else ""), name]
    say = wording.in_chinese if lang is Language.ZH else str
    dated = leaf.in_force(rules.on, rules.year)
    if dated is None:
        lines.append(_label("none", lang))
    else:
        facts = [
            ("value", f"{dated.value} {leaf.unit}"),
            ("in_force", _from(dated)),
            ("source", f"{dated.source} · {say(dated.article)}"),
            ("status", dated.status.value),
            ("published", str(dated.published_on or "—")),
            ("checked", str(dated.last_checked_on)),
            ("notes", say(dated.notes)),
        ]
        lines += [f"  {_label(key, lang)}: {text}" for key, text in facts if text]
    lines.append(_label("all", lang))
    return lines + [f"  {_from(one)}: {one.value or '—'} ({one.source}, {one.status.value})" for one in leaf.values]


def _line(rules: RulesAt, leaf: Leaf) -> str:
    dated = leaf.in_force(rules.on, rules.year)
    if dated is None:
        return f"{leaf.path} = —"
    return f"{leaf.path} = {dated.value} {leaf.unit} ({_from(dated)}, {dated.source}, {dated.status.value})"


def _told(rules: RulesAt, leaf: Leaf) -> dict[str, object]:
    dated = leaf.in_force(rules.on, rules.year)
    return {
        **_named(leaf),
        "in_force": comparison.plain(dated),
        "values": [comparison.plain(one) for one in leaf.values],
    }


def _change(one: Change) -> dict[str, object]:
    relative = None if one.relative is None else format(one.relative, "f")
    sides = {"before": comparison.plain(one.before), "after": comparison.plain(one.after)}
    return {**_named(one.leaf), "kind": one.kind.value, "relative": relative, **sides}


def _difference(one: Change, lang: Language) -> str:
    before, after = (_side(side) for side in (one.before, one.after))
    rise = "" if one.relative is None else f" ({one.relative:+.2%})"
    name = one.leaf.zh if lang is Language.ZH else one.leaf.en
    return f"{_label(one.kind, lang)} · {one.leaf.path} · {name}: {before} → {after} {one.leaf.unit}{rise}"


def _side(dated: Dated | None) -> str:
    return f"{dated.value} [{dated.source}, {dated.status.value}]" if dated else "—"


def _overdue(one: Stale) -> dict[str, object]:
    return {**_named(one.leaf), "value": comparison.plain(one.dated), "due_on": one.due_on.isoformat()}


def _overdue_line(one: Stale, lang: Language) -> str:
    dated = one.dated
    value = f"{one.leaf.path} [{_from(dated)}] = {dated.value} ({dated.source}, {dated.status.value})"
    return f"{value} · {_label('checked', lang)} {dated.last_checked_on} · {_label('due', lang)} {one.due_on}"


def _named(leaf: Leaf) -> dict[str, object]:
    return {"path": leaf.path, "unit": leaf.unit, "zh": leaf.zh, "en": leaf.en}


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


def _from(dated: Dated) -> str:
    return f"CY{dated.year}" if dated.year else dated.from_on.isoformat()


def _label(key: str, lang: Language) -> str:
    return _LABELS[key][0 if lang is Language.ZH else 1]


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)
