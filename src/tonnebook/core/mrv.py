"""What was emitted: from measured quantities to whole tonnes, every step traced.

A report is a list of source lines (fuel burnt, material decomposed, power and heat bought, green power among it). A
line of one of six kinds is computed by the formula here; a line that names a method, by the definition that the rule
book holds for the year. Each line becomes one `trace.Traced` number that names its factors by their path in the rule
book; the lines add up and the sum is rounded once, by the function the rule `mrv.total.rounding` names. Nothing is
guessed: a unit that does not fit its factor and a factor without a value in force are refused.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tonnebook.core import errors, trace, units
from tonnebook.core.errors import Refused
from tonnebook.core.methods import Calculator, Given, definition
from tonnebook.core.methods.definition import Boundary, Definition
from tonnebook.core.methods.definition import LineKind as LineKind
from tonnebook.core.methods.refusals import MrvRefusal as MrvRefusal
from tonnebook.core.rules import RulesAt, RulesRefusal

# Kinds whose carbon dioxide leaves the entity's own site; the others are indirect.
DIRECT = frozenset({LineKind.COMBUSTION, LineKind.PROCESS})


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of activity data.

    Attributes:
        kind: what is reported.
        name: fuel or process code of the rule book ("natural_gas", "caco3"); for power and heat a free code.
        quantity: how much, in `unit`, >= 0. For ELECTRICITY all purchased power, green and non-fossil power included.
        unit: one of the units `CONVERSIONS` accepts for the factor.
        ncv: measured net calorific value in the unit of the default (GJ/t or GJ/10^4Nm3); None takes the default.
        carbon_content: measured carbon per heat, tC/GJ; None takes the default.
        oxidation: oxidised share, 0 to 1; None takes the default.
    """

    kind: LineKind
    name: str
    quantity: Decimal
    unit: str
    ncv: Decimal | None = None
    carbon_content: Decimal | None = None
    oxidation: Decimal | None = None


@dataclass(frozen=True, slots=True)
class InputRow:
    """One more value of a line computed by a method: its name in the formula, number and unit."""

    input: str
    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class MethodLine(SourceLine):
    """One line of activity data computed by a method of the rule book; its kind is METHOD.

    The quantity of the line is the first input that the method has measured.

    Attributes:
        method: id of the method; its version follows from the year reported on.
        inputs: the other values the method asks for, and defaults that were measured.
        direction: where to or from, for a method that has directions; empty otherwise.
    """

    method: str = ""
    inputs: tuple[InputRow, ...] = ()
    direction: str = ""


@dataclass(frozen=True, slots=True)
class OutputRow:
    """How much of a product was made, for intensities and benchmarks; `quantity` in `unit`, >= 0."""

    product: str
    quantity: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class EmissionResult:
    """Emissions of one report.

    Attributes:
        total: whole tCO2, rounded once.
        direct: whole tCO2 of own combustion and processes, rounded by the same function.
        indirect: whole tCO2 of purchased power and heat: total less direct, so that the two add up.
        direct_share: direct over total as an exact fraction; 0 where the total is 0.
        lines: unrounded tCO2 per source line, in the order given; green power is a negative line.
        purchased_mwh: all purchased power.
        green_mwh: green power in it.
        non_fossil_mwh: other non-fossil power in it that does not count.
    """

    total: trace.Traced
    direct: trace.Traced
    indirect: trace.Traced
    direct_share: trace.Traced
    lines: tuple[trace.Traced, ...]
    purchased_mwh: trace.Traced
    green_mwh: trace.Traced
    non_fossil_mwh: trace.Traced


# Exact conversions into the unit below the stroke of a factor. Closed: whatever is not here is a mismatch.
CONVERSIONS: dict[str, dict[str, Decimal]] = {
    "t": {"t": Decimal(1), "kg": Decimal("0.001"), "10^4t": Decimal(10_000)},
    "10^4Nm3": {"10^4Nm3": Decimal(1), "Nm3": Decimal("0.0001")},
    "MWh": {"MWh": Decimal(1), "kWh": Decimal("0.001"), "10^4kWh": Decimal(10)},
    "GJ": {"GJ": Decimal(1), "MJ": Decimal("0.001"), "TJ": Decimal(1000)},
}

