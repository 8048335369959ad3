"""Agreement transfers: size, price, hours, and who may answer a proposal."""

from dataclasses import replace
from datetime import date, time
from decimal import Decimal

import pytest

from tonnebook import rulebook
from tonnebook.core import book, deals, periods, sessions
from tonnebook.core.book import Band, Conditions, MarketRefusal, Side, Ticket
from tonnebook.core.deals import BlockTerms, DealRefusal, DealState, Proposal
from tonnebook.core.errors import Refusal, Refused

LISTED = book.Terms(
    price_limit_share=Decimal("0.10"),
    tick_fen=1,
    lot_t=1,
    listed_max_t=100_000,
    fee_share=Decimal("0.0008"),
    sessions=sessions.read(("09:30-11:30",)),
    same_day_resale=True,
)
TERMS = BlockTerms(LISTED, 100_000, Decimal("0.30"), 500_000, sessions.read(("14:00-15:00",)))
CONDITIONS = Conditions(
    day=date(2026, 3, 2),
    is_day_closed=False,
    is_open=True,
    opens_at=periods.instant(date(2026, 3, 3), time(14)),
    is_halted=False,
    previous_close_fen_per_t=8000,
    tradable=frozenset(),
    sellable_t=None,
)
PROPOSAL = Proposal("SHEA-D-000001-00", DealState.PROPOSED, "NORTH", "RED")


def refusal(price_fen_per_t: int, quantity_t: int, terms: BlockTerms = TERMS) -> Refusal | None:
    ticket = Ticket("SHEA", Side.BUY, price_fen_per_t, quantity_t, "", 0)
    ticket = replace(ticket, shown_total_fen=book.total_fen(ticket, LISTED).whole)
    try:
        deals.check_deal(ticket, terms, CONDITIONS)
    except Refused as refused:
        return refused.code
    return None


@pytest.mark.parametrize(
    ("price_fen_per_t", "quantity_t", "code"),
    [
        (8000, 99_999, DealRefusal.QUANTITY_BELOW_BLOCK_MIN),
        (8000, 100_000, None),
        (5600, 100_000, None),
        (5599, 100_000, MarketRefusal.PRICE_OUTSIDE_BAND),
        (10_400, 499_999, None),
        (10_401, 499_999, MarketRefusal.PRICE_OUTSIDE_BAND),
        (10_401, 500_000, None),
        (1, 500_000, None),
    ],
)
def test_size_and_price_of_a_deal_are_checked_at_their_boundaries(
    price_fen_per_t: int, quantity_t: int, code: Refusal | None
) -> None:
    assert refusal(price_fen_per_t, quantity_t) is code


def test_a_region_without_free_prices_limits_the_largest_deal_too() -> None:
    assert refusal(10_401, 5_000_000, replace(TERMS, free_from_t=None)) is MarketRefusal.PRICE_OUTSIDE_BAND


def test_the_band_is_told_unless_the_price_is_free() -> None:
    assert deals.band(8000, TERMS, quantity_t=499_999) == Band(5600, 10_400)
    assert deals.band(8000, TERMS, quantity_t=500_000) is None


def test_each_region_has_its_own_size_and_hours() -> None:
    on = date(2026, 3, 2)
    shanghai, tianjin, national = (deals.terms(rulebook.at(one, on=on)) for one in ("shanghai", "tianjin", "national"))
    assert (shanghai.min_t, tianjin.min_t, national.min_t) == (100_000, 200_000, 100_000)
    assert (shanghai.free_from_t, tianjin.free_from_t, national.free_from_t) == (500_000, None, None)
    assert national.sessions == sessions.read(("13:00-15:00",))
    assert tianjin.sessions == tianjin.listed.sessions


def test_a_proposal_is_answered_by_whom_it_is_addressed_to() -> None:
    deals.check_answer(PROPOSAL, "RED", is_one_group=False)
    deals.check_answer(replace(PROPOSAL, counterparty=""), "EAST", is_one_group=False)


@pytest.mark.parametrize(
    ("organisation", "state", "is_one_group", "code"),
    [
        # Worst first: each row breaks one rule more than the one below it.
        ("EAST", DealState.DECLINED, True, DealRefusal.NO_SUCH_DEAL),
        ("RED", DealState.DECLINED, True, DealRefusal.DEAL_DECIDED),
        ("RED", DealState.PROPOSED, True, DealRefusal.OWN_GROUP),
    ],
)
def test_other_answers_are_refused_in_order(
    organisation: str, state: DealState, is_one_group: bool, code: DealRefusal
) -> None:
    with pytest.raises(Refused) as caught:
        deals.check_answer(replace(PROPOSAL, state=state), organisation, is_one_group=is_one_group)
    assert caught.value.code is code
    assert caught.value.zh
    assert caught.value.en


def test_the_other_party_has_the_other_side() -> None:
    assert [deals.opposite(side) for side in (Side.BUY, Side.SELL)] == [Side.SELL, Side.BUY]
