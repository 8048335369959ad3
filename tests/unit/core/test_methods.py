"""Methods of the rule book: what they compute, what they refuse, and that a version never changes another."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from tonnebook import rulebook
from tonnebook.core import methods, mrv, trace, units
from tonnebook.core.errors import Refused
from tonnebook.core.methods import Boundary, Definition, Given, Input, LineKind, MrvRefusal, Need, formula, quantities
from tonnebook.core.mrv import InputRow, MethodLine, SourceLine
from tonnebook.core.rules import Leaf, RulesAt

ORIGIN = trace.Origin("methods.test", "1", "D00", "test", "scenario")
MASS = Input("mass", "质量", "Mass", "t", Need.MEASURED)
FACTOR = Input("factor", "因子", "Factor", "tCO2/t", Need.MEASURED)


def rules(region: str = "national", year: int = 2025) -> RulesAt:
    return rulebook.at(region, on=date(year, 12, 31), year=year)


def definition(text: str, *inputs: Input, unit: str = "tCO2") -> Definition:
    return Definition(
        "test", "1", 2020, None, "测试", "Test", LineKind.PROCESS, unit, Boundary.COMBUSTION, text, inputs, ORIGIN, "x"
    )


def computed(
    method: str,
    values: Mapping[str, tuple[str, str]],
    *,
    region: str = "national",
    year: int = 2025,
    name: str = "",
    direction: str = "",
) -> trace.Traced:
    at = rules(region, year)
    chosen = methods.version_of(at.methods, method, year=year, region=region)
    given = {key: Given(Decimal(value), unit) for key, (value, unit) in values.items()}
    return methods.compute(chosen, given, at, name=name, direction=direction)


CASES = [
    ("fuel_combustion", {"fuel": ("5", "t"), "ncv": ("41.87", "GJ/t"), "oxidation": ("98", "%")}, "lpg", "", "12.94"),
    ("gas_combustion", {"fuel": ("1200000", "Nm3")}, "natural_gas", "", "2598.02"),
    ("elemental_carbon", {"fuel": ("100", "t"), "elemental_carbon": ("0.55", "tC/t"), "biomass": ("10", "%")},
     "", "", "179.69"),
    ("elemental_carbon_dry", {"fuel": ("100", "t"), "air_dry_carbon": ("0.60", "tC/t"),
                              "moisture_received": ("12", "%"), "moisture_air_dry": ("4", "%")}, "", "", "199.65"),
    ("desulphurisation", {"sorbent": ("1000", "t")}, "", "", "396.00"),
    ("carbonate", {"material": ("1000", "t"), "purity": ("95", "%"), "conversion": ("1", "share")}, "caco3", "",
     "417.72"),
    ("cement_clinker", {"clinker": ("100", "10^4t")}, "portland", "", "535000.00"),
    ("cement_substitute", {"material": ("20000", "t")}, "2", "SUBSTITUTE", "-9600.00"),
    ("aluminium_anode", {"aluminium": ("1", "t")}, "", "", "1.47"),
    ("aluminium_pfc", {"aluminium": ("1000", "t")}, "", "", "263.16"),
    ("aluminium_pfc_slope", {"aluminium": ("1000", "t"), "minutes": ("0.5", "min"), 
                             "c2f6_share": ("0.1", "tC2F6/tCF4")}, "", "", "553.41"),
    ("nitric_acid", {"acid": ("1000", "t"), "removal": ("80", "%"), "abatement_use": ("95", "%")}, "high", "",
     "884.04"),
    ("sf6_equipment", {"nameplate": ("100", "kgSF6"), "recovered": ("96", "kgSF6")}, "", "", "94.00"),
    ("steam", {"steam": ("1000", "t"), "enthalpy": ("2783.74", "kJ/kg")}, "", "", "297.00"),
    ("hot_water", {"water": ("1000", "t"), "temperature": ("70", "K")}, "", "", "23.03"),
    ("carbon_stream", {"stream": ("100", "t")}, "methanol", "PRODUCT", "-137.50"),
    ("ccus_transfer", {"moved": ("62.2", "tCO2"), "fossil_share": ("1", "")}, "", "TO_STORAGE", "-62.20"),
    ("ccus_transfer", {"moved": ("62.2", "tCO2"), "fossil_share": ("1", "")}, "", "RECEIVED", "62.20"),
    ("cems_n2o", {"hours": ("10", "h"), "flow": ("10", "10^3Nm3/h"), "concentration": ("20", "kgN2O/10^3Nm3"),
                  "biomass": ("0", "share")}, "", "", "596.00"),
    ("aviation_fuel", {"fuel": ("3500.690", "t"), "saf_share": ("0", "share")}, "jet_kerosene", "", "11027.17"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "values", "name", "direction", "expected"), CASES)
def test_methods_of_the_rule_book_give_what_their_formula_says(
    method: str, values: dict[str, tuple[str, str]], name: str, direction: str, expected: str
) -> None:
    result = computed(method, values, name=name, direction=direction)
    assert format(units.half_up(result.value, 2), "f") == expected
    assert trace.replay(trace.from_json(trace.to_json(result))) == result.value
    assert result.origin is not None
    assert result.origin.path == f"methods.{method}"


def test_the_version_of_the_year_is_taken_and_none_in_place_of_a_missing_one() -> None:
    fuel = {"cao": "0.65", "cao_other": "0.01", "mgo": "0.02", "mgo_other": "0"}
    old = computed("cement_clinker", {"clinker": ("100", "t"), **{k: (v, "share") for k, v in fuel.items()}}, year=2023)
    assert units.half_up(old.value, 4) == Decimal("52.4857")
    assert old.origin is not None
    assert old.origin.in_force_from == "2023"
    with pytest.raises(Refused, match="METHOD_NOT_OF_YEAR"):
        computed("aviation_fuel", {}, year=2015)


SAME = [
    (LineKind.COMBUSTION, "gas_combustion", "natural_gas", "10^4Nm3", "national", 2013),
    (LineKind.COMBUSTION, "fuel_combustion", "bituminous", "t", "shanghai", 2013),
    (LineKind.COMBUSTION, "fuel_combustion", "bituminous", "kg", "tianjin", 2013),
    (LineKind.PROCESS, "process_material", "steel_electrode", "t", "national", 2013),
    (LineKind.ELECTRICITY, "electricity", "grid", "MWh", "shanghai", 2013),
    (LineKind.HEAT, "heat", "steam", "MJ", "shanghai", 2013),
    (LineKind.GREEN_POWER, "green_power", "green", "10^4kWh", "shanghai", 2023),
    (LineKind.NON_FOSSIL_POWER, "non_fossil_power", "green", "MWh", "tianjin", 2025),
]
CHEMISTRY = {"mrv.carbon_to_co2.numerator", "mrv.carbon_to_co2.denominator"}


def outcome(line: SourceLine, at: RulesAt) -> tuple[object, set[str]]:
    """Give the value of a line and the parameters it rests on, or the code of its refusal."""
    try:
        result = mrv.line_emissions(line, at)
    except Refused as error:
        return error.code, set()
    return result.value, {one.path for one in trace.origins(result) if not one.path.startswith("methods.")} - CHEMISTRY


@pytest.mark.parametrize(("kind", "method", "name", "unit", "region", "first_year"), SAME)
def test_the_six_kinds_of_lines_are_methods_with_the_same_value_and_parameters(
    kind: LineKind, method: str, name: str, unit: str, region: str, first_year: int
) -> None:
    for year in range(first_year, 2031):
        at, quantity = rules(region, year), Decimal("123.456")
        by_kind = outcome(SourceLine(kind, name, quantity, unit), at)
        assert outcome(MethodLine(LineKind.METHOD, name, quantity, unit, method=method), at) == by_kind


def test_a_report_of_methods_counts_direct_power_and_green_power_as_their_definitions_say() -> None:
    lines = [
        MethodLine(LineKind.METHOD, "natural_gas", Decimal(10), "10^4Nm3", method="gas_combustion"),
        MethodLine(LineKind.METHOD, "grid", Decimal(1000), "MWh", method="electricity"),
        MethodLine(LineKind.METHOD, "green", Decimal(250), "MWh", method="green_power"),
    ]
    result = mrv.emissions(lines, rules("shanghai"))
    assert [result.purchased_mwh.whole, result.green_mwh.whole] == [1000, 250]
    assert result.indirect.whole == 315
    assert result.total.whole == result.direct.whole + 315
    with pytest.raises(Refused, match="GREEN_EXCEEDS_PURCHASED"):
        mrv.emissions([lines[2]], rules("shanghai"))


def test_a_measured_default_takes_the_place_of_the_one_of_the_rule_book() -> None:
    line = MethodLine(
        LineKind.METHOD,
        "natural_gas",
        Decimal(1),
        "10^4Nm3",
        method="gas_combustion",
        inputs=(InputRow("ncv", Decimal("350000"), "MJ/10^4Nm3"),),
    )
    assert "mrv.fuel.natural_gas.ncv" not in {one.path for one in trace.origins(mrv.line_emissions(line, rules()))}


def test_44_over_12_and_3664_are_constants_of_their_methods_and_not_the_same() -> None:
    values = {"fuel": ("12", "t"), "carbon_content": ("1", "tC/t"), "oxidation": ("1", "share")}
    british = computed("british_combustion", values)
    chinese = computed(
        "elemental_carbon",
        {"fuel": ("12", "t"), "elemental_carbon": ("1", "tC/t"), "biomass": ("0", ""), "oxidation": ("1", "")},
    )
    assert (british.value, chinese.value) == (Decimal("43.968"), Decimal(44))


def test_rows_are_added_before_they_are_rounded() -> None:
    line = MethodLine(
        LineKind.METHOD, "x", Decimal("0.4"), "t", method="process_material",
        inputs=(InputRow("factor", Decimal(1), "tCO2/t"),),
    )  # fmt: skip
    result = mrv.emissions([line] * 5, rules())
    assert result.total.whole == 2
    assert sum(units.half_up(part.value) for part in result.lines) == 0


def test_no_digit_is_lost_beyond_twenty_eight() -> None:
    values = {
        "hours": ("102345678901", "h"),
        "flow": ("102345678901.1023456789012", "10^3Nm3/h"),
        "concentration": ("0.1023456789012", "kgN2O/10^3Nm3"),
        "biomass": ("61.00001", "%"),
    }
    assert units.half_up(computed("cems_n2o", values).value, 5) == Decimal("124591752130394869679.11852")


# fmt: off
REFUSED = [
    ("fuel_combustion", {"fuel": ("1", "Nm3")}, "lpg", "", MrvRefusal.UNIT_MISMATCH),
    ("fuel_combustion", {"fuel": ("1", "t")}, "natural_gas", "", MrvRefusal.UNIT_MISMATCH),
    ("electricity", {"power": ("1", "MW")}, "", "", MrvRefusal.UNIT_MISMATCH),
    ("fuel_combustion", {"fuel": ("-1", "t")}, "lpg", "", MrvRefusal.QUANTITY_NEGATIVE),
    ("fuel_combustion", {"fuel": ("1", "t")}, "moonshine", "", MrvRefusal.FACTOR_MISSING),
    ("fuel_combustion", {}, "lpg", "", MrvRefusal.INPUT_MISSING),
    ("electricity", {"power": ("1", "MWh"), "factor": ("0", "tCO2/MWh")}, "", "", MrvRefusal.INPUT_UNKNOWN),
    ("ccus_transfer", {"moved": ("1", "tCO2"), "fossil_share": ("1", "")}, "", "", MrvRefusal.INPUT_UNKNOWN),
    ("elemental_carbon_dry", {"fuel": ("1", "t"), "air_dry_carbon": ("1", "tC/t"), "moisture_received": ("0", ""),
                              "moisture_air_dry": ("1", "")}, "", "", MrvRefusal.NOT_COMPUTABLE),
    ("alchemy", {}, "", "", MrvRefusal.NO_SUCH_METHOD),
]
# fmt: on


@pytest.mark.parametrize(("method", "values", "name", "direction", "code"), REFUSED)
def test_what_cannot_be_computed_is_refused(
    method: str, values: dict[str, tuple[str, str]], name: str, direction: str, code: MrvRefusal
) -> None:
    with pytest.raises(Refused) as caught:
        computed(method, values, name=name, direction=direction)
    assert caught.value.code is code
    assert caught.value.zh
    assert caught.value.en


def test_the_refusal_of_a_unit_lists_the_accepted_ones() -> None:
    with pytest.raises(Refused) as caught:
        computed("fuel_combustion", {"fuel": ("1", "Nm3")}, name="lpg")
    assert caught.value.facts["accepted"] == "t、kg、10^4t"


def test_a_life_cycle_factor_cannot_stand_where_consumption_is_counted() -> None:
    factor = Input(
        "factor", "因子", "Factor", "tCO2/MWh", Need.FACTOR, "mrv.footprint.electricity.average",
        boundary=Boundary.CONSUMPTION,
    )  # fmt: skip
    power = Input("power", "电量", "Power", "MWh", Need.MEASURED)
    wrong = definition("power * factor", power, factor)
    with pytest.raises(Refused, match="BOUNDARY_MIXED"):
        methods.compute(wrong, {"power": Given(Decimal(1), "MWh")}, rules(year=2024))
    told = definition(
        "mass * factor", MASS, Input("factor", "", "", "tCO2/t", Need.MEASURED, boundary=Boundary.COMBUSTION)
    )
    given = {"mass": Given(Decimal(1), "t"), "factor": Given(Decimal(1), "tCO2/t", Boundary.LIFE_CYCLE)}
    with pytest.raises(Refused, match="BOUNDARY_MIXED"):
        methods.compute(told, given, rules())


def test_a_footprint_method_cannot_be_a_line_of_a_report() -> None:
    footprint = Definition(
        "footprint", "1", 2020, None, "足迹", "Footprint", LineKind.ELECTRICITY, "tCO2", Boundary.LIFE_CYCLE,
        "mass * factor", (MASS, FACTOR), ORIGIN, "x",
    )  # fmt: skip
    at = rules()
    mixed = RulesAt(at.region, at.on, at.year, at.leaves, at.digest, {"footprint": (footprint,)})
    line = MethodLine(LineKind.METHOD, "x", Decimal(1), "t", method="footprint")
    with pytest.raises(Refused, match="BOUNDARY_MIXED"):
        mrv.emissions([line], mixed)


def test_a_factor_of_another_year_is_not_taken() -> None:
    factor = Input("factor", "因子", "Factor", "tCO2/MWh", Need.FACTOR, "mrv.footprint.electricity.average")
    power = Input("power", "电量", "Power", "MWh", Need.MEASURED)
    with pytest.raises(Refused, match="FACTOR_MISSING"):
        methods.compute(
            definition("power * factor", power, factor), {"power": Given(Decimal(1), "MWh")}, rules(year=2025)
        )


@pytest.mark.parametrize(
    ("text", "inputs", "said"),
    [
        ("mass * factor", (MASS, FACTOR), ""),
        ("mass * lost", (MASS,), "lost, which is no input"),
        ("mass * 1", (MASS, FACTOR), "factor stands in no formula"),
        ("mass + factor", (MASS, FACTOR), "a sum of t and tCO2/t"),
        ("mass / factor", (MASS, FACTOR), "gives t*t/tCO2, not tCO2"),
        ("mass ** 2", (MASS,), "only names"),
        ("__import__('os')", (MASS,), "only names"),
        ("mass.real", (MASS,), "only names"),
        ("mass *", (MASS,), "no formula"),
        ("mass * 0.5", (MASS,), "only names"),
    ],
)
def test_a_definition_whose_names_or_units_do_not_meet_is_found(
    text: str, inputs: tuple[Input, ...], said: str
) -> None:
    found = methods.problems(definition(text, *inputs))
    assert (said in found[0]) if said else found == []


def test_a_formula_is_written_with_the_brackets_it_needs() -> None:
    written = formula.in_words(formula.parse("a * (b - (c - d)) / (e * f) - (g + h)"), {"a": "A"})
    assert written == "A × (b - (c - d)) ÷ (e × f) - (g + h)"


@pytest.mark.parametrize(
    ("given", "into", "expected"),
    [
        ("10⁴Nm³", "Nm3", "10000"),
        ("万t", "t", "10000"),
        ("tce", "GJ", "29.3076"),
        ("MWh", "GJ", "3.6"),
        ("kgCO2e/kWh", "tCO2/MWh", "1"),
        ("kJ/kg", "GJ/t", "0.001"),
        ("MW", "MWh", None),
        ("tC", "tCO2", None),
        ("fathom", "t", None),
    ],
)
def test_units_are_converted_exactly_or_not_at_all(given: str, into: str, expected: str | None) -> None:
    assert quantities.factor(given, into) == (None if expected is None else Decimal(expected))


def test_a_sector_reports_by_its_own_guide_and_on_the_second_track_by_the_national_one() -> None:
    sets = rulebook.sets("shanghai")
    shipping = methods.set_of(sets, "shipping", region="shanghai")
    assert shipping is not None
    assert shipping.id == "sh_shipping"
    assert "ship_methane" in shipping.methods
    chemical = methods.set_of(rulebook.sets("tianjin"), "chemical", region="tianjin")
    assert chemical is not None
    assert (chemical.id, chemical.region) == ("chemical", "national")
    steel = methods.set_of(sets, "steel", region="shanghai")
    assert steel is not None
    assert steel.region == "national"
    assert methods.set_of(sets, "alchemy", region="shanghai") is None


def test_every_leaf_a_method_reads_knows_the_same_boundary() -> None:
    for region in ("national", "shanghai", "tianjin"):
        at = rules(region)
        for one in (version for versions in at.methods.values() for version in versions):
            for told in one.inputs:
                leaf: Leaf | None = at.leaves.get(told.path)
                assert leaf is None or not leaf.boundary or leaf.boundary == told.boundary, (one.id, told.path)
