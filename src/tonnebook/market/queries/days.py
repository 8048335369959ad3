"""What the close of a day came to: its steps, the days of members, and where the books differ."""

from dataclasses import dataclass
from datetime import date, datetime

from tonnebook.core.canonical import Json
from tonnebook.core.closing import BreakKind, BreakState, ClosingRefusal, DayStep, MemberTotals
from tonnebook.core.errors import Refused
from tonnebook.market.models import ClosingStep, DayBreak, MemberNet


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of a close: when it was done last, by whom, and its figures; `is_done` is false where breaks stop it."""

    step: DayStep
    is_done: bool
    figures: dict[str, Json]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BreakRow:
    """Where two books differ: tonnes or fen of an asset as the registry has them, and as the other book has."""

    number: str
    region: str
    day: date
    kind: BreakKind
    subject: str
    asset: str
    registry: int
    other: int
    state: BreakState
    found_at: datetime
    explanation: str
    explained_by: str
    resolved_by: str


@dataclass(frozen=True, slots=True)
class MemberNetRow:
    """What a member bought and sold of an asset on a day through a pair of accounts, gross and net."""

    day: date
    organisation: str
    unit_account: str
    cash_account: str
    asset: str
    trades: int
    totals: MemberTotals


def closing_steps(region: str, day: date) -> tuple[StepRow, ...]:
    """List how far the close of a day has come, in order of the steps; none before it is begun."""
    found = {row.step: row for row in ClosingStep.objects.filter(region=region, day=day)}
    return tuple(
        StepRow(step, found[step].is_done, found[step].figures, found[step].by, found[step].at)
        for step in DayStep
        if step in found
    )


def breaks(region: str, day: date) -> tuple[BreakRow, ...]:
    """List where the books of a day differ or differed, in order of number."""
    return tuple(_break_row(row) for row in DayBreak.objects.filter(region=region, day=day).order_by("id"))


def day_break(number: str) -> BreakRow:
    """Find a break.

    Raises:
        Refused: NO_SUCH_BREAK.
    """
    row = DayBreak.objects.filter(number=number).first()
    if row is None:
        raise Refused(ClosingRefusal.NO_SUCH_BREAK, number=number)
    return _break_row(row)


def member_nets(region: str, day: date, *, organisation: str = "") -> tuple[MemberNetRow, ...]:
    """List what members bought and sold on a day whose close has been begun, by organisation, account and asset.

    Args:
        region: region code.
        day: trading day.
        organisation: unified social credit code of one member; empty for all.
    """
    rows = MemberNet.objects.filter(region=region, day=day).order_by("organisation", "unit_account", "asset")
    if organisation:
        rows = rows.filter(organisation=organisation)
    return tuple(
        MemberNetRow(
            day=row.day,
            organisation=row.organisation,
            unit_account=row.unit_account,
            cash_account=row.cash_account,
            asset=row.asset,
            trades=row.trades,
            totals=MemberTotals(row.bought_t, row.sold_t, row.bought_fen, row.sold_fen, row.fee_fen),
        )
        for row in rows
    )


def _break_row(row: DayBreak) -> BreakRow:
    return BreakRow(
        number=row.number,
        region=row.region,
        day=row.day,
        kind=BreakKind(row.kind),
        subject=row.subject,
        asset=row.asset,
        registry=row.registry,
        other=row.other,
        state=BreakState(row.state),
        found_at=row.found_at,
        explanation=row.explanation,
        explained_by=row.explained_by,
        resolved_by=row.resolved_by,
    )
