"""One-way auctions: price before time, against everything that could have been sold; limits at their edges."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from tonnebook import rulebook
from tonnebook.core import one_way, periods
from tonnebook.core.book import Band
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.one_way import OneWayTerms, Pricing, Sale, SaleBid, SaleRefusal, SaleState, Window

TERMS = one_way.terms(rulebook.at("national", on=date(2026, 3, 2)))
UNIFORM, AS_BID = Pricing.UNIFORM_LOWEST_ACCEPTED, Pricing.PAY_AS_BID
OPENS = periods.instant(date(2026, 3, 2), time(10))
CLOSES = periods.instant(date(2026, 3, 2), time(11))


def refusal(act: Callable[[], object]) -> Refusal | None:
    try:
        act()
    except Refused as refused:
        return refused.code
    return None


@pytest.mark.parametrize("pricing", list(Pricing))
def test_every_small_case_gives_each_tonne_to_the_best_and_earliest_claim(pricing: Pricing) -> None:
    for prices in itertools.product((70, 71, 72), repeat=3):
        for sizes in itertools.product((1, 2, 3), repeat=3):
            for offered_t in (1, 3, 5, 9):
                bids = [SaleBid(seq, *one) for seq, one in enumerate(zip(prices, sizes, strict=True), 1)]
                # Tonne by tonne: whoever has the best claim takes the next one.
                claims = sorted((-bid.price_fen_per_t, bid.seq) for bid in bids for _ in range(bid.quantity_t))
                taken = [seq for _, seq in claims[:offered_t]]
                lowest = -claims[:offered_t][-1][0]
                wanted = {
                    bid.seq: (lowest if pricing is UNIFORM else bid.price_fen_per_t, taken.count(bid.seq))
                    for bid in bids
                    if bid.seq in taken
                }
                sold = one_way.clear(bids[::-1], offered_t=offered_t, pricing=pricing)
                assert {one.seq: (one.price_fen_per_t, one.quantity_t) for one in sold} == wanted


def test_nobody_who_bids_gets_nothing_and_pays_nothing() -> None:
    assert one_way.clear([], offered_t=10, pricing=UNIFORM) == ()


@pytest.mark.parametrize(("drop", "low"), [("0", 7363), ("0.10", 6627)])
def test_limits_follow_the_close_and_the_floor_the_seller_chose(drop: str, low: int) -> None:
    assert one_way.limits(7363, TERMS, floor_drop=Decimal(drop)) == Band(low, 8099)


@pytest.mark.parametrize(
    ("price", "quantity_t", "code"),
    [
        (6999, 1, SaleRefusal.BID_OUTSIDE_LIMITS),
        (7000, 1, None),
        (7001, 1, None),
        (7699, 1, None),
        (7700, 1, None),
        (7701, 1, SaleRefusal.BID_OUTSIDE_LIMITS),
        (7000, 99, None),
        (7000, 100, None),
        (7000, 101, SaleRefusal.MORE_THAN_SOLD),
    ],
)
def test_a_bid_keeps_to_its_limits(price: int, quantity_t: int, code: SaleRefusal | None) -> None:
    band = one_way.limits(7000, TERMS, floor_drop=Decimal(0))
    told = {"price_fen_per_t": price, "quantity_t": quantity_t, "offered_t": 100}
    assert refusal(lambda: one_way.check_bid(band, **told)) is code


@pytest.mark.parametrize(
    ("quantity_t", "drop", "pricing", "code"),
    [
        (99_999, "0", UNIFORM, SaleRefusal.QUANTITY_BELOW_SALE_MIN),
        (100_000, "0", UNIFORM, None),
        (100_001, "0.10", AS_BID, None),
        (100_000, "0.09", UNIFORM, SaleRefusal.FLOOR_NOT_OFFERED),
        (100_000, "0.11", UNIFORM, SaleRefusal.FLOOR_NOT_OFFERED),
    ],
)
def test_an_offer_is_one_the_rule_names(quantity_t: int, drop: str, pricing: Pricing, code: SaleRefusal | None) -> None:
    told = {"floor_drop": Decimal(drop), "pricing": pricing}
    assert refusal(lambda: one_way.check_offer(TERMS, quantity_t=quantity_t, **told)) is code  # type: ignore[arg-type]


def test_a_way_to_set_the_price_that_the_rule_does_not_name_is_refused() -> None:
    terms: OneWayTerms = replace(TERMS, pricings=(AS_BID,))
    told = {"quantity_t": 100_000, "floor_drop": Decimal(0), "pricing": UNIFORM}
    assert refusal(lambda: one_way.check_offer(terms, **told)) is SaleRefusal.PRICING_NOT_OFFERED  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_bids_are_taken_from_the_opening_and_before_the_closing_instant(seconds: int) -> None:
    sale = Sale("S", SaleState.ANNOUNCED, Window(OPENS, CLOSES))
    near_opening, near_closing = (at + timedelta(seconds=seconds) for at in (OPENS, CLOSES))
    assert refusal(lambda: sale.check_open(near_opening)) is (SaleRefusal.SALE_NOT_OPEN if seconds < 0 else None)
    assert refusal(lambda: sale.check_open(near_closing)) is (None if seconds < 0 else SaleRefusal.SALE_NOT_OPEN)
    assert refusal(lambda: sale.check_over(near_closing)) is (SaleRefusal.SALE_STILL_OPEN if seconds < 0 else None)
    late = SaleRefusal.SALE_HAS_OPENED
    assert refusal(lambda: sale.check_withdrawal(near_opening)) is (None if seconds < 0 else late)


@pytest.mark.parametrize("state", [state for state in SaleState if state is not SaleState.ANNOUNCED])
def test_only_what_is_announced_takes_bids_and_is_cleared(state: SaleState) -> None:
    sale = Sale("S", state)
    assert refusal(lambda: sale.check_open(OPENS)) is SaleRefusal.SALE_DECIDED
    assert refusal(lambda: sale.check_over(CLOSES)) is SaleRefusal.SALE_DECIDED
    gone = None if state is SaleState.OFFERED else SaleRefusal.SALE_DECIDED
    assert refusal(lambda: sale.check_withdrawal(OPENS)) is gone


def test_an_announced_auction_without_a_window_is_a_fault() -> None:
    with pytest.raises(ValueError, match="window"):
        Sale("S", SaleState.ANNOUNCED).check_open(OPENS)


@pytest.mark.parametrize(
    ("opens", "closes", "is_fit"),
    [
        (datetime(2026, 3, 2, 2, 0, tzinfo=UTC), datetime(2026, 3, 2, 7, 0, tzinfo=UTC), True),
        (datetime(2026, 3, 2, 2, 0, tzinfo=UTC), datetime(2026, 3, 2, 7, 1, tzinfo=UTC), False),
        (datetime(2026, 3, 2, 2, 0, tzinfo=UTC), datetime(2026, 3, 2, 2, 0, tzinfo=UTC), False),
        (datetime(2026, 3, 2, 0, 59, tzinfo=UTC), datetime(2026, 3, 2, 7, 0, tzinfo=UTC), False),
        (datetime(2026, 3, 2, 2, 0, tzinfo=UTC), datetime(2026, 3, 3, 2, 0, tzinfo=UTC), False),
        (datetime(2026, 3, 7, 2, 0, tzinfo=UTC), datetime(2026, 3, 7, 3, 0, tzinfo=UTC), False),
    ],
)
def test_a_window_lies_ahead_within_one_trading_day(opens: datetime, closes: datetime, is_fit: bool) -> None:
    now, calendar = datetime(2026, 3, 2, 1, 0, tzinfo=UTC), rulebook.calendar("national")
    found = refusal(lambda: one_way.check_window(Window(opens, closes), TERMS, calendar, now=now))
    assert found is (None if is_fit else SaleRefusal.WINDOW_OUTSIDE_DAY)
