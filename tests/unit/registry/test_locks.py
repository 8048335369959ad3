"""What is locked for many transfers is found by a plan that grows with their number, not with its square."""

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
    codes = [uscc(number) for number in range(1_000, 1_000 + MANY)]
    drafts = [members.OrganisationDraft(code, code, code, OrganisationKind.INVESTOR, "shanghai") for code in codes]
    members.register_organisations(SYSTEM, drafts=drafts, key="many", now=NOW)
    purses = [registry.AccountDraft(AccountType.CLIENT_CASH, "shanghai", code) for code in codes]
    accounts = registry.open_accounts(purses, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {locks._LOCK_ACCOUNTS}", [accounts, ["CNY"] * MANY])
        ((plan,),) = cursor.fetchone()
    assert sum(rows_of(plan["Plan"])) < 20 * MANY


def rows_of(node: dict[str, Any]) -> Iterator[float]:
    """Give the rows that every step of a plan handed on or threw away."""
    thrown = sum(float(value) for name, value in node.items() if name.startswith("Rows Removed"))
    yield node["Actual Loops"] * (node["Actual Rows"] + thrown)
    for below in node.get("Plans", []):
        yield from rows_of(below)
