"""What is declared is read by the kind of fact, or refused with the field it is about."""

from decimal import Decimal

import pytest

from tonnebook.core.allocation import declarations
from tonnebook.core.allocation.benchmark import Plant
from tonnebook.core.allocation.declarations import DeclarationRefusal, FactKind, Power, ProductLine, Supply
from tonnebook.core.allocation.national_power import Unit
from tonnebook.core.errors import Refused


def test_each_kind_is_read_into_what_its_formula_takes() -> None:
    told = {"supply": "MARKET", "quantity_mwh": " 10.5 "}
    assert declarations.read(FactKind.POWER, told) == Power(Supply.MARKET, Decimal("10.5"))
    plant = {"kind": "coal_usc_600", "fuel": "coal", "power": "5", "is_clean_coal": "yes"}
    assert declarations.read(FactKind.PLANT, plant) == Plant("coal_usc_600", "coal", Decimal(5), is_clean_coal=True)
    assert declarations.read(FactKind.UNIT, {"kind": "class_4", "power_mwh": "7"}) == Unit("class_4", Decimal(7))
    line = {"product": "iron", "output": "3", "emission_t": "", "facility": "F1"}
    assert declarations.read(FactKind.PRODUCT, line) == ProductLine("iron", Decimal(3), None, "F1")


@pytest.mark.parametrize(
    ("kind", "values", "code"),
    [
        (FactKind.POWER, {"quantity_mwh": "1"}, DeclarationRefusal.FACT_MISSING),
        (FactKind.POWER, {"supply": "GIFT", "quantity_mwh": "1"}, DeclarationRefusal.FACT_WRONG),
        (FactKind.POWER, {"supply": "MARKET", "quantity_mwh": "-1"}, DeclarationRefusal.FACT_WRONG),
        (FactKind.POWER, {"supply": "MARKET", "quantity_mwh": "0.0000001"}, DeclarationRefusal.FACT_WRONG),
        (FactKind.POWER, {"supply": "MARKET", "quantity_mwh": "much"}, DeclarationRefusal.FACT_WRONG),
        (FactKind.PLANT, {"kind": "x", "fuel": "wood", "power": "1"}, DeclarationRefusal.FACT_WRONG),
        (FactKind.PLANT, {"kind": "x", "fuel": "gas", "power": "1", "heat_kj": "0.5"}, DeclarationRefusal.FACT_WRONG),
        (FactKind.UNIT, {"kind": "class_1", "power_mwh": "1", "load_share": "1.000001"}, DeclarationRefusal.FACT_WRONG),
        (FactKind.UNIT, {"kind": "class_1"}, DeclarationRefusal.FACT_MISSING),
        (FactKind.PRODUCT, {"output": "1"}, DeclarationRefusal.FACT_MISSING),
    ],
)
def test_what_cannot_be_read_is_refused(kind: FactKind, values: dict[str, str], code: DeclarationRefusal) -> None:
    with pytest.raises(Refused) as refused:
        declarations.read(kind, values)
    assert refused.value.code is code


@pytest.mark.parametrize(("load_share", "is_read"), [("0.999999", True), ("1", True)])
def test_a_load_up_to_one_is_read(load_share: str, is_read: bool) -> None:
    told = {"kind": "class_1", "power_mwh": "1", "load_share": load_share}
    assert bool(declarations.read(FactKind.UNIT, told)) is is_read
