"""Re-check serial numbers: replay every move and compare where each number lies with the stored blocks and balances."""

from bisect import bisect_right, insort
from collections import Counter, defaultdict
from typing import Any

import psycopg

from tonnebook_audit import rows
from tonnebook_audit.books import Names, read_names
from tonnebook_audit.report import AuditReport

_Place = tuple[int, int]


class Ranges:
    """The serial numbers of one account and asset, as disjoint ranges that never touch."""

    def __init__(self) -> None:
        self._ends: dict[int, int] = {}
        self._starts: list[int] = []

    def add(self, start: int, end: int) -> None:
        """Put `[start, end)` in, joined with what it touches."""
        at = bisect_right(self._starts, start)
        if at and self._ends[self._starts[at - 1]] == start:
            start = self._starts.pop(at - 1)
            at -= 1
        if at < len(self._starts) and self._starts[at] == end:
            end = self._ends.pop(self._starts.pop(at))
        insort(self._starts, start)
        self._ends[start] = end

    def take(self, start: int, end: int) -> bool:
        """Take `[start, end)` out; False, and nothing done, when it is not all there."""
        at = bisect_right(self._starts, start) - 1
        if at < 0 or self._ends[self._starts[at]] < end:
            return False
        begin = self._starts.pop(at)
        last = self._ends.pop(begin)
        if begin < start:
            insort(self._starts, begin)
            self._ends[begin] = start
        if end < last:
            insort(self._starts, end)
            self._ends[end] = last
        return True

    def listed(self) -> list[tuple[int, int]]:
        """List the ranges in order."""
        return [(start, self._ends[start]) for start in self._starts]


def check(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    """Check blocks, moves, the global line, and blocks against balances."""
    if not rows.exists(connection, "registry_serialblock"):
        return
    names = read_names(connection)
    replayed, issued_to = _replay(connection, names, report)
    stored = _stored(connection, report)
    for place in replayed.keys() | stored.keys():
        expected = replayed[place].listed() if place in replayed else []
        found = stored[place].listed() if place in stored else []
        report.compare("serial block", names.place(*place), expected=expected, found=found)
    _check_line(connection, stored, issued_to, report)
    _check_sums(connection, names, stored, report)


def _replay(connection: psycopg.Connection[Any], names: Names, report: AuditReport) -> tuple[dict[_Place, Ranges], int]:
    lying: dict[_Place, Ranges] = defaultdict(Ranges)
    serial_next = 1
    for debit, credit, asset, start, end in rows.stream(connection, _MOVES):
        report.count("serial move")
        subject = f"{names.place(debit, asset)} [{start}, {end})"
        if names.is_source(debit):
            # Units come into being on one line, without a gap.
            report.compare("serial line", subject, expected=serial_next, found=start)
            serial_next = end
        elif not lying[debit, asset].take(start, end):
            report.compare("serial move", subject, expected="numbers that lie there", found="not all of them do")
        lying[credit, asset].add(start, end)
    return {place: ranges for place, ranges in lying.items() if ranges.listed()}, serial_next


def _stored(connection: psycopg.Connection[Any], report: AuditReport) -> dict[_Place, Ranges]:
    stored: dict[_Place, Ranges] = defaultdict(Ranges)
    last = 1
    for account, asset, start, end in rows.stream(connection, _BLOCKS):
        report.compare("gapless", f"serial {start}", expected=last, found=start)
        stored[account, asset].add(start, end)
        last = end
    return stored


def _check_line(
    connection: psycopg.Connection[Any], stored: dict[_Place, Ranges], issued_to: int, report: AuditReport
) -> None:
    last = max((ranges.listed()[-1][1] for ranges in stored.values()), default=1)
    report.compare("gapless", "last serial", expected=issued_to, found=last)
    for (serial_next,) in rows.stream(connection, "SELECT serial_next FROM registry_serialline"):
        report.compare("serial line", "next serial", expected=issued_to, found=serial_next)


def _check_sums(
    connection: psycopg.Connection[Any], names: Names, stored: dict[_Place, Ranges], report: AuditReport
) -> None:
    sums: Counter[_Place] = Counter()
    for place, ranges in stored.items():
        sums[place] = sum(end - start for start, end in ranges.listed())
    for account, asset, total in rows.stream(connection, "SELECT account_id, asset_id, total FROM registry_balance"):
        if names.is_unit(asset) and not names.is_source(account):
            place = (account, asset)
            report.compare("serial sum", names.place(*place), expected=total, found=sums.pop(place, 0))
    for place, size_t in sums.items():
        report.compare("serial sum", names.place(*place), expected="a balance", found=size_t)


_MOVES = """
SELECT debit_account_id, credit_account_id, asset_id, serial_from, serial_to FROM registry_serialmove ORDER BY id
"""
_BLOCKS = "SELECT account_id, asset_id, serial_from, serial_to FROM registry_serialblock ORDER BY serial_from"
