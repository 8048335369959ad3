"""Strict tables: what is well formed passes, and what is not is told by its line."""

from pathlib import Path

import pytest

from tonnebook.imports import tables


def read(folder: Path, content: bytes) -> tables.Table:
    """Read a file with these bytes."""
    path = folder / "table.csv"
    path.write_bytes(content)
    return tables.read(path, ["a", "b"])


def test_cells_are_read_without_surrounding_blanks(tmp_path: Path) -> None:
    table = read(tmp_path, b"a,b\n 1 ,x\n")
    assert table.problems == []
    assert table.rows == [tables.Row(2, ("1", "x"))]


def test_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    table = read(tmp_path, "\ufeffa,b\r\n1,中\r\n".encode())
    assert (table.columns, table.rows[0].cells) == (("a", "b"), ("1", "中"))


def test_lines_are_counted_over_quoted_line_breaks(tmp_path: Path) -> None:
    table = read(tmp_path, b'a,b\n1,"two\nlines"\n3,4\n')
    assert [row.line for row in table.rows] == [2, 4]


def test_empty_lines_are_passed_over(tmp_path: Path) -> None:
    assert read(tmp_path, b"a,b\n\n1,2\n\n").problems == []


@pytest.mark.parametrize(
    ("content", "line", "word"),
    [
        (b"a\n1\n", 1, "“b” is missing"),
        (b"a,b,a\n", 1, "there twice"),
        (b"a,b\n1,2\n1\n", 3, "1 cells"),
        (b"a,b\n1,2,3\n", 2, "3 cells"),
        (b'a,b\n1,2\n1,"open\n', 3, "no valid CSV"),
        (b"a,b\n1,2\n1,\xff\n", 3, "no UTF-8"),
    ],
)
def test_malformed_table_is_told_by_its_line(tmp_path: Path, content: bytes, line: int, word: str) -> None:
    (problem,) = read(tmp_path, content).problems
    assert problem.line == line
    assert word in problem.en


def test_empty_file_lacks_its_columns(tmp_path: Path) -> None:
    assert {problem.column for problem in read(tmp_path, b"").problems} == {"a", "b"}
