"""What an account had at any time, and its statement, however long it is."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.unit.registry import desk as desks
from tests.unit.registry.desk import NOW, Desk

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountState, AccountType, Leg, TransferType
from tonnebook.core.roles import Actor
from tonnebook.faces import documents
from tonnebook.journal import queries as journal
from tonnebook.journal.services import Answer
from tonnebook.registry import queries
from tonnebook.registry import services as registry
from tonnebook.registry.models import IssuedCopy
from tonnebook.registry.services import papers

# Postings of somebody else, as many as a table needs for the planner to prefer an index.
_OTHERS = """
INSERT INTO registry_posting
    (transfer_id, index, debit_account_id, credit_account_id, asset_id, quantity, debit_after, credit_after)
SELECT transfer.id, 1 + series, debit.id, credit.id, asset.id, 1, 0, 0
FROM generate_series(1, 20000) AS series, registry_transfer AS transfer, registry_asset AS asset,
     registry_account AS debit, registry_account AS credit
WHERE transfer.number = %s AND asset.code = 'CNY' AND debit.type = 'BANK' AND credit.number = %s
"""


def post(desk: Desk, day: int, *legs: Leg, type_: TransferType = TransferType.DELIVER_TRADE) -> None:
    draft = registry.TransferDraft(type_, legs, "P-ZHOU")
    with transaction.atomic():
        registry.post([draft], now=NOW + timedelta(days=day))


def trade_back_and_forth(desk: Desk) -> None:
    """Allocate 100 t on day 0; then give 10 t on day 1, take 4 t back on day 2, and pay on day 3."""
    desk.allocate(desk.north, 100)
    post(desk, 1, Leg(desk.north, desk.red, "SHEA-2026", 10))
    post(desk, 2, Leg(desk.red, desk.north, "SHEA-2026", 4))
    desk.pay_in(desk.north_cash, 900, "B-1")


def had(account: str, day: int) -> dict[str, int]:
    return {one.asset.code: one.total for one in queries.holdings_on(account, NOW + timedelta(days=day))}


def crowd(desk: Desk) -> None:
    """Fill the table of postings with those of North Power's cash account."""
    desk.pay_in(desk.red_cash, 1, "B-0")
    transfer = desk.pay_in(desk.north_cash, 1, "B-2").number
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS, [transfer, desk.north_cash])
        cursor.execute("ANALYZE registry_posting")


def test_a_balance_of_any_past_time_is_the_sum_of_what_was_posted_before(desk: Desk) -> None:
    trade_back_and_forth(desk)
    assert [had(desk.north, day) for day in range(4)] == [{}, {"SHEA-2026": 100}, {"SHEA-2026": 90}, {"SHEA-2026": 94}]
    assert had(desk.red, 2) == {"SHEA-2026": 10}
    assert had("nobody", 9) == {}


def test_the_balance_of_now_is_what_the_account_has(desk: Desk) -> None:
    trade_back_and_forth(desk)
    for account in (desk.north, desk.red, desk.north_cash, *desk.system.values()):
        now = {one.asset.code: one.total for one in queries.holdings(account)}
        assert had(account, 9) == now, account


def test_a_source_shows_what_it_gave_out_below_zero(desk: Desk) -> None:
    trade_back_and_forth(desk)
    assert had(desk.system[AccountType.ISSUANCE], 9) == {"SHEA-2026": -100}
    assert had(desk.system[AccountType.BANK], 9) == {"CNY": -900}


def test_a_page_of_a_statement_is_cut_out_in_the_database(desk: Desk) -> None:
    for count in range(5):
        desk.pay_in(desk.red_cash, 10 + count, f"B-{count}")
    tomorrow = NOW + timedelta(days=1)
    assert queries.statement_size(desk.red_cash, from_at=NOW, to_at=tomorrow) == 5
    with CaptureQueriesContext(connection) as run:
        lines = queries.statement(desk.red_cash, from_at=NOW, to_at=tomorrow, first=2, limit=2)
    assert [line.change for line in lines] == [12, 13]
    assert len(run) == 3
    assert "LIMIT 2 OFFSET 2" in run[1]["sql"]


