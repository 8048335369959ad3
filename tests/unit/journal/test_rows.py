"""Rows by COPY: past the policies for whoever sees every row, by the long way where the engine's role is missing."""

from collections.abc import Iterator

import numpy as np
import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from numpy.typing import NDArray
from tests.unit.registry.desk import RED, open_desk

from tonnebook.journal import rows, tenancy
from tonnebook.journal.tenancy import Reach, Scope, Why
from tonnebook.registry.models import Posting

COLUMNS = ("transfer_id", "index", "debit_account_id", "credit_account_id", "asset_id", "quantity")
AFTERS = ("debit_after", "credit_after")


@pytest.fixture
def line(db: None) -> str:
    """A posting that could stand beside the first one."""
    desk = open_desk()
    desk.pay_in(desk.north_cash, 1_000, "B-1")
    with connection.cursor() as cursor:
        names = ", ".join(f'"{name}"' for name in COLUMNS)
        cursor.execute(f"SELECT {names} FROM registry_posting LIMIT 1")
        transfer, index, *others = cursor.fetchone()
    return "\t".join(map(str, [transfer, index + 1, *others, 5, 6])) + "\n"


def copy(lines: Iterator[str] | list[str]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        rows.copy_lines(Posting, (*COLUMNS, *AFTERS), lines)
    return [one["sql"] for one in captured]


def acts_as() -> object:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = session_user")
        return cursor.fetchone()[0]


def test_lines_go_straight_into_the_table_and_the_role_is_given_back(line: str) -> None:
    before = Posting.objects.count()
    statements = copy([line])
    assert not [one for one in statements if "TEMPORARY" in one]
    assert acts_as()
    assert Posting.objects.count() == before + 1


def test_without_the_role_lines_go_by_way_of_a_temporary_table(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tenancy, "ENGINE_ROLE", "nobody_has_made_it")
    before = Posting.objects.count()
    assert [one for one in copy([line]) if "TEMPORARY" in one]
    assert Posting.objects.count() == before + 1


def test_whoever_sees_only_their_own_writes_no_books_by_copy_either(line: str) -> None:
    own = Scope(Reach.ORGANISATION, "shanghai", "", RED, "P-WANG")
    with tenancy.acting(own), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        copy([line])
    assert acts_as()


def test_lines_that_fail_give_the_role_back_with_their_savepoint(line: str) -> None:
    def lines() -> Iterator[str]:
        yield line
        raise LookupError

    with pytest.raises(LookupError), transaction.atomic():
        copy(lines())
    with pytest.raises(DatabaseError, match="does not exist"), transaction.atomic():
        copy([line.replace(line.split("\t")[0], "999999", 1)])
    with tenancy.everywhere(Why.BOOKS):
        assert acts_as()


@pytest.mark.parametrize("role", [tenancy.ENGINE_ROLE, "nobody_has_made_it"])
def test_columns_of_numbers_become_the_same_rows_as_lines(
    line: str, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    monkeypatch.setattr(tenancy, "ENGINE_ROLE", role)
    transfer, index, debit, credit, asset, quantity, debit_after, credit_after = map(int, line.split())
    columns: dict[str, NDArray[np.int64] | int] = {
        "transfer_id": transfer,
        "index": np.array([index, index + 1]),
        "debit_account_id": np.array([debit, credit]),
        "credit_account_id": np.array([credit, debit]),
        "asset_id": asset,
        "quantity": np.array([quantity, 1 << 40]),
        "debit_after": np.array([debit_after, -3]),
        "credit_after": np.array([credit_after, 4]),
    }
    rows.copy_columns(Posting, columns)
    assert list(Posting.objects.filter(index__gte=index).order_by("index").values_list(*columns)) == [
        (transfer, index, debit, credit, asset, quantity, debit_after, credit_after),
        (transfer, index + 1, credit, debit, asset, 1 << 40, -3, 4),
    ]
    assert acts_as()


def test_many_rows_go_by_copy_and_a_few_as_values(line: str) -> None:
    few = [line.strip().split("\t")] * 50
    assert isinstance(rows.insertion_of_many(Posting, (*COLUMNS, *AFTERS), few), rows.Write)
    first = [int(one) for one in few[0]]
    many = [(first[0], first[1] + place, *first[2:]) for place in range(51)]
    before = Posting.objects.count()
    with CaptureQueriesContext(connection) as captured:
        rows.write(rows.insertion_of_many(Posting, (*COLUMNS, *AFTERS), many))
    assert not [one for one in captured if "INSERT INTO" in one["sql"]]
    assert Posting.objects.count() == before + 51


@pytest.mark.parametrize("odd", ["a\tb", "a\nb", "a\\b", None])
def test_what_copy_would_read_otherwise_is_written_as_it_is(odd: str | None) -> None:
    found = rows.insertion_of_many(Posting, ("lots",), [(odd,)] * 51)
    assert isinstance(found, rows.Write)
