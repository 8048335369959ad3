"""What one declared unit of a product emitted: inputs by stage, each by a life-cycle factor, over what was made.

Fossil, biogenic, land-use, aircraft and withdrawn parts are kept apart and never netted before the last line. Factors
of burning or of consumption belong to emission reports: one of them here is refused, because upstream emissions would
be missing. The module does *not* say which factor is right; it says what was used and how good the data were.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from tonnebook.core import trace
from tonnebook.core.errors import Refused
from tonnebook.core.footprints.refusals import FootprintRefusal
from tonnebook.core.methods import Boundary, quantities
from tonnebook.core.trace import Traced

# Reported figures have six decimals, shares and ratings two (design choice, no legal source).
PLACES = 6
SHARE_PLACES = 2
# Ratings are weighted over the inputs above this share of the footprint (S96, data quality indicators).
WEIGHTED_ABOVE_PERCENT = Decimal(5)
_HUNDRED = Decimal(100)


class SystemBoundary(StrEnum):
    """Which part of a product's life a footprint covers."""

    CRADLE_TO_GATE = "CRADLE_TO_GATE"
    GATE_TO_GATE = "GATE_TO_GATE"


class LifeStage(StrEnum):
    """A stage of a product's life up to the gate of its maker."""

    RAW_MATERIALS = "RAW_MATERIALS"
    TRANSPORT = "TRANSPORT"
    PRODUCTION = "PRODUCTION"
    PACKAGING = "PACKAGING"
    WASTE = "WASTE"


STAGES_OF: Mapping[SystemBoundary, frozenset[LifeStage]] = {
    SystemBoundary.CRADLE_TO_GATE: frozenset(LifeStage),
    SystemBoundary.GATE_TO_GATE: frozenset({LifeStage.PRODUCTION, LifeStage.PACKAGING, LifeStage.WASTE}),
}


class Part(StrEnum):
    """A part of a footprint that is told apart; all but the land management and the withdrawal are zero or more."""

    FOSSIL = "FOSSIL"
    AIRCRAFT = "AIRCRAFT"
    DLUC = "DLUC"
    LAND_MANAGEMENT = "LAND_MANAGEMENT"
    BIOGENIC = "BIOGENIC"
    WITHDRAWAL = "WITHDRAWAL"


# What counts without the biogenic side; aircraft burn fossil fuel and are told once more by themselves.
EXCLUDING = (Part.FOSSIL, Part.AIRCRAFT)
PART_WORDS: Mapping[Part, tuple[str, str]] = {
    Part.FOSSIL: ("化石源排放", "Fossil emissions"),
    Part.AIRCRAFT: ("航空运输排放", "Aircraft emissions"),
    Part.DLUC: ("直接土地利用变化排放", "Emissions of direct land use change"),
    Part.LAND_MANAGEMENT: ("土地管理排放", "Emissions of land management"),
    Part.BIOGENIC: ("其他生物源排放", "Other biogenic emissions"),
    Part.WITHDRAWAL: ("生物碳固定", "Biogenic carbon withdrawal"),
}


class DeclaredUnit(StrEnum):
    """The unit a footprint is of, as PACT writes it."""

    KILOGRAM = "kilogram"
    LITER = "liter"
    CUBIC_METER = "cubic meter"
    KILOWATT_HOUR = "kilowatt hour"
    MEGAJOULE = "megajoule"
    TON_KILOMETER = "ton kilometer"
    SQUARE_METER = "square meter"
    PIECE = "piece"


class GwpSet(StrEnum):
    """Which report of the IPCC the warming potentials behind a factor come from."""

    AR5 = "AR5"
    AR6 = "AR6"


class Rating(StrEnum):
    """In what respect the data of an input are rated, 1 (best) to 3."""

    TECHNOLOGICAL = "technologicalDQR"
    TEMPORAL = "temporalDQR"
    GEOGRAPHICAL = "geographicalDQR"
    COMPLETENESS = "completenessDQR"
    RELIABILITY = "reliabilityDQR"


RATING_MIN, RATING_MAX = 1, 3


@dataclass(frozen=True, slots=True)
class LifeFactor:
    """What one unit of an input emitted before and while it was used.

    Attributes:
        code: by which it is found, such as "pcf.electricity" or the id of a supplier's record.
        unit: of the input, below the stroke: "kWh" for kgCO2e/kWh.
        parts: kgCO2e per unit, by part; what is not named is zero.
        boundary: what it counts; anything but the life cycle is refused.
        source: database or supplier, for people.
        version: of the database or record.
    """

    code: str
    unit: str
    parts: Mapping[Part, Decimal]
    boundary: Boundary
    source: str
    version: str