_POWER_FACTORS = {
    LineKind.GREEN_POWER: "mrv.green_power.factor",
    LineKind.NON_FOSSIL_POWER: "mrv.non_fossil_power.factor",
}
_WORDS = {
    LineKind.COMBUSTION: ("燃烧排放", "combustion"),
    LineKind.PROCESS: ("过程排放", "process"),
    LineKind.ELECTRICITY: ("外购电力排放", "purchased electricity"),
    LineKind.HEAT: ("外购热力排放", "purchased heat"),
    LineKind.GREEN_POWER: ("绿色电力扣减", "green power taken out"),
    LineKind.NON_FOSSIL_POWER: ("非化石电力扣减", "non-fossil power taken out"),
}


def emissions(lines: Sequence[SourceLine], rules: RulesAt) -> EmissionResult:
    """Compute what a report's lines emitted, in whole tonnes of CO2.

    Args:
        lines: activity data of one entity and year, at least one.
        rules: the rules of the region for the year reported on.

    Returns:
        Total, direct and indirect tonnes, each line, and the power bought; every number with its trace.

    Raises:
        Refused: NO_LINES, QUANTITY_NEGATIVE, UNIT_MISMATCH, FACTOR_MISSING or GREEN_EXCEEDS_PURCHASED when a line
            is not computable; over all lines the first in this order.

    Source: S57, formulas of combustion, process, power and heat; S28 for green power; rounding by `mrv.total.rounding`.
    """
    traced = _each_line(lines, rules)
    kinds = [kind_of(line, rules) for line in lines]
    power = {kind: _power(lines, kinds, kind) for kind in (LineKind.ELECTRICITY, *_POWER_FACTORS)}
    _check_green(power)
    rounding = _rounding(rules)
    direct_lines = [part for kind, part in zip(kinds, traced, strict=True) if kind in DIRECT]
    total = rounding(
        trace.total(traced, "tCO2", zh="各排放源合计", en="Sum of all sources"), "排放总量", "Total emissions"
    )
    direct = rounding(
        trace.total(direct_lines, "tCO2", zh="直接排放源合计", en="Sum of direct sources"),
        "直接排放量",
        "Direct emissions",
    )
    return EmissionResult(
        total=total,
        direct=direct,
        indirect=trace.difference(total, direct, "tCO2", zh="间接排放量", en="Indirect emissions"),
        direct_share=share(direct, total),
        lines=traced,
        purchased_mwh=power[LineKind.ELECTRICITY],
        green_mwh=power[LineKind.GREEN_POWER],
        non_fossil_mwh=power[LineKind.NON_FOSSIL_POWER],
    )


def kind_of(line: SourceLine, rules: RulesAt) -> LineKind:
    """Say what a line counts as: its own kind, or that of the method it is computed by.

    Raises:
        Refused: NO_SUCH_METHOD or METHOD_NOT_OF_YEAR.
    """
    return definition_of(line, rules).kind if isinstance(line, MethodLine) else line.kind


def definition_of(line: MethodLine, rules: RulesAt) -> Definition:
    """Give the version of its method that applies to the year reported on.

    Raises:
        Refused: NO_SUCH_METHOD or METHOD_NOT_OF_YEAR.
    """
    year = rules.year or rules.on.year
    return definition.version_of(rules.methods, line.method, year=year, region=rules.region)


def line_emissions(line: SourceLine, rules: RulesAt, calculator: Calculator | None = None) -> trace.Traced:
    """Compute one source line.

    Args:
        line: activity data.
        rules: the rules of the region for the year reported on.
        calculator: of these rules, where several lines share what it looked up.

    Returns:
        Unrounded tCO2; negative for green and non-fossil power, which take their share out of purchased power.

    Raises:
        Refused: QUANTITY_NEGATIVE, UNIT_MISMATCH or FACTOR_MISSING; for a method also what `methods.Calculator` and
            `definition_of` refuse, and BOUNDARY_MIXED when it counts a whole life cycle.

    Source: S57, formulas of combustion, carbonates, purchased power and heat; for a method, what its definition names.
    """
    if isinstance(line, MethodLine):
        return _by_method(line, rules, calculator or Calculator(rules))
    for value in (line.quantity, line.ncv, line.carbon_content, line.oxidation):
        if value is not None and value < 0:
            raise Refused(MrvRefusal.QUANTITY_NEGATIVE, name=line.name, value=format(value, "f"))
    if line.kind is LineKind.COMBUSTION:
        return _combustion(line, rules)
    if line.kind in _POWER_FACTORS:
        return _power_taken_out(line, rules)
    path = {
        LineKind.PROCESS: f"mrv.process.{line.name}.factor",
        LineKind.ELECTRICITY: "mrv.electricity.factor",
        LineKind.HEAT: "mrv.heat.factor",
    }[line.kind]
    factor = _factor(rules, path, line)
    zh, en = _label(line, rules)
    return trace.product((_activity(line, factor.unit), factor), "tCO2", zh=zh, en=en)


