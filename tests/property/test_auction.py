"""The auction equals brute force over single tonnes."""

from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import awards
from tonnebook.core.awards import Bid

FLOOR = 50
BIDS = st.lists(st.tuples(st.sampled_from("ABCD"), st.integers(45, 56), st.integers(1, 8)), max_size=8).flatmap(
    lambda rows: st.permutations([Bid(seq, *row) for seq, row in enumerate(rows, 1)])
)


# One entry per tonne: rank all tonnes, hand out as many as there are, the last one sets the price.
def brute_force(bids: list[Bid], quantity_t: int) -> tuple[int | None, dict[int, int]]:
    tonnes = [(-bid.price_fen_per_t, bid.seq) for bid in bids if bid.price_fen_per_t >= FLOOR]
    each = [(rank, seq) for rank, seq in tonnes for _ in range(next(b.quantity_t for b in bids if b.seq == seq))]
    sold = sorted(each)[:quantity_t]
    awards: dict[int, int] = {}
    for _, seq in sold:
        awards[seq] = awards.get(seq, 0) + 1
    return (-sold[-1][0] if sold else None), awards


@given(BIDS, st.integers(0, 40))
def test_clearing_equals_brute_force(bids: list[Bid], quantity_t: int) -> None:
    outcome = awards.clear(bids, quantity_t=quantity_t, floor_price_fen_per_t=FLOOR)
    price, given_t = brute_force(bids, quantity_t)
    assert (None if outcome.price is None else outcome.price.whole) == price
    assert {award.seq: award.quantity_t for award in outcome.awards} == given_t


@given(BIDS, st.integers(0, 40))
def test_an_auction_hands_out_no_more_than_it_offers_and_no_more_than_was_asked(
    bids: list[Bid], quantity_t: int
) -> None:
    outcome = awards.clear(bids, quantity_t=quantity_t, floor_price_fen_per_t=FLOOR)
    asked = {bid.seq: bid for bid in bids}
    assert outcome.sold_t + outcome.unsold_t == quantity_t
    assert sum(award.quantity_t for award in outcome.awards) == outcome.sold_t == min(quantity_t, outcome.demand_t)
    for award in outcome.awards:
        bid = asked[award.seq]
        assert 0 < award.quantity_t <= bid.quantity_t
        assert outcome.price is not None
        assert FLOOR <= outcome.price.whole <= bid.price_fen_per_t
