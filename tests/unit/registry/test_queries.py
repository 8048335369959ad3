"""What the registry tells."""

from datetime import timedelta

import pytest
from django.db import transaction
from tests.unit.registry import desk as desks
from tests.unit.registry.desk import NOW, Desk

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, HoldReason, Leg, TransferType
from tonnebook.registry import queries
from tonnebook.registry import services as registry


def test_accounts_are_found_by_number_owner_and_region(desk: Desk) -> None:
    row = queries.account(desk.red)
    assert (row.organisation, row.type, row.region) == (desks.RED, AccountType.HOLDING, "shanghai")
    assert [one.number for one in queries.accounts(desks.RED)] == sorted([desk.red, desk.red_cash])
    assert queries.account_of(desks.RED, AccountType.CLIENT_CASH) == desk.red_cash
    both = {desks.RED: desk.red, desks.NORTH: desk.north}
    assert queries.accounts_of([desks.RED, desks.NORTH, desks.uscc(99)], AccountType.HOLDING) == both
    for missing in (
        lambda: queries.account("nobody"),
        lambda: queries.account_of(desks.BUREAU, AccountType.HOLDING),
        lambda: queries.system_account("tianjin", AccountType.RESERVE),
    ):
        with pytest.raises(Refused, match="ACCOUNT_UNKNOWN"):
            missing()
    with pytest.raises(Refused, match="ASSET_UNKNOWN"):
        queries.asset("GOLD")


def test_holdings_leave_out_what_is_empty(desk: Desk) -> None:
    desk.allocate(desk.north, 10)
    desk.allocate(desk.north, 5, "SHCER-2025")
    desk.hold(desk.north, 4, HoldReason.ORDER)
    desk.trade(6)
    found = queries.holdings_of([desks.RED, desks.NORTH, desks.BUREAU], AccountType.HOLDING)
    shown = {code: [(one.asset.code, one.total, one.held, one.free) for one in held] for code, held in found.items()}
    assert shown == {
        desks.RED: [("SHEA-2026", 6, 0, 6)],
        desks.NORTH: [("SHCER-2025", 5, 0, 5), ("SHEA-2026", 4, 4, 0)],
        desks.BUREAU: [],
    }
    assert queries.holdings(desk.north) == found[desks.NORTH]


def test_a_statement_runs_from_change_to_balance_in_order(desk: Desk) -> None:
    desk.pay_in(desk.red_cash, 1_000, "B-1")
    desk.allocate(desk.north, 10)
    cash, units = Leg(desk.red_cash, desk.north_cash, "CNY", 600), Leg(desk.north, desk.red, "SHEA-2026", 6)
    posted = desk.post(TransferType.DELIVER_TRADE, units, cash, subject="TR-1")
    lines = queries.statement(desk.red_cash, from_at=NOW, to_at=NOW + timedelta(days=1))
    assert [(line.change, line.balance, line.subject) for line in lines] == [(1_000, 1_000, "B-1"), (-600, 400, "TR-1")]
    assert lines[1].counterparty == desk.north_cash
    assert (lines[1].transfer, lines[1].leaf) == (posted.number, posted.leaf)
    assert queries.statement(desk.red_cash, from_at=NOW - timedelta(days=1), to_at=NOW) == ()


def test_the_life_of_a_unit_is_every_move_from_issue_to_surrender(desk: Desk) -> None:
    issued = desk.allocate(desk.north, 10)
    traded = desk.trade(6)
    surrendered = desk.surrender(desk.red, 2)
    steps = queries.life_of_unit(2)
    assert [step.leaf for step in steps] == [issued.leaf, traded.leaf, surrendered.leaf]
    assert [step.type for step in steps] == [TransferType.ALLOCATE, TransferType.DELIVER_TRADE, TransferType.SURRENDER]
    assert (steps[2].debit, steps[2].credit) == (desk.red, desk.system[AccountType.SURRENDER])
    assert [step.transfer for step in queries.life_of_unit(9)] == [issued.number]
    assert queries.life_of_unit(11) == ()


def test_what_was_issued_is_held_surrendered_retired_or_cancelled(desk: Desk) -> None:
    desk.allocate(desk.north, 100)
    desk.allocate(desk.red, 20, "SHCER-2025")
    desk.pay_in(desk.red_cash, 9_999, "B-1")
    desk.trade(30)
    desk.surrender(desk.red, 10)
    desk.post(TransferType.RETIRE, Leg(desk.red, desk.system[AccountType.RETIREMENT], "SHCER-2025", 5))
    desk.post(TransferType.CANCEL, Leg(desk.north, desk.system[AccountType.CANCELLATION], "SHEA-2026", 7))
    desk.post(TransferType.RECALL, Leg(desk.north, desk.system[AccountType.RESERVE], "SHEA-2026", 3))
    found = queries.totals("shanghai")
    assert found == queries.Totals(issued_t=120, held_t=98, surrendered_t=10, retired_t=5, cancelled_t=7)
    assert found.issued_t == found.held_t + found.surrendered_t + found.retired_t + found.cancelled_t
    assert queries.totals("tianjin") == queries.Totals()


def test_what_was_handed_over_is_held_no_more(desk: Desk) -> None:
    desk.allocate(desk.north, 10)
    with transaction.atomic():
        (handover,) = registry.open_accounts([registry.AccountDraft(AccountType.HANDOVER, "shanghai")], now=NOW)
    desk.post(TransferType.HAND_OVER, Leg(desk.north, handover, "SHEA-2026", 4))
    assert queries.totals("shanghai") == queries.Totals(issued_t=10, held_t=6, handed_over_t=4)


def test_given_out_counts_what_participants_and_auctions_have_had(desk: Desk) -> None:
    issuance, reserve, auction, cancelled = (
        desk.system[type_]
        for type_ in (AccountType.ISSUANCE, AccountType.RESERVE, AccountType.AUCTION, AccountType.CANCELLATION)
    )
    steps = [
        (TransferType.ALLOCATE, Leg(issuance, desk.red, "SHEA-2026", 100), 100),
        (TransferType.FILL_RESERVE, Leg(issuance, reserve, "SHEA-2026", 50), 100),
        (TransferType.RECALL, Leg(desk.red, reserve, "SHEA-2026", 30), 70),
        (TransferType.TRUE_UP, Leg(reserve, desk.north, "SHEA-2026", 20), 90),
        (TransferType.ISSUE_TO_AUCTION, Leg(issuance, auction, "SHEA-2026-OWN", 10), 100),
        (TransferType.RETURN_UNSOLD, Leg(auction, cancelled, "SHEA-2026-OWN", 4), 96),
        (TransferType.CANCEL, Leg(reserve, cancelled, "SHEA-2026", 5), 96),
        (TransferType.CANCEL, Leg(desk.red, cancelled, "SHEA-2026", 1), 96),
        (TransferType.RETIRE, Leg(desk.red, desk.system[AccountType.RETIREMENT], "SHEA-2026", 1), 96),
        (TransferType.ISSUE_CREDITS, Leg(issuance, desk.red, "SHCER-2025", 7), 96),
    ]
    for type_, leg, given_t in steps:
        desk.post(type_, leg)
        assert queries.given_out_t("SHEA", 2026) == given_t, type_
    assert queries.given_out_t("SHEA", 2025) == 0
