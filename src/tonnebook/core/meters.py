"""Meters: whether a reading may be counted, what an expired calibration costs, and which readings of a batch are taken.

A meter sends amounts of whole hours. A reading may be sent again, late, in any order and corrected: the highest version
counts, and nothing that is sent for a closed period changes it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tonnebook.core import trace
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Traced


class MeterKind(StrEnum):
    """What a meter measures, by the instrument it is."""

    ELECTRICITY = "ELECTRICITY"
    HEAT = "HEAT"
    GAS = "GAS"
    LIQUID = "LIQUID"
    BELT_SCALE = "BELT_SCALE"
    STACK_CO2 = "STACK_CO2"
    STACK_FLOW = "STACK_FLOW"


class RowCode(StrEnum):
    """What became of one row of a batch, in order of precedence."""

    NO_SUCH_METER = "NO_SUCH_METER"
    NOT_INSTALLED = "NOT_INSTALLED"
    NEGATIVE = "NEGATIVE"
    CLOSED = "CLOSED"
    OUTDATED = "OUTDATED"
    DUPLICATE = "DUPLICATE"
    CONFLICT = "CONFLICT"
    ACCEPTED = "ACCEPTED"


class MeterRefusal(Refusal):
    """What the register of meters can refuse."""

    METER_EXISTS = Sentence(
        zh="计量器具编号 {meter} 已登记；请核对编号或改用新编号。",
        en="Meter {meter} is registered already; check the number or use another.",
        article="design choice",
    )
    NO_SUCH_METER = Sentence(
        zh="没有编号为 {meter} 的计量器具；请核对编号，或先登记。",
        en="There is no meter {meter}; check the number, or register it first.",
        article="design choice",
        status=404,
    )
    CALIBRATION_UNFIT = Sentence(
        zh="检定有效期截止日 {until_on} 早于检定日 {from_on}；请核对检定证书。",
        en="The calibration ends on {until_on}, before its day {from_on}; check the certificate.",
        article="design choice",
        status=422,
    )
    BATCH_EMPTY = Sentence(
        zh="该批次没有任何读数；请附上至少一行。",
        en="The batch has no reading; send at least one row.",
        article="design choice",
        status=422,
    )


@dataclass(frozen=True, slots=True)
class Calibration:
    """A calibration: its first and last day, and the SHA-256 (hex) of its certificate."""

    from_on: date
    until_on: date
    certificate_digest: str


@dataclass(frozen=True, slots=True)
class MeterSpan:
    """From which hour a meter is installed, from which it is not, and before which its readings are closed."""

    from_hour: int
    until_hour: int
    closed_before_hour: int


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """A row of a batch: the meter as columns know it, hours since 1970 UTC, the amount in whole units, the version."""

    meter: int
    hour: int
    value: int
    version: int


def check_calibration(calibration: Calibration) -> None:
    """Check a calibration before it is recorded.

    Raises:
        Refused: CALIBRATION_UNFIT when it ends before it begins.

    Source: design choice, no legal source.
    """
    if calibration.until_on < calibration.from_on:
        raise Refused(
            MeterRefusal.CALIBRATION_UNFIT,
            from_on=calibration.from_on.isoformat(),
            until_on=calibration.until_on.isoformat(),
        )


def is_calibrated(calibrations: Sequence[Calibration], day: date) -> bool:
    """Say whether a calibration holds on a day."""
    return any(one.from_on <= day <= one.until_on for one in calibrations)


def counted(reading: Traced, kind: MeterKind, *, calibrated: bool, is_export: bool, rules: RulesAt) -> Traced:
    """Give what counts of a reading: itself, or the careful side of it where the meter had no valid calibration.

    Args:
        reading: amount of a period, in its unit.
        kind: of the meter.
        calibrated: whether a calibration held on every day of the period.
        is_export: what left the site counts less when in doubt; everything else counts more.
        rules: of the region on the last day of the period; `metering.permitted_error.<kind>`.

    Returns:
        The amount with its trace, in which the consequence can be seen.

    Raises:
        Refused: NO_SUCH_PARAMETER or NO_VALUE_IN_FORCE when the rule book has no permitted error for the kind.

    Source: S68, conservativeness of meters.
    """
    if calibrated:
        return trace.same(reading, zh="计量读数（检定有效）", en="reading of a calibrated meter")
    error = rules.number(f"metering.permitted_error.{kind.value.lower()}")
    doubt = trace.product(
        (reading, error), reading.unit, zh="检定失效期间的最大允许误差", en="permitted error while not calibrated"
    )
    if is_export:
        return trace.difference(reading, doubt, reading.unit, zh="外供量按保守取低", en="what left, counted low")
    return trace.total((reading, doubt), reading.unit, zh="消耗量按保守取高", en="what was used, counted high")


def missing_instruments(sector: str, present: Collection[MeterKind], rules: RulesAt) -> tuple[MeterKind, ...]:
    """List the instruments a sector must have and a facility has not; empty where the rule book asks for none.

    Args:
        sector: of the facility.
        present: kinds of its meters that are installed.
        rules: `metering.required.<sector>`.

    Source: S01 item 11 (metering equipment); the lists are scenarios until a guide names them.
    """
    path = f"metering.required.{sector}"
    needed = [MeterKind(word) for word in rules.words(path)] if rules.has(path) else []
    return tuple(kind for kind in needed if kind not in present)


def codes(
    rows: Sequence[ReadingRow],
    meters: Mapping[int, MeterSpan],
    known: Mapping[tuple[int, int], ReadingRow],
) -> list[RowCode]:
    """Say what becomes of each row of a batch; `lake.methods.readings.coded` does the same over columns.

    Args:
        rows: in the order sent.
        meters: those of the sender.
        known: what counts so far, by meter and hour.

    Returns:
        One code for each row, in order. Of several rows for one hour the first with the highest version is looked at
        against what is known; of the rest a lower version is OUTDATED, an equal one DUPLICATE or, with another value,
        CONFLICT.

    Source: design choice, no legal source.
    """
    found = [_refused(row, meters.get(row.meter)) for row in rows]
    best: dict[tuple[int, int], ReadingRow] = dict(known)
    open_rows = [(place, row) for place, row in enumerate(rows) if found[place] is None]
    for place, row in sorted(open_rows, key=lambda one: (-one[1].version, one[0])):
        held = best.get((row.meter, row.hour))
        found[place] = _against(row, held)
        if found[place] is RowCode.ACCEPTED:
            best[row.meter, row.hour] = row
    return [code or RowCode.ACCEPTED for code in found]


def _refused(row: ReadingRow, span: MeterSpan | None) -> RowCode | None:
    if span is None:
        return RowCode.NO_SUCH_METER
    if not span.from_hour <= row.hour < span.until_hour:
        return RowCode.NOT_INSTALLED
    if row.value < 0:
        return RowCode.NEGATIVE
    return RowCode.CLOSED if row.hour < span.closed_before_hour else None


def _against(row: ReadingRow, held: ReadingRow | None) -> RowCode:
    if held is None or row.version > held.version:
        return RowCode.ACCEPTED
    if row.version < held.version:
        return RowCode.OUTDATED
    return RowCode.DUPLICATE if row.value == held.value else RowCode.CONFLICT
