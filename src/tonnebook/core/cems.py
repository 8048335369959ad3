"""An hour of a stack: is it believed, what stands in for it if not, and how much CO2 went out in it.

This is the readable form, one stack at a time, in integers. `lake.methods.cems` computes the same over columns of many
stacks and years; a property test holds both equal to the last milligram.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from tonnebook.core import units
from tonnebook.core.rules import RulesAt

PPM = 1_000_000
PARTS = 10_000
MINUTES = 60
# Over columns `//` is a division of floats; it is exact as long as both sides stay below 2^53.
FLOW_M3_PER_H_MAX = 10_000_000
CO2_PPM_MAX = 250_000
TEMPERATURE_CK = range(20_000, 200_001)
PRESSURE_PA = range(50_000, 120_001)


class Quality(IntEnum):
    """What is known about one monitor's hour; the smallest number that applies is the one given."""

    GOOD = 0
    NOT_OPERATING = 1
    MISSING = 2
    OUT_OF_RANGE = 3
    STUCK = 4
    DRIFT = 5
    LINEARITY = 6
    ACCURACY = 7


class Fill(IntEnum):
    """Where the value of one monitor's hour comes from."""

    MEASURED = 0
    NOT_OPERATING = 1
    MEAN = 2
    LOOK_BACK = 3
    POTENTIAL = 4


class Check(IntEnum):
    """The tests of a stack's monitors: daily drift and linearity of the gas monitor, accuracy audits of both."""

    DRIFT = 0
    LINEARITY = 1
    CO2_ACCURACY = 2
    FLOW_ACCURACY = 3


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack and its monitors.

    Attributes:
        number: as columns know it.
        co2_ppm_max: span of the gas monitor, 1 to 250,000; also its maximum potential value.
        flow_m3_per_h_max: span of the flow monitor, actual volume, 1 to 10,000,000.
        dry_flow_dm3_per_h_max: maximum potential dry flow at standard conditions.
    """

    number: int
    co2_ppm_max: int
    flow_m3_per_h_max: int
    dry_flow_dm3_per_h_max: int

    def __post_init__(self) -> None:
        """Hold the bounds that keep every step below 2^53."""
        if not (
            0 < self.co2_ppm_max <= CO2_PPM_MAX
            and 0 < self.flow_m3_per_h_max <= FLOW_M3_PER_H_MAX
            and 0 < self.dry_flow_dm3_per_h_max <= FLOW_M3_PER_H_MAX * 1000
        ):
            raise ValueError(f"stack {self.number}: a span is not above 0, or above what an hour can be computed with")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a stack sent for one hour; None is a channel without a value.

    Attributes:
        hour: hours since 1970-01-01T00 UTC.
        operating_min: minutes the source ran in this hour, 0 to 60; None or outside counts as 60.
        co2_ppm: mean concentration by volume, dry.
        flow_m3_per_h: mean flow, actual volume, wet.
        temperature_ck: of the gas, hundredths of a kelvin.
        pressure_pa: of the gas, absolute.
        moisture_bp: water by volume, hundredths of a per cent.
    """

    hour: int
    operating_min: int | None
    co2_ppm: int | None
    flow_m3_per_h: int | None
    temperature_ck: int | None
    pressure_pa: int | None
    moisture_bp: int | None


@dataclass(frozen=True, slots=True)
class MonitorTest:
    """A test of a monitor: when, which, and whether it was passed. It counts from its hour on."""

    hour: int
    check: Check
    is_passed: bool


