"""What is wrong with a file: where exactly, and what to do about it."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that keeps a file from being loaded.

    Attributes:
        file: name of the file.
        line: counted from 1; 0 when it concerns the whole file.
        column: heading of the column, as it stands in the file.
        zh: what is wrong and what to do.
        en: the same in English.
        sheet: of a workbook; empty for a text file.
        cell: such as "C7"; empty for a text file.
    """

    file: str
    line: int
    column: str
    zh: str
    en: str
    sheet: str = ""
    cell: str = ""

    @property
    def place(self) -> str:
        """Where it is, as people read it."""
        if self.sheet:
            return " ".join(filter(None, (self.file, f"[{self.sheet}]", self.cell, self.column)))
        return ":".join(filter(None, (self.file, str(self.line) if self.line else "", self.column)))

    def to_json(self) -> dict[str, object]:
        """Give it as plain JSON values."""
        return asdict(self)


class Unreadable(Exception):
    """A file cannot be loaded; `problems` says why, in the order found."""

    def __init__(self, problems: list[Problem]) -> None:
        """Keep the problems, at least one."""
        super().__init__(problems[0].en)
        self.problems = problems
