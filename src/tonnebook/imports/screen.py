"""What an import shows: a progress bar while it runs, then one JSON object or lines to read."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tonnebook.core.errors import Busy, Refused
from tonnebook.imports.problems import Problem

_SHOWN_MAX = 100

Show = Callable[[str, str, int, int], None]


@contextmanager
def progress_bar() -> Iterator[Show]:
    """Show a bar on standard error; what it yields is told each step: zh, en, its place and how many there are."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("…", total=None)

        def show(zh: str, en: str, place: int, total: int) -> None:
            bar.update(task, completed=place, total=total, description=f"{zh} {en}")

        yield show


def tell(facts: Mapping[str, object], *, as_json: bool, lines: Sequence[str] = ()) -> None:
    """Write the result on standard output: one JSON object on one line, or lines to read."""
    if as_json:
        sys.stdout.write(json.dumps(facts, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in lines))


def tell_problems(problems: Sequence[Problem], facts: Mapping[str, object], *, as_json: bool) -> None:
    """Say what is wrong with the files, and that nothing has been loaded.

    Args:
        problems: at least one; the first hundred are shown.
        facts: what else is known, for the JSON object.
        as_json: one JSON object as well.
    """
    for one in problems[:_SHOWN_MAX]:
        sys.stderr.write(f"{one.place}: {one.zh}\n{' ' * 4}{one.en}\n")
    left = len(problems) - _SHOWN_MAX
    more_zh, more_en = (f"，另有 {left} 处未列出", f", {left} more not listed") if left > 0 else ("", "")
    sys.stderr.write(f"共 {len(problems)} 处问题{more_zh}；没有导入任何内容。\n")
    sys.stderr.write(f"{' ' * 4}{len(problems)} problems{more_en}; nothing has been loaded.\n")
    if as_json:
        refused = len({(one.file, one.sheet, one.line) for one in problems})
        shown = [one.to_json() for one in problems[:_SHOWN_MAX]]
        tell({"rows": 0, "refused": refused, "breaks": 0, "problems": shown, **facts}, as_json=True)


def tell_refusal(error: Refused | Busy, *, as_json: bool) -> None:
    """Say why the services refused it, and that nothing has been loaded."""
    if isinstance(error, Busy):
        zh, en = (
            "数据库正忙，请稍后重试；没有导入任何内容。",
            "The database is busy, try again later; nothing was loaded.",
        )
        code = "BUSY"
    else:
        zh, en, code = f"{error.zh} 没有导入任何内容。", f"{error.en} Nothing has been loaded.", error.code.name
    sys.stderr.write(f"{zh}\n{en}\n")
    if as_json:
        tell({"rows": 0, "refused": 1, "breaks": 0, "problems": [{"code": code, "zh": zh, "en": en}]}, as_json=True)