@dataclass(frozen=True, slots=True)
class Band:
    """What fills a gap at an availability.

    Attributes:
        from_ppm: availability from which it applies, parts per million.
        gap_h_max: longest gap it applies to.
        percentile: 1 to 100 of the look-back (100 is its largest value), or 0 for the mean of the hours around the gap.
        look_back_h: how many good hours before the gap are looked at.
        is_at_least_mean: whether the mean around the gap counts when it is larger.
    """

    from_ppm: int
    gap_h_max: int
    percentile: int
    look_back_h: int
    is_at_least_mean: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """How hours are judged and filled.

    Attributes:
        temperature_ck: standard temperature, hundredths of a kelvin.
        pressure_pa: standard pressure.
        density_g_per_m3: of CO2 at standard conditions.
        moisture_bp_max: most water that is believed.
        stuck_h: from how many equal hours in a row on a monitor is taken to be stuck.
        valid_h: for how many hours each test counts.
        initial_h: good hours before which the mean around a gap fills it.
        bands: highest availability first; of equal ones the shortest gap first. A gap no band fits takes the maximum
            potential value.
    """

    temperature_ck: int
    pressure_pa: int
    density_g_per_m3: int
    moisture_bp_max: int
    stuck_h: int
    valid_h: Mapping[Check, int]
    initial_h: int
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour as it counts: what was believed, what stood in, and its mass."""

    hour: int
    operating_min: int
    co2_ppm: int
    co2_quality: Quality
    co2_fill: Fill
    flow_dm3_per_h: int
    flow_quality: Quality
    flow_fill: Fill
    mass_mg: int


@dataclass(slots=True)
class _Graded:
    # One monitor's hour before it is filled.
    quality: Quality
    value: int


def half_up(dividend: int, divisor: int) -> int:
    """Divide two integers and round halves up; the dividend is not negative."""
    return (2 * dividend + divisor) // (2 * divisor)


def dry_flow_dm3_per_h(
    flow_m3_per_h: int, *, temperature_ck: int, pressure_pa: int, moisture_bp: int, rules: Rules
) -> int:
    """Bring a flow to dry gas at standard conditions.

    Args:
        flow_m3_per_h: actual volume, wet, 0 to 10,000,000.
        temperature_ck: hundredths of a kelvin, 20,000 to 200,000.
        pressure_pa: absolute, 50,000 to 120,000.
        moisture_bp: hundredths of a per cent, 0 to 10,000.
        rules: standard conditions.

    Returns:
        Cubic decimetres per hour, halves rounded up at each of the three steps.

    Source: S89, dry flow at standard conditions (recalled; the law of ideal gases).
    """
    cooled = half_up(flow_m3_per_h * 1000 * rules.temperature_ck, temperature_ck)
    pressed = half_up(cooled * pressure_pa, rules.pressure_pa)
    return half_up(pressed * (PARTS - moisture_bp), PARTS)


def mass_mg(*, flow_dm3_per_h: int, co2_ppm: int, operating_min: int, rules: Rules) -> int:
    """Compute the CO2 of an hour.

    Args:
        flow_dm3_per_h: dry, at standard conditions.
        co2_ppm: by volume, dry.
        operating_min: minutes of the hour the source ran.
        rules: density of CO2.

    Returns:
        Milligrams, halves rounded up.

    Source: S66 Annex VIII Eq. 1, concentration times flow; a part of an hour counts by its minutes.
    """
    co2_dm3_per_h = half_up(flow_dm3_per_h * co2_ppm, PPM)
    return half_up(co2_dm3_per_h * rules.density_g_per_m3 * operating_min, MINUTES)


def hours(
    readings: Mapping[int, Reading], tests: Sequence[MonitorTest], stack: Stack, rules: Rules, *, first: int, end: int
) -> list[Hour]:
    """Judge, fill and compute every hour of a stack, those without a reading too.

    Args:
        readings: by hour.
        tests: of its monitors, in any order, those before the first hour too.
        stack: its spans.
        rules: how hours are judged.
        first: first hour, hours since 1970 UTC.
        end: the hour after the last.

    Returns:
        One row for each hour of [first, end).

    Source: S89 and S67 §75.33, by the parameters under `cems` in the rule book; the order of steps is a
        design choice.
    """
    rows = [readings.get(hour, Reading(hour, None, None, None, None, None, None)) for hour in range(first, end)]
    minutes = [_minutes(row) for row in rows]
    state = _Checks(tests, rules)
    co2 = [_co2(row, is_on=on > 0, stack=stack) for row, on in zip(rows, minutes, strict=True)]
    flow = [_flow(row, is_on=on > 0, stack=stack, rules=rules) for row, on in zip(rows, minutes, strict=True)]
    _mark_stuck(co2, [row.co2_ppm for row in rows], rules)
    _mark_stuck(flow, [row.flow_m3_per_h for row in rows], rules)
    state.mark(co2, first, ((Check.DRIFT, Quality.DRIFT), (Check.LINEARITY, Quality.LINEARITY),
                            (Check.CO2_ACCURACY, Quality.ACCURACY)))  # fmt: skip
    state.mark(flow, first, ((Check.FLOW_ACCURACY, Quality.ACCURACY),))
    co2_fills = _fill(co2, stack.co2_ppm_max, rules)
    flow_fills = _fill(flow, stack.dry_flow_dm3_per_h_max, rules)
    return [
        Hour(
            row.hour,
            on,
            gas.value,
            gas.quality,
            gas_fill,
            air.value,
            air.quality,
            air_fill,
            mass_mg(flow_dm3_per_h=air.value, co2_ppm=gas.value, operating_min=on, rules=rules),
        )
        for row, on, gas, gas_fill, air, air_fill in zip(rows, minutes, co2, co2_fills, flow, flow_fills, strict=True)
    ]


def annual_mg(rows: Sequence[Hour]) -> int:
    """Add up the hours of a year, in milligrams."""
    return sum(row.mass_mg for row in rows)


def relative_accuracy_pct(*, mean_difference: Decimal, confidence: Decimal, reference: Decimal) -> Decimal:
    """Compute the relative accuracy of a monitor from an audit against a reference method.

    Args:
        mean_difference: mean of reference minus monitor, in the unit measured.
        confidence: the 2.5 % confidence coefficient, t times deviation over the root of the number of runs.
        reference: mean of the reference method, > 0.

    Returns:
        Per cent, unrounded.

    Source: S67, Appendix A equation A-10.
    """
    return units.EXACT.multiply(
        units.EXACT.divide(units.EXACT.add(abs(mean_difference), abs(confidence)), reference), Decimal(100)
    )


def rules_of(rules: RulesAt) -> Rules:
    """Read how hours are judged and filled from the rule book (`cems`).

    Args:
        rules: of the region, as they stand on a day.

    Returns:
        The rules; bands by availability from the highest, then by the shortest gap.

    Raises:
        Refused: NO_SUCH_PARAMETER, NO_VALUE_IN_FORCE or WRONG_KIND.

    Source: S89, recalled, for the bands; what is believed is a design choice.
    """
    bands = [_band(rules, f"cems.substitution.{name}") for name in rules.below("cems.substitution")]
    return Rules(
        temperature_ck=_whole(rules, "cems.standard.temperature", 100),
        pressure_pa=rules.integer("cems.standard.pressure"),
        density_g_per_m3=_whole(rules, "cems.standard.density", 1000),
        moisture_bp_max=_whole(rules, "cems.believed.moisture_max", PARTS),
        stuck_h=rules.integer("cems.believed.stuck_h"),
        valid_h={check: rules.integer(f"cems.valid_h.{check.name.lower()}") for check in Check},
        initial_h=rules.integer("cems.initial_h"),
        bands=tuple(sorted(bands, key=lambda band: (-band.from_ppm, band.gap_h_max))),
    )


def _band(rules: RulesAt, path: str) -> Band:
    return Band(
        from_ppm=_whole(rules, f"{path}.from_share", PPM),
        gap_h_max=rules.integer(f"{path}.gap_h_max"),
        percentile=_whole(rules, f"{path}.percentile", 100),
        look_back_h=rules.integer(f"{path}.look_back_h"),
        is_at_least_mean=rules.flag(f"{path}.at_least_mean"),
    )


def _whole(rules: RulesAt, path: str, times: int) -> int:
    return units.whole(units.EXACT.multiply(rules.decimal(path), Decimal(times)))


# A source whose clock is silent is taken to have run the whole hour: silence never makes emissions smaller.
def _minutes(row: Reading) -> int:
    return row.operating_min if row.operating_min is not None and 0 <= row.operating_min <= MINUTES else MINUTES


def _co2(row: Reading, *, is_on: bool, stack: Stack) -> _Graded:
    if not is_on:
        return _Graded(Quality.NOT_OPERATING, 0)
    if row.co2_ppm is None:
        return _Graded(Quality.MISSING, 0)
    is_believed = 0 <= row.co2_ppm <= stack.co2_ppm_max
    return _Graded(Quality.GOOD, row.co2_ppm) if is_believed else _Graded(Quality.OUT_OF_RANGE, 0)


def _flow(row: Reading, *, is_on: bool, stack: Stack, rules: Rules) -> _Graded:
    if not is_on:
        return _Graded(Quality.NOT_OPERATING, 0)
    flow, kelvin, pascal, water = row.flow_m3_per_h, row.temperature_ck, row.pressure_pa, row.moisture_bp
    if flow is None or kelvin is None or pascal is None or water is None:
        return _Graded(Quality.MISSING, 0)
    if not (
        0 <= flow <= stack.flow_m3_per_h_max
        and kelvin in TEMPERATURE_CK
        and pascal in PRESSURE_PA
        and 0 <= water <= rules.moisture_bp_max
    ):
        return _Graded(Quality.OUT_OF_RANGE, 0)
    dry = dry_flow_dm3_per_h(flow, temperature_ck=kelvin, pressure_pa=pascal, moisture_bp=water, rules=rules)
    return _Graded(Quality.GOOD, dry)


# A run is a row of good hours with the same raw reading; anything else between ends it.
def _mark_stuck(rows: list[_Graded], raw: Sequence[int | None], rules: Rules) -> None:
    start = 0
    good = [row.quality is Quality.GOOD for row in rows]
    for place in range(1, len(rows) + 1):
        goes_on = place < len(rows) and good[place] and good[place - 1] and raw[place] == raw[place - 1]
        if goes_on:
            continue
        if good[start] and place - start >= rules.stuck_h:
            for row in rows[start:place]:
                row.quality = Quality.STUCK
        start = place


class _Checks:
    # The tests of each kind in time order; of two in the same hour a failed one counts.
    def __init__(self, tests: Sequence[MonitorTest], rules: Rules) -> None:
        self._codes = {
            check: sorted(2 * test.hour + (not test.is_passed) for test in tests if test.check is check)
            for check in Check
        }
        self._rules = rules

    def mark(self, rows: list[_Graded], first: int, checks: Sequence[tuple[Check, Quality]]) -> None:
        for place, row in enumerate(rows):
            if row.quality is Quality.GOOD:
                row.quality = next(
                    (code for check, code in checks if not self._counts(check, first + place)), Quality.GOOD
                )

    def _counts(self, check: Check, hour: int) -> bool:
        codes = self._codes[check]
        place = bisect_right(codes, 2 * hour + 1)
        if not place:
            return False
        code = codes[place - 1]
        return code % 2 == 0 and hour - code // 2 < self._rules.valid_h[check]


# A gap is what lies between two good hours that follow each other; hours the source stood still are no part of it.
def _fill(rows: list[_Graded], potential: int, rules: Rules) -> list[Fill]:
    fills = [Fill.NOT_OPERATING if row.quality is Quality.NOT_OPERATING else Fill.MEASURED for row in rows]
    good: list[int] = []
    gap: list[int] = []
    operating = 0
    for place, row in enumerate(rows):
        if row.quality is Quality.NOT_OPERATING:
            continue
        if row.quality is not Quality.GOOD:
            operating += 1
            gap.append(place)
            continue
        if gap:
            _close(rows, fills, gap, _stand_in(good, row.value, len(gap), operating, potential, rules))
            gap = []
        operating += 1
        good.append(row.value)
    if gap:
        _close(rows, fills, gap, _stand_in(good, None, len(gap), operating, potential, rules))
    return fills


def _close(rows: list[_Graded], fills: list[Fill], gap: list[int], found: tuple[int, Fill]) -> None:
    for place in gap:
        rows[place].value, fills[place] = found


def _stand_in(
    good: Sequence[int], after: int | None, gap_h: int, operating_h: int, potential: int, rules: Rules
) -> tuple[int, Fill]:
    around = [value for value in (good[-1] if good else None, after) if value is not None]
    mean = half_up(sum(around), len(around)) if around else None
    if len(good) < rules.initial_h:
        return (potential, Fill.POTENTIAL) if mean is None else (mean, Fill.MEAN)
    available_ppm = len(good) * PPM // operating_h
    for band in rules.bands:
        if available_ppm >= band.from_ppm and gap_h <= band.gap_h_max:
            return _by_band(band, good, mean, potential)
    return potential, Fill.POTENTIAL


def _by_band(band: Band, good: Sequence[int], mean: int | None, potential: int) -> tuple[int, Fill]:
    if band.percentile == 0:
        return (potential, Fill.POTENTIAL) if mean is None else (mean, Fill.MEAN)
    looked_at = sorted(good[-band.look_back_h :])
    if not looked_at:
        return potential, Fill.POTENTIAL
    value = looked_at[-(-len(looked_at) * band.percentile // 100) - 1]
    if band.is_at_least_mean and mean is not None and mean > value:
        return mean, Fill.MEAN
    return value, Fill.LOOK_BACK
