"""Files that somebody has meddled with: loaded whole or not at all, told by the cell, once however often they come."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from django.db import transaction
from openpyxl.worksheet.worksheet import Worksheet
from tests.campaigns import SEED, times
from tests.unit.imports import extract, sheets
from tests.unit.imports.sheets import Cell
from tests.unit.imports.test_company_import import approve_plan, post

from tonnebook.core.errors import Refused
from tonnebook.core.roles import SYSTEM
from tonnebook.emissions.models import EmissionReport, Facility
from tonnebook.imports import company_import, eutl, eutl_books, workbook
from tonnebook.imports.problems import Problem, Unreadable
from tonnebook.journal.models import IdempotencyKey, JournalLeaf
from tonnebook.journal.services import Answer
from tonnebook.members.models import Organisation
from tonnebook.registry import services as registry
from tonnebook.registry.models import Account, Posting

NOW = datetime(2026, 3, 1, 2, tzinfo=UTC)
KEPT = (Organisation, Account, Facility, EmissionReport, Posting, JournalLeaf, IdempotencyKey)
# What stands in cells that were typed, pasted or converted by somebody in a hurry.
ODD: tuple[Cell, ...] = (
    None, "", " ", 0, -1, 1.5, 1e308, 45000, 913100000000000.0, "９１３１０００", "\ufeff91310000", "nan", "1,000",
    "1e3", "=1+1", "\u202eabc", "x" * 40_000, "2025-13-01", "未知", date(1900, 1, 1), True, "#REF!", "F-1",
    sheets.RED_RIVER,
)  # fmt: skip
ODD_TEXTS = (
    *("", " ", "-1", "1.5", "1e3", "９", "\ufeff1", "nan", "=1+1", "1 000", "*****", "A*", "Excluded", "\u202e1"),
    *("x" * 5000, "0", "1", "2", "12"),
)  # fmt: skip


def kept() -> dict[str, int]:
    """How many rows of each kind there are; accounts are those of organisations."""
    owned = Account.objects.exclude(organisation=None).count()
    return {model.__name__: model.objects.count() for model in KEPT} | {"Account": owned}


def cell(sheet: Worksheet, chance: random.Random) -> None:
    """Put something odd into any cell, the headings among them."""
    place = chance.randint(1, sheet.max_row), chance.randint(1, sheet.max_column)
    sheet.cell(*place).value = chance.choice(ODD)


def again(sheet: Worksheet, chance: random.Random) -> None:
    """Write a line a second time."""
    line = [one.value for one in sheet[chance.randint(1, sheet.max_row)]]
    sheet.append(line)


def merged(sheet: Worksheet, chance: random.Random) -> None:
    """Merge two cells, so that one loses what it held."""
    row, column = chance.randint(1, sheet.max_row), chance.randint(1, sheet.max_column - 1)
    sheet.merge_cells(start_row=row, end_row=row, start_column=column, end_column=column + 1)


def without(sheet: Worksheet, chance: random.Random) -> None:
    """Take out a line or a column."""
    if chance.random() < 0.5:
        sheet.delete_rows(chance.randint(1, sheet.max_row))
    else:
        sheet.delete_cols(chance.randint(1, sheet.max_column))


MEDDLING: tuple[Callable[[Worksheet, random.Random], None], ...] = (cell, cell, cell, again, merged, without)


def meddled(path: Path, chance: random.Random) -> Path:
    """Do one to three things to a workbook; one in ten is cut off or has a byte turned as well."""
    book = openpyxl.load_workbook(path)
    for _ in range(chance.randint(1, 3)):
        chance.choice(MEDDLING)(book[chance.choice(book.sheetnames)], chance)
    book.save(path)
    if chance.random() < 0.1:
        content = bytearray(path.read_bytes())
        content[chance.randrange(len(content))] ^= 0xFF
        path.write_bytes(content[: chance.randrange(len(content))] if chance.random() < 0.5 else content)
    return path


def tried(load: Callable[[], Answer]) -> Answer | None:
    """Load something; what is not loaded has changed nothing, and is told by file and cell in both languages."""
    before = kept()
    problems: Sequence[Problem] = ()
    try:
        return load()
    except Unreadable as error:
        problems = error.problems
    except Refused:
        pass
    assert kept() == before
    assert all(one.file and one.zh and one.en for one in problems)
    assert all(one.cell for one in problems if one.sheet and one.line > 1)
    return None


def loaded(path: Path, kind: str) -> Answer | None:
    """Load a workbook, and what was loaded a second time, which changes nothing."""

    def load() -> Answer:
        return company_import.post(kind, workbook.read(path, kind), SYSTEM, now=NOW, keep=True)

    before = kept()
    if (answer := tried(load)) is None:
        return None
    after = kept()
    if kind == "entities":
        told = (answer["entities"], answer["accounts"], answer["facilities"])
        assert told == tuple(after[one] - before[one] for one in ("Organisation", "Account", "Facility"))
    else:
        assert isinstance(answer["reports"], list)
        assert len(answer["reports"]) == after["EmissionReport"] - before["EmissionReport"]
    assert load() == answer
    assert kept() == after
    return answer


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "rows"), [("entities", sheets.ENTITIES), ("reports", sheets.REPORTS)])
def test_a_meddled_workbook_is_loaded_whole_once_or_not_at_all(
    tmp_path: Path, kind: str, rows: Mapping[str, list[list[Cell]]]
) -> None:
    if kind == "reports":
        post(tmp_path, "entities")
        approve_plan()
    chance, came_in, count = random.Random(SEED), 0, times(8, 500)  # noqa: S311  repeatable tests
    for number in range(count):
        path = meddled(sheets.fill(tmp_path / f"{number}.xlsx", kind, rows), chance)
        with transaction.atomic():
            came_in += loaded(path, kind) is not None
            transaction.set_rollback(True)
    assert 0 < came_in < count


@pytest.mark.django_db
def test_a_meddled_extract_is_loaded_whole_once_or_not_at_all(tmp_path: Path) -> None:
    chance, came_in = random.Random(SEED), 0  # noqa: S311  repeatable tests
    for number in range(times(8, 500)):
        folder = tmp_path / str(number)
        folder.mkdir()
        place = (chance.choice(sorted(extract.TABLES)), chance.randint(0, 3), chance.randint(0, 3))
        extract.write(folder, changes={place: chance.choice(ODD_TEXTS)})

        def load(folder: Path = folder) -> Answer:
            return eutl_books.load(eutl.read(folder), now=NOW, progress=lambda *_: None).answer

        with transaction.atomic():
            if answer := tried(load):
                after = kept()
                assert load() == answer
                assert kept() == after
                came_in += 1
            transaction.set_rollback(True)
    assert came_in > 0


@pytest.mark.django_db
def test_control_a_part_that_is_left_out_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "open_books", lambda *_, **__: None)
    with pytest.raises(AssertionError):
        loaded(sheets.fill(tmp_path / "a.xlsx", "entities", sheets.ENTITIES), "entities")
