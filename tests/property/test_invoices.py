"""Parts add up to the whole, whatever is shared and by whatever weights (B14)."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import invoices
from tonnebook.core.invoices import Line

WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(any)


@given(st.integers(0, 10**14), WEIGHTS)
def test_parts_add_up_and_none_is_a_unit_off_its_share(total: int, weights: list[int]) -> None:
    parts = invoices.split(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    assert all(abs(part * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True))


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20), st.sampled_from(["0.06", "0.13", "0.01", "0"]))
def test_the_tax_of_the_lines_is_the_tax_of_the_sum(charged: list[int], share: str) -> None:
    made = invoices.invoice([Line("fee", 1, fen) for fen in charged], vat_share=Decimal(share))
    assert made.total_fen == sum(charged)
    if made.total_fen:
        assert made.vat_fen == sum(taxed.vat_fen or 0 for taxed in made.lines)
        # Taking the tax out and adding it again gives the sum back, to the fen.
        net_fen = made.total_fen - (made.vat_fen or 0)
        assert abs(net_fen * Decimal(share) - (made.vat_fen or 0)) <= 1