def combustion(
    quantity: trace.Traced,
    factors: Sequence[trace.Traced],
    ratio: tuple[trace.Traced, trace.Traced],
    *,
    zh: str,
    en: str,
) -> trace.Traced:
    """Compute fossil fuel combustion on the heat basis: FC × NCV × CC × OF × 44/12.

    Args:
        quantity: fuel burnt, t or 10^4Nm3.
        factors: net calorific value (GJ per unit of fuel), carbon content (tC/GJ), oxidised share.
        ratio: molar masses of CO2 and C, 44 and 12; divided last, so that nothing is lost before the end.
        zh: what is burnt, in Chinese.
        en: the same in English.

    Returns:
        Unrounded tCO2.

    Source: S57, formula of combustion.
    """
    carbon = trace.product((quantity, *factors, ratio[0]), "tC", zh="含碳量 × 44", en="Carbon × 44")
    return trace.quotient(carbon, ratio[1], "tCO2", zh=zh, en=en)


def line_of(stored: Mapping[str, object]) -> SourceLine:
    """Read a source line back from the plain values a report keeps, so that it can be computed again.

    Args:
        stored: what `canonical.plain` made of a `SourceLine` or `MethodLine`.

    Returns:
        The same line.

    Source: design choice, no legal source.
    """
    kind, name, unit = LineKind(str(stored["kind"])), str(stored["name"]), str(stored["unit"])
    quantity, *measured = (
        None if (value := stored.get(field)) is None else units.decimal_of(str(value))
        for field in ("quantity", "ncv", "carbon_content", "oxidation")
    )
    if kind is not LineKind.METHOD:
        return SourceLine(kind, name, quantity or Decimal(0), unit, *measured)
    rows = stored.get("inputs")
    inputs = tuple(
        InputRow(str(row["input"]), units.decimal_of(str(row["value"])), str(row["unit"]))
        for row in (rows if isinstance(rows, list) else [])
    )
    direction = str(stored.get("direction", ""))
    method = str(stored["method"])
    return MethodLine(kind, name, quantity or Decimal(0), unit, method=method, inputs=inputs, direction=direction)


def share(part: trace.Traced, total: trace.Traced) -> trace.Traced:
    """Divide the direct part by the total; 0 where the total is 0.

    Source: design choice, no legal source.
    """
    zh, en = "直接排放占比", "Direct share"
    if total.value == 0:
        return trace.given(0, "", zh=f"{zh}（总量为零）", en=f"{en} (total is zero)")
    return trace.quotient(part, total, "", zh=zh, en=en)


def of_facilities(total: trace.Traced, facilities: Sequence[str], chosen: Collection[str]) -> trace.Traced:
    """Add up what the lines of some facilities emitted, out of the total of a report.

    Args:
        total: total of the report, as `emissions` traced it.
        facilities: facility of each source line, in the order of the lines.
        chosen: numbers of the facilities that are meant.

    Returns:
        Whole tonnes, rounded down, so that no more is left out than was counted.

    Source: S02 item 5 (facilities added in the year); rounding: design choice.
    """
    lines = total.inputs[0].inputs
    parts = [line for facility, line in zip(facilities, lines, strict=True) if facility in chosen]
    exact = trace.total(parts, "tCO2", zh="当年新增设施排放合计", en="Sum of facilities added in the year")
    return trace.floor(exact, zh="当年新增设施排放量（舍去小数）", en="Emission of facilities added, rounded down")


