"""What closing a shortfall would cost."""

from decimal import Decimal

from tonnebook.core import shortfall, trace
from tonnebook.core.shortfall import Offered, Way

LEVELS = (Offered(7500, 60), Offered(7600, 100))
FEE = Decimal("0.0008")


def cost_fen(wanted_t: int, *, close_fen_per_t: int = 7400, levels: tuple[Offered, ...] = LEVELS) -> int:
    choice = shortfall.by_purchase(
        Way.MARKET, "SHEA", levels, wanted_t=wanted_t, close_fen_per_t=close_fen_per_t, fee_share=FEE
    )
    assert choice.covered_t == wanted_t
    assert trace.replay(choice.cost) == choice.cost.value
    return choice.cost.whole


def test_buying_goes_up_level_by_level_with_the_fee() -> None:
    assert cost_fen(60) == 60 * 7500 + 360
    assert cost_fen(100) == 60 * 7500 + 40 * 7600 + 603  # 754,000 × 0.0008 = 603.2


def test_what_the_book_does_not_hold_is_reckoned_at_the_dearer_of_last_level_and_close() -> None:
    assert cost_fen(200) == 60 * 7500 + 140 * 7600 + 1_211  # 1,514,000 × 0.0008 = 1,211.2
    assert cost_fen(200, close_fen_per_t=8000) == 60 * 7500 + 100 * 7600 + 40 * 8000 + 1_224
    assert cost_fen(10, levels=()) == 74_000 + 59


def test_an_auction_covers_no_more_than_it_offers() -> None:
    floor = trace.given(8000, "fen/t", zh="底价", en="floor price")
    most = shortfall.by_auction("A-1", floor, wanted_t=500, offered_t=300)
    assert (most.covered_t, most.cost.whole, most.subject) == (300, 2_400_000, "A-1")
    assert shortfall.by_auction("A-1", floor, wanted_t=100, offered_t=300).covered_t == 100


def test_a_fine_covers_nothing_and_has_two_ends() -> None:
    low, high = (trace.given(fen, "fen", zh="罚款", en="fine") for fen in (5, 9))
    fine = shortfall.by_fine(low, high)
    assert (fine.covered_t, fine.cost, fine.most) == (0, low, high)