@dataclass(frozen=True, slots=True)
class Input:
    """One input of a product.

    Attributes:
        stage: where in the product's life.
        name: what it is.
        quantity: how much of it all that was made took, in `unit`, >= 0.
        unit: any that converts into the factor's.
        factor: what a unit of it emitted.
        is_primary: whether its emissions come from the chain's own data rather than a database.
        ratings: quality of its data, 1 to 3 in each respect.
    """

    stage: LifeStage
    name: str
    quantity: Decimal
    unit: str
    factor: LifeFactor
    is_primary: bool
    ratings: Mapping[Rating, int]


@dataclass(frozen=True, slots=True)
class Study:
    """Everything a footprint is computed from.

    Attributes:
        declared_unit: the unit the footprint is of.
        unitary_amount: declared units in the product as it is sold, > 0.
        made: declared units made in the reference period, > 0.
        boundary: which stages count.
        from_on: first day of the reference period.
        to_on: the day after its last.
        inputs: at least one.
        fossil_carbon_kg: fossil carbon in a declared unit of the product, kg C, >= 0.
        biogenic_carbon_kg: biogenic carbon in it, kg C, >= 0.
        mass_kg: mass of a declared unit without packaging; needed where the unit is a piece.
        exempted_percent: share of emissions left out, 0 to 100.
        exempted_reason: why; needed above 0.
        gwp_sets: reports the warming potentials come from.
    """

    declared_unit: DeclaredUnit
    unitary_amount: Decimal
    made: Decimal
    boundary: SystemBoundary
    from_on: date
    to_on: date
    inputs: tuple[Input, ...]
    fossil_carbon_kg: Decimal
    biogenic_carbon_kg: Decimal
    mass_kg: Decimal | None
    exempted_percent: Decimal
    exempted_reason: str
    gwp_sets: tuple[GwpSet, ...]

    @property
    def includes_packaging(self) -> bool:
        """Whether any input belongs to the packaging."""
        return any(one.stage is LifeStage.PACKAGING for one in self.inputs)


@dataclass(frozen=True, slots=True)
class Footprint:
    """What one declared unit emitted, kgCO2e, every number with its trace.

    Attributes:
        excluding: without the biogenic side, >= 0.
        including: with it; may be below zero.
        parts: each part, to `PLACES`; they add up to the two above.
        stages: without the biogenic side, by stage that has inputs; the largest share need not be the first.
        primary_percent: share of emissions that rests on primary data, 0 to 100.
        coverage_percent: share of emissions that the ratings speak for.
        ratings: weighted over inputs above `WEIGHTED_ABOVE_PERCENT`.
    """

    excluding: Traced
    including: Traced
    parts: Mapping[Part, Traced]
    stages: Mapping[LifeStage, Traced]
    primary_percent: Traced
    coverage_percent: Traced
    ratings: Mapping[Rating, Traced]


def footprint(study: Study) -> Footprint:
    """Compute the footprint of one declared unit.

    Args:
        study: inputs of what was made in a period.

    Returns:
        Parts, stages, totals and data quality; kgCO2e per declared unit.

    Raises:
        Refused: a code of `FootprintRefusal` up to NOTHING_EMITTED; over all inputs the first in their order.

    Source: S97 and S96 (parts, primary data share, data quality indicators); rounding: design choice.
    """
    _check(study)
    for one in study.inputs:
        _check_input(one, study.boundary)
    used = [_used(one) for one in study.inputs]
    made = trace.given(study.made, study.declared_unit.value, zh="统计期产量", en="Made in the reference period")
    unit = f"kgCO2e/{study.declared_unit.value}"
    parts = {part: _part(part, study.inputs, used, made, unit) for part in Part}
    emitted = [_emitted(one, quantity) for one, quantity in zip(study.inputs, used, strict=True)]
    everything = trace.total(emitted, "kgCO2e", zh="各项投入排放合计", en="Sum of all inputs")
    if everything.value <= 0:
        raise Refused(FootprintRefusal.NOTHING_EMITTED)
    told = _told(study.inputs, emitted, everything)
    covered = trace.total([emitted[place] for place in told], "kgCO2e", zh="参与评分的排放", en="Emissions rated")
    primary = [amount for one, amount in zip(study.inputs, emitted, strict=True) if one.is_primary]
    primary_sum = trace.total(primary, "kgCO2e", zh="初级数据排放", en="Emissions from primary data")
    return Footprint(
        excluding=_sum(parts, EXCLUDING, unit, "产品碳足迹（不含生物源）", "Footprint excluding biogenic"),
        including=_sum(parts, tuple(Part), unit, "产品碳足迹（含生物源）", "Footprint including biogenic"),
        parts=parts,
        stages=_stages(study.inputs, emitted, made, unit),
        primary_percent=_percent(primary_sum, everything, "初级数据占比", "Primary data share"),
        coverage_percent=_percent(covered, everything, "数据质量覆盖率", "Coverage of data quality"),
        ratings={rating: _rating(rating, study.inputs, emitted, told, covered) for rating in Rating},
    )


