"""What was emitted: factors, units, green power, rounding, and every refusal in its order."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from tonnebook.core import mrv, trace, units
from tonnebook.core.errors import Refused
from tonnebook.core.mrv import LineKind, MrvRefusal, OutputRow, SourceLine
from tonnebook.core.rules import Dated, Leaf, RulesAt, RulesRefusal, Status

DAY = date(2026, 12, 31)
VALUES = {
    "mrv.fuel.natural_gas.ncv": ("389.31", "GJ/10^4Nm3"),
    "mrv.fuel.natural_gas.carbon_content": ("0.0153", "tC/GJ"),
    "mrv.fuel.natural_gas.oxidation": ("0.99", ""),
    "mrv.fuel.bituminous.ncv": ("23.204", "GJ/t"),
    "mrv.fuel.bituminous.carbon_content": ("0.02618", "tC/GJ"),
    "mrv.process.caco3.factor": ("0.4397", "tCO2/t"),
    "mrv.electricity.factor": ("0.42", "tCO2/MWh"),
    "mrv.heat.factor": ("0.06", "tCO2/GJ"),
    "mrv.green_power.factor": ("0", "tCO2/MWh"),
    "mrv.non_fossil_power.factor": ("0", "tCO2/MWh"),
    "mrv.carbon_to_co2.numerator": ("44", ""),
    "mrv.carbon_to_co2.denominator": ("12", ""),
    "mrv.total.rounding": ("half_up", ""),
    "words.natural_gas": ("天然气 | Natural gas", ""),
}


def rules(**changed: str) -> RulesAt:
    values = VALUES | {path.replace("__", "."): (text, "") for path, text in changed.items()}
    leaves = {path: _leaf(path, text, unit) for path, (text, unit) in values.items()}
    return RulesAt("testland", DAY, 2026, leaves, "digest")


def _leaf(path: str, text: str, unit: str) -> Leaf:
    dated = Dated(date(2021, 1, 1), None, text, "S1", "1", Status.ENACTED, None, DAY)
    return Leaf(path, unit, "参数", "parameter", (dated,))


def line(kind: LineKind, name: str, quantity: str, unit: str, **measured: str) -> SourceLine:
    values = {word: Decimal(text) for word, text in measured.items()}
    return SourceLine(kind, name, Decimal(quantity), unit, **values)


GAS = line(LineKind.COMBUSTION, "natural_gas", "120", "10^4Nm3")
POWER = line(LineKind.ELECTRICITY, "grid", "1000", "MWh")


def test_combustion_multiplies_fuel_ncv_carbon_oxidation_and_44_over_12() -> None:
    result = mrv.emissions([GAS], rules())
    exact = Decimal("120") * Decimal("389.31") * Decimal("0.0153") * Decimal("0.99") * 44 / 12
    assert result.lines[0].value == exact
    assert result.total.value == 2595
    assert (result.direct.whole, result.indirect.whole) == (2595, 0)
    assert result.direct_share.value == 1


def test_measured_values_replace_defaults() -> None:
    measured = line(LineKind.COMBUSTION, "bituminous", "100", "t", ncv="26", carbon_content="0.0271", oxidation="0.85")
    result = mrv.emissions([measured], rules())
    carbon = Decimal("100") * 26 * Decimal("0.0271") * Decimal("0.85")
    assert units.half_up(result.lines[0].value, 20) == units.half_up(units.EXACT.divide(carbon * 44, Decimal(12)), 20)
    assert "mrv.fuel.bituminous.ncv" not in {origin.path for origin in trace.origins(result.total)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (line(LineKind.PROCESS, "caco3", "1000", "t"), "439.7"),
        (line(LineKind.PROCESS, "caco3", "1000", "kg"), "0.4397"),
        (POWER, "420"),
        (line(LineKind.ELECTRICITY, "grid", "1000", "kWh"), "0.42"),
        (line(LineKind.ELECTRICITY, "grid", "100", "10^4kWh"), "420"),
        (line(LineKind.HEAT, "steam", "500", "GJ"), "30"),
        (line(LineKind.HEAT, "steam", "500", "MJ"), "0.03"),
        (line(LineKind.COMBUSTION, "natural_gas", "1200000", "Nm³"), "2594.6265708"),
        (line(LineKind.COMBUSTION, "natural_gas", "120", "10⁴Nm³"), "2594.6265708"),
    ],
)
def test_line_converts_its_unit_exactly(source: SourceLine, expected: str) -> None:
    assert mrv.line_emissions(source, rules()).value == Decimal(expected)


def test_green_power_is_shown_and_netted_with_its_own_factor() -> None:
    green = line(LineKind.GREEN_POWER, "green", "300000", "kWh")
    other = line(LineKind.NON_FOSSIL_POWER, "direct", "100", "MWh")
    result = mrv.emissions([POWER, green, other], rules())
    assert [part.value for part in result.lines] == [Decimal(420), Decimal(-126), Decimal(-42)]
    assert (result.total.whole, result.indirect.whole, result.direct.whole) == (252, 252, 0)
    assert (result.purchased_mwh.whole, result.green_mwh.whole, result.non_fossil_mwh.whole) == (1000, 300, 100)


def test_green_power_with_a_factor_of_its_own_keeps_that_part() -> None:
    green = line(LineKind.GREEN_POWER, "green", "1000", "MWh")
    assert mrv.emissions([POWER, green], rules(mrv__green_power__factor="0.1")).total.whole == 100


def test_total_is_rounded_once_and_not_line_by_line() -> None:
    halves = [line(LineKind.PROCESS, "caco3", "1", "t") for _ in range(3)]
    assert mrv.emissions(halves, rules()).total.whole == 1


@pytest.mark.parametrize(("function", "tonnes"), [("half_up", 440), ("floor", 439), ("ceil", 440)])
def test_total_is_rounded_by_the_function_the_rule_names(function: str, tonnes: int) -> None:
    source = line(LineKind.PROCESS, "caco3", "1000", "t")
    assert mrv.emissions([source], rules(mrv__total__rounding=function)).total.whole == tonnes


def test_unknown_rounding_function_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        mrv.emissions([GAS], rules(mrv__total__rounding="to_taste"))
    assert refused.value.code is RulesRefusal.WRONG_KIND


def test_every_number_is_reached_again_from_the_leaves_of_its_trace() -> None:
    result = mrv.emissions([GAS, POWER, line(LineKind.GREEN_POWER, "green", "10", "MWh")], rules())
    for number in (result.total, result.direct, result.indirect, result.direct_share, *result.lines):
        assert trace.replay(trace.from_json(trace.to_json(number))) == number.value
    assert "mrv.fuel.natural_gas.ncv" in {origin.path for origin in trace.origins(result.total)}
    assert (result.lines[0].zh, result.lines[0].en) == ("天然气：燃烧排放", "Natural gas: combustion")


def test_direct_share_of_nothing_is_zero() -> None:
    nothing = line(LineKind.ELECTRICITY, "grid", "0", "MWh")
    assert mrv.emissions([nothing], rules()).direct_share.value == 0


def test_intensity_divides_by_one_product_and_refuses_none() -> None:
    total = mrv.emissions([POWER], rules()).total
    assert mrv.intensity(total, OutputRow("steel", Decimal(84), "t")).value == 5
    with pytest.raises(Refused) as refused:
        mrv.intensity(total, OutputRow("steel", Decimal(0), "t"))
    assert refused.value.code is MrvRefusal.QUANTITY_NEGATIVE


NEGATIVE = line(LineKind.PROCESS, "caco3", "-1", "t")
NEGATIVE_MEASURED = line(LineKind.COMBUSTION, "natural_gas", "1", "10^4Nm3", ncv="-1")
MISMATCH = line(LineKind.COMBUSTION, "natural_gas", "1", "t")
MISSING = line(LineKind.COMBUSTION, "bituminous", "1", "t")
UNKNOWN = line(LineKind.PROCESS, "no_such_process", "1", "t")
GREEN = line(LineKind.GREEN_POWER, "green", "1", "MWh")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], MrvRefusal.NO_LINES),
        ([NEGATIVE], MrvRefusal.QUANTITY_NEGATIVE),
        ([NEGATIVE_MEASURED], MrvRefusal.QUANTITY_NEGATIVE),
        ([MISMATCH], MrvRefusal.UNIT_MISMATCH),
        ([MISSING], MrvRefusal.FACTOR_MISSING),
        ([UNKNOWN], MrvRefusal.FACTOR_MISSING),
        ([GREEN], MrvRefusal.GREEN_EXCEEDS_PURCHASED),
        # All at once, in the worst order: the first of the enum wins.
        ([GREEN, MISSING, MISMATCH, NEGATIVE], MrvRefusal.QUANTITY_NEGATIVE),
        ([GREEN, MISSING, MISMATCH], MrvRefusal.UNIT_MISMATCH),
        ([GREEN, MISSING], MrvRefusal.FACTOR_MISSING),
    ],
)
def test_report_is_refused_by_the_first_code_of_the_order(lines: Sequence[SourceLine], code: MrvRefusal) -> None:
    with pytest.raises(Refused) as refused:
        mrv.emissions(lines, rules())
    assert refused.value.code is code
    assert refused.value.zh
    assert refused.value.en
