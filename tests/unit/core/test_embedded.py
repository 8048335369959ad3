"""From facility to product: shares by quantity, figures that add up, nothing where quantities cannot be compared."""

from decimal import Decimal

from tonnebook.core import trace
from tonnebook.core.footprints import embedded as embedding
from tonnebook.core.mrv import OutputRow
from tonnebook.core.trace import Traced


def amount(value: int, unit: str = "tCO2") -> Traced:
    return trace.given(value, unit, zh="量", en="amount")


def test_two_products_of_one_unit_share_emissions_and_allowances_by_quantity() -> None:
    outputs = [
        OutputRow("slab", Decimal(300), "t"),
        OutputRow("bar", Decimal(100), "t"),
        OutputRow("none", Decimal(0), "t"),
    ]
    slab, bar = embedding.embedded(outputs, direct=amount(800), indirect=amount(200), free=amount(900, "t"))
    assert (slab.direct.value, slab.indirect.value) == (Decimal(600), Decimal(150))
    assert slab.direct.value + bar.direct.value == 800
    assert (slab.specific_direct.value, slab.specific_indirect.value) == (Decimal("2.0000"), Decimal("0.5000"))
    assert slab.intensity.value == bar.intensity.value == Decimal("2.5")
    assert slab.specific_free is not None
    assert slab.specific_free.value == Decimal("2.2500")
    assert trace.replay(slab.specific_free) == slab.specific_free.value


def test_products_of_different_units_are_not_compared() -> None:
    outputs = [OutputRow("slab", Decimal(300), "t"), OutputRow("power", Decimal(100), "MWh")]
    assert embedding.embedded(outputs, direct=amount(800), indirect=amount(200), free=None) == ()
    assert embedding.embedded([], direct=amount(800), indirect=amount(200), free=None) == ()
    (only,) = embedding.embedded(outputs[:1], direct=amount(600), indirect=amount(0), free=None)
    assert (only.share.value, only.specific_free) == (Decimal(1), None)


def test_lines_add_up_by_facility() -> None:
    lines = [("F-1", True, amount(5)), ("F-2", True, amount(7)), ("F-1", False, amount(3)), ("F-1", True, amount(1))]
    found = embedding.by_facility(lines)
    assert {place: (own.value, bought.value) for place, (own, bought) in found.items()} == {
        "F-1": (Decimal(6), Decimal(3)),
        "F-2": (Decimal(7), Decimal(0)),
    }
