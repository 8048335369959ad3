"""Worked examples of clocks: days to object and to decide, months to file, waits by working hours."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from tonnebook.core import delays, objections, periods, reporting, sessions
from tonnebook.core.examples import parameters as sheet


def objection(
    *, parameters: Mapping[str, str], decided_on: str, filed_on: str, days_off: Sequence[str] = ()
) -> dict[str, str]:
    """Give the last day to object and, when it is filed in time, the last day to decide."""
    rules, calendar = sheet.rules(parameters), periods.Calendar(frozenset(map(date.fromisoformat, days_off)))
    last_on, today = (
        objections.object_until(date.fromisoformat(decided_on), rules, calendar),
        date.fromisoformat(filed_on),
    )
    objections.check_filing(last_on, today=today, reason="example")
    return {
        "object_until": last_on.isoformat(),
        "decide_until": objections.decide_until(today, rules, calendar).isoformat(),
    }


def monthly_filing(*, parameters: Mapping[str, str], month: str, filed_on: str) -> dict[str, str]:
    """Say by when a month is to be filed and whether it was filed late."""
    year, number = map(int, month.split("-"))
    days = sheet.rules(parameters).integer("filing.monthly_days")
    filing = reporting.Filing(
        facility="F-1",
        year=year,
        month=number,
        filed_on=date.fromisoformat(filed_on),
        active_from_on=date(year, 1, 1),
        is_filed=False,
        reason="example",
        monthly_days=days,
    )
    is_late = reporting.check_filing(filing)
    due_on = reporting.monthly_due_on(year, number, days)
    return {"due_on": due_on.isoformat(), "late": "yes" if is_late else "no"}


def wait(*, asked_at: str, working_days: str, hours: str, zone: str) -> dict[str, str]:
    """Say when a wait by working hours begins and ends, on the wall of the zone."""
    clock = delays.WorkingClock(periods.Calendar(), sessions.read([hours])[0], ZoneInfo(zone))
    asked = datetime.fromisoformat(asked_at).replace(tzinfo=clock.zone)
    started = delays.starts_at(asked, clock=clock)
    ready = delays.ready_at(asked, working_days=int(working_days), clock=clock)
    return {
        name: f"{at.astimezone(clock.zone):%Y-%m-%dT%H:%M}"
        for name, at in (("starts_at", started), ("ready_at", ready))
    }
