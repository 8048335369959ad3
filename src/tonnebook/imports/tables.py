"""Read comma separated tables strictly: every line has every column, and what is wrong is told by its place."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tonnebook.imports.problems import Problem


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: where it starts in the file, counted from 1, and its cells without surrounding blanks."""

    line: int
    cells: tuple[str, ...]


@dataclass(slots=True)
class Table:
    """A table as far as it could be read.

    Attributes:
        file: name of the file.
        columns: headings, in order.
        rows: lines that have as many cells as the heading.
        problems: what is wrong, in the order found.
    """

    file: str
    columns: tuple[str, ...] = ()
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, line: int, column: str, *, zh: str, en: str) -> None:
        """Note a problem of this table."""
        self.problems.append(Problem(self.file, line, column, zh, en))


def read(path: Path, required: Sequence[str]) -> Table:
    """Read a table.

    Args:
        path: of the file: UTF-8, with or without byte order mark, comma separated, first line the headings.
        required: headings that must be there; others are kept as well.

    Returns:
        The table; when it has problems, nothing should be made of its rows but further problems.

    Source: RFC 4180; strictness is a design choice, no legal source.
    """
    table = Table(path.name)
    text = _text(path, table)
    if text is None:
        return table
    lines = _lines(text, table)
    table.columns = next(lines, Row(1, ())).cells
    _check_columns(table, required)
    for row in lines:
        if row.cells == ("",) or not row.cells:
            continue
        if len(row.cells) == len(table.columns):
            table.rows.append(row)
            continue
        given, wanted = len(row.cells), len(table.columns)
        zh = f"本行有 {given} 个单元格，表头有 {wanted} 列；请检查逗号和引号。"
        table.refuse(row.line, "", zh=zh, en=f"The line has {given} cells, the heading {wanted}; check commas, quotes.")
    return table


def _text(path: Path, table: Table) -> str | None:
    try:
        content = path.read_bytes()
    except OSError as error:
        zh = f"无法读取该文件（{error.strerror}）；请检查路径和权限。"
        table.refuse(0, "", zh=zh, en=f"The file cannot be read ({error.strerror}); check path and permissions.")
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        zh, en = (
            "不是 UTF-8 文本；请以 UTF-8 编码另存后重试。",
            "This is no UTF-8 text; save the file as UTF-8 and try again.",
        )
        table.refuse(line, "", zh=zh, en=en)
        return None


def _lines(text: str, table: Table) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for cells in reader:
            yield Row(start, tuple(cell.strip() for cell in cells))
            start = reader.line_num + 1
    except csv.Error as error:
        zh = f"本行不是有效的 CSV（{error}）；请检查引号。"
        table.refuse(start, "", zh=zh, en=f"The line is no valid CSV ({error}); check the quotation marks.")


def _check_columns(table: Table, required: Sequence[str]) -> None:
    for name in required:
        if name not in table.columns:
            zh, en = f"缺少“{name}”列；请补上该列。", f"The column “{name}” is missing; add it."
            table.refuse(1, name, zh=zh, en=en)
    for name in sorted({name for name in table.columns if name and table.columns.count(name) > 1}):
        zh, en = f"“{name}”列出现两次；请只保留一列。", f"The column “{name}” is there twice; keep one."
        table.refuse(1, name, zh=zh, en=en)