def _check(study: Study) -> None:
    if not study.inputs:
        raise Refused(FootprintRefusal.NO_INPUTS)
    for name, value in (("unitaryProductAmount", study.unitary_amount), ("made", study.made)):
        if value <= 0:
            raise Refused(FootprintRefusal.AMOUNT_NOT_POSITIVE, name=name, value=format(value, "f"))
    if study.from_on >= study.to_on:
        raise Refused(FootprintRefusal.PERIOD_UNFIT, from_on=study.from_on, to_on=study.to_on)
    for name, content in (
        ("fossilCarbonContent", study.fossil_carbon_kg),
        ("biogenicCarbonContent", study.biogenic_carbon_kg),
    ):
        if content < 0:
            raise Refused(FootprintRefusal.QUANTITY_UNFIT, name=name, value=format(content, "f"))
    if study.declared_unit is DeclaredUnit.PIECE and (study.mass_kg or 0) <= 0:
        mass = format(study.mass_kg or Decimal(0), "f")
        raise Refused(FootprintRefusal.AMOUNT_NOT_POSITIVE, name="productMassPerDeclaredUnit", value=mass)
    if not study.gwp_sets:
        raise Refused(FootprintRefusal.NO_WARMING_SET)
    share = study.exempted_percent
    if not 0 <= share <= _HUNDRED or (share > 0 and not study.exempted_reason.strip()):
        raise Refused(FootprintRefusal.EXEMPTED_UNFIT, value=format(share, "f"))


def _check_input(one: Input, boundary: SystemBoundary) -> None:
    factor = one.factor
    if factor.boundary is not Boundary.LIFE_CYCLE:
        facts = {"name": one.name, "factor": factor.code, "boundary": factor.boundary.value}
        raise Refused(FootprintRefusal.FACTOR_NOT_LIFE_CYCLE, **facts)
    if one.stage not in STAGES_OF[boundary]:
        facts = {"name": one.name, "stage": one.stage.value, "boundary": boundary.value}
        raise Refused(FootprintRefusal.STAGE_OUTSIDE_BOUNDARY, **facts)
    if one.quantity < 0:
        raise Refused(FootprintRefusal.QUANTITY_UNFIT, name=one.name, value=format(one.quantity, "f"))
    _used(one)
    for part, value in factor.parts.items():
        if not _SIGN_FITS[part](value):
            facts = {"name": one.name, "part": part.value, "value": format(value, "f")}
            raise Refused(FootprintRefusal.PART_SIGN_UNFIT, **facts)
    for rating in Rating:
        given = one.ratings.get(rating, 0)
        if not RATING_MIN <= given <= RATING_MAX:
            raise Refused(FootprintRefusal.RATING_UNFIT, name=one.name, rating=rating.value, value=given)


# The quantity in the unit of its factor, by the exact conversions of emission reports.
def _used(one: Input) -> Traced:
    into = one.factor.unit
    given = trace.given(one.quantity, one.unit, zh=f"{one.name}：用量", en=f"{one.name}: quantity")
    if one.unit == into:
        return given
    if (times := quantities.factor(one.unit, into)) is not None:
        ratio = trace.given(times, f"{into}/{one.unit}", zh="单位换算", en="Unit conversion")
        return trace.product((given, ratio), into, zh=f"{one.name}：用量（{into}）", en=f"{one.name} in {into}")
    raise Refused(FootprintRefusal.INPUT_UNIT_UNFIT, name=one.name, unit=one.unit, expected=into)


