"""The factor desk: local factors of power and heat from the data of utilities, and the dates they are published on.

A factor is the tonnes behind the energy delivered in an area over the energy itself. What differs between scenarios is
which energy counts: with the non-fossil power that was sold on the market in it, or without, so that nobody counts
that power twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tonnebook.core import trace
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.methods import Boundary
from tonnebook.core.trace import Traced


class Scenario(StrEnum):
    """What a factor is for: all power of the area, or what is left without non-fossil power sold on the market."""

    LOCATION = "LOCATION"
    RESIDUAL = "RESIDUAL"


class FactorRefusal(Refusal):
    """What the factor desk and the factor store can refuse."""

    NO_ENERGY = Sentence(
        zh="“{name}”没有可计入的供应量，无法计算因子；请核对发电、购入与送出数据。",
        en="“{name}” has no energy to divide by; check what was generated, taken in and sent out.",
        article="S01 item 3",
        status=422,
    )
    FIGURE_NEGATIVE = Sentence(
        zh="“{name}”的数值 {value} 为负；请填写不小于零的数值。",
        en="The figure {value} of “{name}” is negative; enter zero or more.",
        article="design choice",
        status=422,
    )
    MORE_THAN_GENERATED = Sentence(
        zh="扣除的非化石电量 {traded} MWh 超过非化石发电与购入量 {available} MWh；请核对交易结算数据。",
        en="Non-fossil power of {traded} MWh to leave out exceeds the {available} MWh there are; check the settlement.",
        article="S02 item 6",
        status=422,
    )
    NO_FACTORS = Sentence(
        zh="没有可发布的因子；请至少填写一行。",
        en="There is no factor to publish; enter at least one row.",
        article="design choice",
        status=422,
    )
    FACTOR_WRONG = Sentence(
        zh="第{row}行的{field}“{value}”有误：{remedy_zh}。",
        en="Row {row}: {field} “{value}” is wrong: {remedy_en}.",
        article="design choice",
        status=422,
    )
    SAME_FACTOR = Sentence(
        zh="{path} 的{year}年度已是该数值 {value}，没有需要更正之处。",
        en="{path} has the value {value} for {year} already; there is nothing to correct.",
        article="design choice",
    )
    REASON_MISSING = Sentence(
        zh="更正 {path} 的{year}年度数值须写明原因。",
        en="A correction of {path} for {year} needs its reason.",
        article="design choice",
        status=422,
    )


@dataclass(frozen=True, slots=True)
class Source:
    """Power or heat of one kind in the area: how much (MWh or GJ), its factor (tCO2 per unit), whether non-fossil."""

    name: str
    quantity: Decimal
    factor: Decimal
    is_non_fossil: bool = False


@dataclass(frozen=True, slots=True)
class FactorRow:
    """One value about to be published.

    Attributes:
        path: parameter of the rule book.
        first_year: first compliance year it is for.
        last_year: last one; after it the parameter has no value until the next is published.
        value: exact.
        unit: as the rule book writes it.
        boundary: what it counts.
        document: number of the notice.
        article: article, table or item of the notice.
        zh: what it is, in Chinese.
        en: the same in English.
        reason: why, where it corrects a value; empty otherwise.
    """

    path: str
    first_year: int
    last_year: int
    value: Decimal
    unit: str
    boundary: Boundary
    document: str
    article: str
    zh: str
    en: str
    reason: str = ""


def power_factor(
    generated: Sequence[Source],
    taken_in: Sequence[Source],
    *,
    sent_out_mwh: Decimal,
    traded_non_fossil_mwh: Decimal,
    scenario: Scenario,
) -> Traced:
    """Compute the factor of the power of an area.

    What is sent out carries the mean of what was there; in the residual scenario the non-fossil power that was sold on
    the market leaves with its own zero.

    Args:
        generated: by fuel or plant, MWh and tCO2/MWh.
        taken_in: from other areas, MWh and tCO2/MWh.
        sent_out_mwh: to other areas.
        traded_non_fossil_mwh: non-fossil power sold on the market or under certificates.
        scenario: what the factor is for.

    Returns:
        tCO2/MWh, unrounded, with every plant and import in its trace.

    Raises:
        Refused: FIGURE_NEGATIVE, MORE_THAN_GENERATED or NO_ENERGY.

    Source: S01 item 3 asks for factors by scenario; S02 item 6 for leaving non-fossil power out; the arithmetic is a
        design choice, no legal source.
    """
    _check_figures((*generated, *taken_in), sent_out_mwh, traded_non_fossil_mwh)
    everything = [*generated, *taken_in]
    emitted = trace.total([_emitted(one, "MWh") for one in everything], "tCO2", zh="电量对应排放", en="Emissions")
    supplied = trace.total([_supplied(one, "MWh") for one in everything], "MWh", zh="可用电量", en="Power there was")
    sent = trace.given(sent_out_mwh, "MWh", zh="送出电量", en="Power sent out")
    stays = trace.difference(supplied, sent, "MWh", zh="本地用电量", en="Power used in the area")
    if stays.value <= 0:
        raise Refused(FactorRefusal.NO_ENERGY, name="power")
    share = trace.quotient(stays, supplied, "", zh="留在本地的份额", en="Share that stays")
    kept = trace.product((emitted, share), "tCO2", zh="本地用电排放", en="Emissions of what stays")
    if scenario is Scenario.RESIDUAL:
        stays = _without(stays, everything, traded_non_fossil_mwh)
    zh, en = {
        Scenario.LOCATION: ("电力因子（全部电量）", "Factor of all power"),
        Scenario.RESIDUAL: ("电力因子（扣除市场化非化石电量）", "Factor without traded non-fossil power"),
    }[scenario]
    return trace.quotient(kept, stays, "tCO2/MWh", zh=zh, en=en)


def heat_factor(sources: Sequence[Source], *, losses_gj: Decimal) -> Traced:
    """Compute the factor of the heat of a network.

    Args:
        sources: boilers and plants, GJ fed in and tCO2/GJ; for a plant of heat and power its share for heat.
        losses_gj: lost on the way, so that the rest bears all emissions.

    Returns:
        tCO2/GJ of delivered heat, unrounded.

    Raises:
        Refused: FIGURE_NEGATIVE or NO_ENERGY.

    Source: S01 item 3; the arithmetic is a design choice, no legal source.
    """
    _check_figures(sources, losses_gj)
    emitted = trace.total([_emitted(one, "GJ") for one in sources], "tCO2", zh="供热排放", en="Emissions of heat")
    fed_in = trace.total([_supplied(one, "GJ") for one in sources], "GJ", zh="入网热量", en="Heat fed in")
    lost = trace.given(losses_gj, "GJ", zh="管网损失", en="Heat lost")
    delivered = trace.difference(fed_in, lost, "GJ", zh="供出热量", en="Heat delivered")
    if delivered.value <= 0:
        raise Refused(FactorRefusal.NO_ENERGY, name="heat")
    return trace.quotient(emitted, delivered, "tCO2/GJ", zh="热力因子", en="Factor of heat")


def check_row(
    place: int, row: FactorRow, *, unit: str | None, current: Decimal | None, years_ahead: int, this_year: int
) -> None:
    """Check a value about to be published.

    Args:
        place: number of the row, from 1.
        row: the value.
        unit: unit the rule book gives the parameter, None when it is a new one.
        current: value of the first year as it stands, None when there is none; another value is then a correction.
        years_ahead: how far ahead a value may reach.
        this_year: of the publication.

    Raises:
        Refused: FACTOR_WRONG, SAME_FACTOR or REASON_MISSING.

    Source: design choice, no legal source.
    """
    wrong = _wrong(row, unit, this_year + years_ahead)
    if wrong:
        field, value, zh, en = wrong
        raise Refused(FactorRefusal.FACTOR_WRONG, row=place, field=field, value=value, remedy_zh=zh, remedy_en=en)
    if current is not None and current == row.value:
        raise Refused(FactorRefusal.SAME_FACTOR, path=row.path, year=row.first_year, value=format(row.value, "f"))
    if current is not None and not row.reason:
        raise Refused(FactorRefusal.REASON_MISSING, path=row.path, year=row.first_year)


def _wrong(row: FactorRow, unit: str | None, last_year: int) -> tuple[str, str, str, str] | None:
    if not row.path.startswith("mrv."):
        return "path", row.path, "须为 mrv. 之下的参数", "it must be a parameter below mrv."
    if row.value < 0:
        return "value", format(row.value, "f"), "须不小于零", "it must be zero or more"
    if unit is not None and unit != row.unit:
        return "unit", row.unit, f"该参数的单位为 {unit}", f"the unit of the parameter is {unit}"
    if not row.first_year <= row.last_year <= last_year:
        return "years", f"{row.first_year}-{row.last_year}", f"不得晚于 {last_year} 年", f"they must end by {last_year}"
    return None


def _without(stays: Traced, everything: Sequence[Source], traded_mwh: Decimal) -> Traced:
    available = sum((one.quantity for one in everything if one.is_non_fossil), Decimal(0))
    if traded_mwh > available:
        facts = {"traded": format(traded_mwh, "f"), "available": format(available, "f")}
        raise Refused(FactorRefusal.MORE_THAN_GENERATED, **facts)
    traded = trace.given(traded_mwh, "MWh", zh="市场化交易的非化石电量", en="Non-fossil power sold on the market")
    left = trace.difference(stays, traded, "MWh", zh="扣除后的电量", en="Power that is left")
    if left.value <= 0:
        raise Refused(FactorRefusal.NO_ENERGY, name="power")
    return left


def _emitted(one: Source, unit: str) -> Traced:
    factor = trace.given(one.factor, f"tCO2/{unit}", zh=f"{one.name}：因子", en=f"{one.name}: factor")
    return trace.product((_supplied(one, unit), factor), "tCO2", zh=f"{one.name}：排放", en=f"{one.name}: emissions")


def _supplied(one: Source, unit: str) -> Traced:
    return trace.given(one.quantity, unit, zh=one.name, en=one.name)


def _check_figures(sources: Sequence[Source], *figures: Decimal) -> None:
    told = [(one.name, value) for one in sources for value in (one.quantity, one.factor)]
    for name, value in (*told, *(("total", figure) for figure in figures)):
        if value < 0:
            raise Refused(FactorRefusal.FIGURE_NEGATIVE, name=name, value=format(value, "f"))