def intensity(total: trace.Traced, output: OutputRow) -> trace.Traced:
    """Divide emissions by the output of one product.

    Args:
        total: tCO2.
        output: product and quantity, > 0.

    Returns:
        tCO2 per unit of the product, unrounded.

    Raises:
        Refused: QUANTITY_NEGATIVE when the output is zero or negative.

    Source: S17, historical intensity method (structure recalled).
    """
    if output.quantity <= 0:
        raise Refused(MrvRefusal.QUANTITY_NEGATIVE, name=output.product, value=format(output.quantity, "f"))
    made = trace.given(output.quantity, output.unit, zh=f"产量：{output.product}", en=f"Output: {output.product}")
    return trace.quotient(total, made, f"tCO2/{output.unit}", zh="排放强度", en="Emission intensity")


def outputs_by_product(rows: Sequence[OutputRow]) -> dict[str, OutputRow]:
    """Add up the output of each product over facilities.

    Args:
        rows: output as reported, any number per product.

    Returns:
        One row per product, in the order first met.

    Raises:
        Refused: QUANTITY_NEGATIVE when a quantity is below zero, UNIT_MISMATCH when one product has two units.

    Source: S17, historical intensity method (structure recalled; per product of the entity).
    """
    totals: dict[str, OutputRow] = {}
    for row in rows:
        if row.quantity < 0:
            raise Refused(MrvRefusal.QUANTITY_NEGATIVE, name=row.product, value=format(row.quantity, "f"))
        before = totals.get(row.product, OutputRow(row.product, Decimal(0), row.unit))
        if before.unit != row.unit:
            facts = {"name": row.product, "unit": row.unit, "expected": before.unit, "accepted": before.unit}
            raise Refused(MrvRefusal.UNIT_MISMATCH, **facts)
        totals[row.product] = OutputRow(row.product, before.quantity + row.quantity, row.unit)
    return totals


def converted(name: str, quantity: Decimal, unit: str, into: str) -> trace.Traced:
    """Convert a quantity into the unit that its factor is per.

    Args:
        name: what it is, for the refusal.
        quantity: how much, in `unit`.
        unit: unit as reported.
        into: unit the factor is per; "10⁴Nm³" and "10^4Nm3" are the same.

    Returns:
        The quantity in `into`, exactly.

    Raises:
        Refused: UNIT_MISMATCH when the closed table `CONVERSIONS` holds no such pair.

    Source: S70, unit checks; conversions are exact by definition.
    """
    base, given_unit = _plain(into), _plain(unit)
    accepted = CONVERSIONS.get(base, {})
    if given_unit not in accepted:
        facts = {"name": name, "unit": unit, "expected": into, "accepted": "、".join(accepted) or "—"}
        raise Refused(MrvRefusal.UNIT_MISMATCH, **facts)
    reported = trace.given(quantity, given_unit, zh=f"活动数据：{name}", en=f"Activity data: {name}")
    if given_unit == base:
        return reported
    factor = trace.given(accepted[given_unit], f"{base}/{given_unit}", zh="单位换算", en="Unit conversion")
    return trace.product((reported, factor), base, zh=f"活动数据（{base}）", en=f"Activity data ({base})")


def _each_line(lines: Sequence[SourceLine], rules: RulesAt) -> tuple[trace.Traced, ...]:
    if not lines:
        raise Refused(MrvRefusal.NO_LINES)
    traced: list[trace.Traced] = []
    refused: list[Refused] = []
    calculator = Calculator(rules)
    for place, line in enumerate(lines, 1):
        try:
            traced.append(line_emissions(line, rules, calculator))
        except Refused as error:
            if not isinstance(error.code, MrvRefusal):
                raise
            # Lines may bear the same name: the sentence says which one it is.
            refused.append(Refused(error.code, **{**error.facts, "line": place, "name": f"{place}. {line.name}"}))
    if found := errors.first(refused):
        raise found
    return tuple(traced)


def _by_method(line: MethodLine, rules: RulesAt, calculator: Calculator) -> trace.Traced:
    chosen = definition_of(line, rules)
    if chosen.boundary is Boundary.LIFE_CYCLE:
        facts = {"path": chosen.id, "found": chosen.boundary.value, "needed": "COMBUSTION、CONSUMPTION"}
        raise Refused(MrvRefusal.BOUNDARY_MIXED, name=line.name, **facts)
    given = {row.input: Given(row.value, row.unit) for row in line.inputs}
    activity = chosen.activity
    given.setdefault(activity.name, Given(line.quantity, line.unit))
    return calculator.compute(chosen, given, name=line.name, direction=line.direction)