def _by_part(one: Input, used: Traced, part: Part) -> Traced:
    zh, en = PART_WORDS[part]
    factor = one.factor
    unit = f"kgCO2e/{factor.unit}"
    words = {"zh": f"因子 {factor.code}（{factor.source}）", "en": f"Factor {factor.code} ({factor.source})"}
    value = trace.given(factor.parts[part], unit, **words)
    return trace.product((used, value), "kgCO2e", zh=f"{one.name}：{zh}", en=f"{one.name}: {en.lower()}")


def _emitted(one: Input, used: Traced) -> Traced:
    parts = [_by_part(one, used, part) for part in EXCLUDING if part in one.factor.parts]
    return trace.total(parts, "kgCO2e", zh=f"{one.name}：排放", en=f"{one.name}: emissions")


def _part(part: Part, inputs: Sequence[Input], used: Sequence[Traced], made: Traced, unit: str) -> Traced:
    zh, en = PART_WORDS[part]
    found = [
        _by_part(one, quantity, part) for one, quantity in zip(inputs, used, strict=True) if part in one.factor.parts
    ]
    whole = trace.total(found, "kgCO2e", zh=f"{zh}合计", en=f"{en} in sum")
    return _per_unit(whole, made, unit, zh, en)


def _stages(inputs: Sequence[Input], emitted: Sequence[Traced], made: Traced, unit: str) -> dict[LifeStage, Traced]:
    found = {}
    for stage in LifeStage:
        of_stage = [amount for one, amount in zip(inputs, emitted, strict=True) if one.stage is stage]
        if of_stage:
            whole = trace.total(of_stage, "kgCO2e", zh="本阶段合计", en="Sum of the stage")
            found[stage] = _per_unit(whole, made, unit, "本阶段单位排放", "Emissions of the stage per unit")
    return found


def _per_unit(whole: Traced, made: Traced, unit: str, zh: str, en: str) -> Traced:
    exact = trace.quotient(whole, made, unit, zh=f"{zh}（未取整）", en=f"{en}, not rounded")
    return trace.half_up(exact, PLACES, zh=zh, en=en)


def _sum(parts: Mapping[Part, Traced], chosen: Sequence[Part], unit: str, zh: str, en: str) -> Traced:
    return trace.total([parts[part] for part in chosen], unit, zh=zh, en=en)


# Which inputs the ratings are weighted over: those above the threshold, or all where none is.
def _told(inputs: Sequence[Input], emitted: Sequence[Traced], everything: Traced) -> list[int]:
    least = everything.value * WEIGHTED_ABOVE_PERCENT / _HUNDRED
    large = [place for place, amount in enumerate(emitted) if amount.value > least]
    return large or list(range(len(inputs)))


def _rating(
    rating: Rating, inputs: Sequence[Input], emitted: Sequence[Traced], told: Sequence[int], covered: Traced
) -> Traced:
    weighted = [
        trace.product(
            (emitted[place], trace.given(inputs[place].ratings[rating], "", zh="评分", en="Rating")),
            "kgCO2e",
            zh=f"{inputs[place].name}：加权",
            en=f"{inputs[place].name}: weighted",
        )
        for place in told
    ]
    whole = trace.total(weighted, "kgCO2e", zh="加权合计", en="Weighted sum")
    exact = trace.quotient(whole, covered, "", zh="加权平均（未取整）", en="Weighted mean, not rounded")
    return trace.half_up(exact, SHARE_PLACES, zh=f"数据质量评分 {rating.value}", en=f"Rating {rating.value}")


def _percent(part: Traced, whole: Traced, zh: str, en: str) -> Traced:
    hundred = trace.given(_HUNDRED, "%", zh="百分比", en="Per cent")
    exact = trace.quotient(
        trace.product((part, hundred), "%", zh=f"{zh} × 100", en=f"{en} × 100"), whole, "%", zh=zh, en=en
    )
    return trace.half_up(exact, SHARE_PLACES, zh=zh, en=en)


_SIGN_FITS: Mapping[Part, Callable[[Decimal], bool]] = {
    **dict.fromkeys(Part, lambda value: value >= 0),
    Part.LAND_MANAGEMENT: lambda value: value.is_finite(),
    Part.WITHDRAWAL: lambda value: value <= 0,
}