@pytest.mark.parametrize("asked", [queries.statement, queries.statement_size])
def test_an_unknown_account_has_no_statement(desk: Desk, asked: object) -> None:
    assert callable(asked)
    with pytest.raises(Refused, match="ACCOUNT_UNKNOWN"):
        asked("nobody", from_at=NOW, to_at=NOW)


def test_statements_and_past_balances_go_by_the_index_of_the_account(desk: Desk) -> None:
    crowd(desk)
    tomorrow = NOW + timedelta(days=1)
    with CaptureQueriesContext(connection) as run:
        queries.holdings_on(desk.red_cash, tomorrow)
        queries.statement(desk.red_cash, from_at=NOW, to_at=tomorrow, limit=50)
        queries.statement_size(desk.red_cash, from_at=NOW, to_at=tomorrow)
    asked = [one["sql"] for one in run if "registry_posting" in one["sql"]]
    assert len(asked) == 3
    for sql in asked:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN {sql}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "Seq Scan on registry_posting" not in plan, plan
        assert "registry_posting_debit_account" in plan, plan
        assert "registry_posting_credit_account" in plan, plan


def asked_for(actor: Actor, account: str, key: str = "k") -> Answer:
    return registry.issue_statement(
        actor,
        account=account,
        from_on=NOW.date(),
        to_on=NOW.date(),
        language="en",
        site="https://registry.example",
        key=key,
        now=NOW,
    )


def test_a_statement_is_made_once_for_one_key_and_its_digest_is_in_the_log(desk: Desk) -> None:
    desk.allocate(desk.red, 5)
    answer = asked_for(desks.WANG, desk.red)
    assert asked_for(desks.WANG, desk.red) == answer
    content = queries.issued_content(str(answer["document"]))
    assert documents.digest(content) == answer["digest"]
    leaf = journal.receipt(str(answer["leaf"]))["leaf"]
    assert str(answer["digest"]) in str(leaf)
    assert [one.number for one in queries.issued_documents(desk.red)] == [answer["document"]]


def test_a_statement_tells_the_changes_of_the_account_s_state(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    sheets: list[dict[str, Any]] = []

    def keep(name: str, data: dict[str, Any], *, made_at: datetime) -> bytes:
        del made_at
        sheets.append(data)
        return f"{name} {len(sheets)}".encode()

    monkeypatch.setattr(documents, "pdf", keep)
    told: dict[str, Any] = {"state": AccountState.SOME_RESTRICTED, "barred": ["RETIRE"], "reason": "inquiry 7"}
    asked_for(desks.WANG, desk.red, "before")
    registry.restrict_account(desks.ZHOU, account=desk.red, **told, key="r", now=NOW)
    asked_for(desks.WANG, desk.red, "after")
    before, after = ([part["title"] for part in sheet["parts"]] for sheet in sheets)
    assert (before, after) == (["Balances"], ["Balances", "Changes of the state"])
    ((at, *line),) = sheets[1]["parts"][1]["rows"]
    assert at
    assert line == ["some transactions restricted", "retired for good", "inquiry 7"]


def test_a_statement_is_made_for_its_holder_and_the_keepers_only(desk: Desk) -> None:
    with pytest.raises(Refused, match="ACCOUNT_UNKNOWN"):
        asked_for(desks.STRANGER, desk.red)
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        asked_for(desks.CLERK, desk.red)
    reserve = desk.system[AccountType.RESERVE]
    with pytest.raises(Refused, match="ACCOUNT_UNKNOWN"):
        asked_for(desks.WANG, reserve)
    for account in (desk.red, reserve):
        assert asked_for(desks.ZHOU, account, account)["document"]


def test_a_statement_too_long_for_paper_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papers, "STATEMENT_LINES_MAX", 1)
    desk.allocate(desk.red, 5)
    assert asked_for(desks.WANG, desk.red, "one")["document"]
    desk.allocate(desk.red, 5)
    with pytest.raises(Refused, match="STATEMENT_TOO_LONG"):
        asked_for(desks.WANG, desk.red, "two")


def test_an_issued_document_is_never_changed(desk: Desk) -> None:
    asked_for(desks.WANG, desk.red)
    with pytest.raises(DatabaseError), transaction.atomic():
        IssuedCopy.objects.update(content=b"forged")
    with pytest.raises(Refused, match="NOT_ISSUED_BY_US"):
        queries.issued_content("DOC-000000-00")
    assert queries.issued_document("DOC-000000-00") is None
