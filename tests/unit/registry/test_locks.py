"""Many accounts at once: opened by few statements, and locked by a plan that does not go through all for each name."""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from tests.unit.registry.desk import NOW, uscc

from tonnebook.core.ledger import AccountType
from tonnebook.core.roles import SYSTEM, OrganisationKind
from tonnebook.members import services as members
from tonnebook.registry import services as registry
from tonnebook.registry.services import locks

MANY = 500


def test_accounts_made_in_the_same_transaction_are_not_looked_for_name_by_name(db: None) -> None:
    # As an import does: nobody could have told the server yet how many rows there are.
    accounts = opened(range(1_000, 1_000 + MANY))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {locks._LOCK_NAMED}", [accounts, ["CNY"] * MANY])
        ((plan,),) = cursor.fetchone()
    assert sum(rows_of(plan["Plan"])) < 20 * MANY


def test_accounts_are_opened_by_the_ten_thousand(db: None) -> None:
    # A statement has room for 65,535 parameters: one for each account is well, one for each field of each is not.
    counted: list[int] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        counted.append(len(params or ()))
        return execute(sql, params, many, context)

    opened(range(2_000, 2_100))
    with connection.execute_wrapper(count):
        opened(range(3_000, 3_000 + MANY))
    assert max(counted) <= MANY


def opened(counts: range) -> list[str]:
    """Register so many organisations and open an account for each."""
    codes = [uscc(count) for count in counts]
    drafts = [members.OrganisationDraft(code, code, code, OrganisationKind.INVESTOR, "shanghai") for code in codes]
    members.register_organisations(SYSTEM, drafts=drafts, key=f"many-{counts.start}", now=NOW)
    purses = [registry.AccountDraft(AccountType.CLIENT_CASH, "shanghai", code) for code in codes]
    return registry.open_accounts(purses, now=NOW)


def rows_of(node: dict[str, Any]) -> Iterator[float]:
    """Give the rows that every step of a plan handed on or threw away."""
    thrown = sum(float(value) for name, value in node.items() if name.startswith("Rows Removed"))
    yield node["Actual Loops"] * (node["Actual Rows"] + thrown)
    for below in node.get("Plans", []):
        yield from rows_of(below)
