"""Write days and hours as a calendar file that every calendar program reads (RFC 5545)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_LINE_BYTES = 75


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a calendar.

    Attributes:
        uid: the same every time the file is made.
        title: what is held.
        begins: instant, or the day of what lasts all day.
        ends: instant; None for all of the day.
        address: page about it.
        status: "CONFIRMED", "TENTATIVE" or "CANCELLED".
    """

    uid: str
    title: str
    begins: datetime | date
    ends: datetime | None
    address: str
    status: str


def written(name: str, events: Iterable[Event], *, at: datetime) -> str:
    """Write a calendar.

    Args:
        name: as programs show it.
        events: in any order.
        at: when it is made.

    Returns:
        The text of the file, lines folded at 75 bytes and ended as the standard wants.

    Source: RFC 5545.
    """
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tonnebook//auctions//EN", f"X-WR-CALNAME:{_escaped(name)}"]
    for event in events:
        lines += _event(event, at)
    return "".join(f"{part}\r\n" for line in (*lines, "END:VCALENDAR") for part in _folded(line))


def _event(event: Event, at: datetime) -> list[str]:
    if isinstance(event.begins, datetime):
        times = [f"DTSTART:{_instant(event.begins)}", *([f"DTEND:{_instant(event.ends)}"] if event.ends else [])]
    else:
        days = (event.begins, event.begins + timedelta(days=1))
        times = [f"{name};VALUE=DATE:{day:%Y%m%d}" for name, day in zip(("DTSTART", "DTEND"), days, strict=True)]
    about = [f"SUMMARY:{_escaped(event.title)}", f"URL:{event.address}", f"STATUS:{event.status}"]
    return ["BEGIN:VEVENT", f"UID:{event.uid}", f"DTSTAMP:{_instant(at)}", *times, *about, "END:VEVENT"]


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


# A line goes on behind a blank; no letter is cut in two.
def _folded(line: str) -> Iterator[str]:
    part, size = "", 0
    for letter in line:
        bytes_ = len(letter.encode())
        if size + bytes_ > _LINE_BYTES:
            yield part
            part, size = " ", 1
        part, size = part + letter, size + bytes_
    yield part