def _combustion(line: SourceLine, rules: RulesAt) -> trace.Traced:
    ncv = _parameter(line, line.ncv, f"GJ/{line.unit}", rules, "ncv")
    carbon = _parameter(line, line.carbon_content, "tC/GJ", rules, "carbon_content")
    oxidation = _parameter(line, line.oxidation, "", rules, "oxidation")
    ratio = (
        _factor(rules, "mrv.carbon_to_co2.numerator", line),
        _factor(rules, "mrv.carbon_to_co2.denominator", line),
    )
    zh, en = _label(line, rules)
    return combustion(_activity(line, ncv.unit), (ncv, carbon, oxidation), ratio, zh=zh, en=en)


def _power_taken_out(line: SourceLine, rules: RulesAt) -> trace.Traced:
    # Purchased power counts whole on its own line; here its factor is replaced by that of green or non-fossil power.
    bought = _factor(rules, "mrv.electricity.factor", line)
    own = _factor(rules, _POWER_FACTORS[line.kind], line)
    change = trace.difference(own, bought, bought.unit, zh="因子之差", en="Difference of factors")
    zh, en = _label(line, rules)
    return trace.product((_activity(line, bought.unit), change), "tCO2", zh=zh, en=en)


def _parameter(line: SourceLine, measured: Decimal | None, unit: str, rules: RulesAt, word: str) -> trace.Traced:
    path = f"mrv.fuel.{line.name}.{word}"
    if measured is None:
        return _factor(rules, path, line)
    # A measured value is per the unit of the default where there is one, so that the activity is converted likewise.
    default_unit = rules.leaves[path].unit if path in rules.leaves else unit
    return trace.given(measured, default_unit, zh=f"实测值：{word}", en=f"Measured: {word}")


def _factor(rules: RulesAt, path: str, line: SourceLine) -> trace.Traced:
    try:
        return rules.number(path)
    except Refused as error:
        if error.code in (RulesRefusal.NO_SUCH_PARAMETER, RulesRefusal.NO_VALUE_IN_FORCE):
            raise Refused(MrvRefusal.FACTOR_MISSING, name=line.name, path=path) from error
        raise


def _activity(line: SourceLine, factor_unit: str) -> trace.Traced:
    return converted(line.name, line.quantity, line.unit, factor_unit.rpartition("/")[2])


def _plain(unit: str) -> str:
    return unit.strip().replace("⁴", "^4").replace("³", "3").replace("tCO₂", "tCO2")


def _label(line: SourceLine, rules: RulesAt) -> tuple[str, str]:
    path = f"words.{line.name}"
    name_zh, name_en = rules.words(path) if rules.has(path) else (line.name, line.name)
    zh, en = _WORDS[line.kind]
    return f"{name_zh}：{zh}", f"{name_en}: {en}"


def _power(lines: Sequence[SourceLine], kinds: Sequence[LineKind], kind: LineKind) -> trace.Traced:
    zh, en = _WORDS[kind]
    own = [line for line, counts_as in zip(lines, kinds, strict=True) if counts_as is kind]
    parts = [converted(line.name, line.quantity, line.unit, "MWh") for line in own]
    return trace.total(parts, "MWh", zh=zh.removesuffix("排放").removesuffix("扣减"), en=en.removesuffix(" taken out"))


def _check_green(power: dict[LineKind, trace.Traced]) -> None:
    purchased = power[LineKind.ELECTRICITY].value
    green = sum((power[kind].value for kind in _POWER_FACTORS), Decimal(0))
    if green > purchased:
        raise Refused(MrvRefusal.GREEN_EXCEEDS_PURCHASED, green=format(green, "f"), purchased=format(purchased, "f"))


def _rounding(rules: RulesAt) -> Callable[[trace.Traced, str, str], trace.Traced]:
    name = rules.text("mrv.total.rounding")
    function = {"half_up": trace.half_up, "floor": trace.floor, "ceil": trace.ceil}.get(name)
    if function is None:
        facts = {"path": "mrv.total.rounding", "region": rules.region, "value": name}
        raise Refused(RulesRefusal.WRONG_KIND, **facts, expected_zh="取整函数", expected_en="a rounding function")
    return lambda value, zh, en: function(value, zh=zh, en=en)
