"""`./tonnebook year`: one compliance year of a demo region in a scratch database, then the auditor's word on it."""

import json
import sys
import time

from rich.console import Console
from rich.table import Table

from tonnebook import scratch
from tonnebook.compliance import queries as compliance
from tonnebook.core.rules import Status
from tonnebook.demo import year as demo
from tonnebook.demo.schedule import Step
from tonnebook.demo.world import World
from tonnebook.emissions import queries as emissions
from tonnebook.emissions.queries import Recomputed
from tonnebook.imports import screen
from tonnebook.journal import queries as journal
from tonnebook_audit.auditor import AuditReport, audit

_SHOWN_ROWS = 20


def run(world: World, *, as_json: bool) -> int:
    """Play the year from nothing, audit it, and print what came of it.

    Args:
        world: region, year and seed.
        as_json: one JSON object on standard output instead of tables.

    Returns:
        Exit code: 0 when the auditor finds no break.
    """
    started = time.monotonic()
    with scratch.scratch_database(f"year_{world.region}_{world.year}"):
        with screen.progress_bar() as show:
            demo.play(world, progress=lambda step, place, total: show(_told(step), step.en, place, total))
        result = demo.result(world)
        report = audit(journal.audit_url(), **journal.signer().keys)
        again = emissions.recompute()
        seconds = round(time.monotonic() - started, 2)
        if as_json:
            facts = result.to_json() | {
                "breaks": len(report.breaks) + len(again.breaks),
                "recomputed": again.reports,
                "seconds": seconds,
            }
            sys.stdout.write(json.dumps(facts, ensure_ascii=False) + "\n")
        else:
            _print_tables(world, result, report, again, seconds)
    return 1 if report.breaks or again.breaks else 0


def _told(step: Step) -> str:
    return f"{step.at:%Y-%m-%d} {step.zh}"


def _print_tables(
    world: World, result: demo.YearResult, report: AuditReport, again: Recomputed, seconds: float
) -> None:
    console = Console()
    table = Table(title=f"履约表 · Compliance {world.region} {world.year}（模拟 demo）")
    for column in (
        "代码 code",
        "审定 determined t",
        "清缴 surrendered t",
        "抵销 credits t",
        "缺口 shortfall t",
        "状态 status",
    ):
        table.add_column(column, justify="left" if column[0] in "代状" else "right")
    rows = sorted(compliance.compliance_table(world.region, world.year), key=lambda row: (-row.shortfall_t, row.entity))
    for row in rows[:_SHOWN_ROWS]:
        figures = (row.determined_t, row.surrendered_t, row.credits_t, row.shortfall_t)
        table.add_row(row.entity, *("–" if figure is None else f"{figure:,}" for figure in figures), row.code)
    console.print(table)
    console.print(f"… {max(0, len(rows) - _SHOWN_ROWS)} more · {result.compliant} of {result.entities} compliant")
    unsure = sorted({one for statuses in result.statuses.values() for one in statuses} - {Status.ENACTED})
    console.print(
        f"issued {result.issued_t:,} t = held {result.held_t:,} + surrendered {result.surrendered_t:,}"
        f" + retired {result.retired_t:,} + cancelled {result.cancelled_t:,}"
    )
    if unsure:
        console.print(
            f"※ rests on values that were not read as enacted: {', '.join(unsure)} · --json says which number"
        )
    console.print(f"log root {result.log_root} ({result.log_size:,} leaves)")
    for one in report.breaks:
        console.print(f"BREAK {one.check}: {one.subject}: expected {one.expected}, found {one.found}")
    for one_of in again.breaks:
        console.print(f"BREAK {one_of.what}: {one_of.subject}: expected {one_of.expected}, found {one_of.found}")
    console.print(f"{again.reports} reports computed again, {len(again.breaks)} breaks")
    console.print(f"{len(report.breaks)} breaks · {seconds} s")
