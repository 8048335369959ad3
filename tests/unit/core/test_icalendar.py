"""A calendar file: folded by bytes, escaped, days as days and instants in UTC."""

from datetime import UTC, date, datetime

from tonnebook.core import icalendar
from tonnebook.core.icalendar import Event

AT = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def lines(event: Event) -> list[str]:
    return icalendar.written("竞价", [event], at=AT).split("\r\n")


def test_an_hour_is_written_in_utc_and_signs_are_escaped() -> None:
    found = lines(Event("A@x", "1; 2, 3\\4", AT, datetime(2026, 3, 2, 3, 30, tzinfo=UTC), "https://x/", "CONFIRMED"))
    assert "DTSTART:20260302T013000Z" in found
    assert "DTEND:20260302T033000Z" in found
    assert "SUMMARY:1\\; 2\\, 3\\\\4" in found


def test_a_day_ends_with_the_day_after() -> None:
    found = lines(Event("A@x", "planned", date(2026, 12, 31), None, "https://x/", "TENTATIVE"))
    assert "DTSTART;VALUE=DATE:20261231" in found
    assert "DTEND;VALUE=DATE:20270101" in found


def test_no_line_is_longer_than_75_bytes_and_folding_loses_nothing() -> None:
    title = "有偿竞价发放" * 12
    text = icalendar.written("x", [Event("A@x", title, AT, None, "https://x/", "CONFIRMED")], at=AT)
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert f"SUMMARY:{title}" in text.replace("\r\n ", "")
