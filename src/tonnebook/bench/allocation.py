"""What allocating costs: 100,000 entities over five years by every method, kept, and any figure of it explained."""

import multiprocessing
import os
import resource
import tempfile
import time
from pathlib import Path

from tonnebook.bench import entities
from tonnebook.bench.report import Figure
from tonnebook.core import trace
from tonnebook.core.allocation import bulk, columns, runs
from tonnebook.core.allocation.annual import annual
from tonnebook.core.allocation.columns import Columns

ENTITIES = 100_000
YEARS = range(2022, 2027)
PROCESSES = 2
# A run is kept in parts of so many entities, so that one of them is read in a moment.
PART = 5_000
SAMPLE = 500


def measure() -> list[Figure]:
    """Measure allocation: many at once with what is kept, against the readable formulas on a sample of the same facts.

    Returns:
        Figures with their references and targets.
    """
    with tempfile.TemporaryDirectory(prefix="bench_allocation") as name:
        folder = Path(name)
        parts = {f"{year}-{number}": part for year in YEARS for number, part in enumerate(_laid_out(year))}
        seconds = _allocate(parts, folder)
        plain = sum(map(_plain_s, YEARS)) / SAMPLE * ENTITIES
        slowest = max(_explained_s(folder / f"{year}-0", year) for year in YEARS)
        kept = sum(file.stat().st_size for file in folder.iterdir())
    return [
        Figure(
            "allocate_500k_and_keep_s",
            seconds,
            plain,
            target=5.0,
            is_cost=True,
            plain=f"readable formulas, from {SAMPLE * len(YEARS):,} of them",
        ),
        Figure("processor_s", _processor_s(), is_cost=True),
        Figure("peak_memory_mib", _peak_mib(), target=2048.0, is_cost=True),
        Figure("explain_slowest_s", slowest, target=0.05, is_cost=True),
        Figure("kept_bytes_per_result", kept / ENTITIES / len(YEARS)),
    ]


def _laid_out(year: int) -> list[Columns]:
    everybody, before = list(entities.entities(ENTITIES, year)), range(year - entities.BASE_YEARS, year)
    return [columns.of(everybody[start : start + PART], before) for start in range(0, ENTITIES, PART)]


# Measured is what a run is: computing from columns, writing down, and waiting for the disk. The processes inherit the
# columns and hand nothing back.
def _allocate(parts: dict[str, Columns], folder: Path) -> float:
    started = time.perf_counter()
    context = multiprocessing.get_context("fork")
    names = list(parts)
    workers = [
        context.Process(target=_keep, args=({name: parts[name] for name in names[first::PROCESSES]}, folder))
        for first in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        if worker.exitcode:
            raise ValueError(f"a process ended with {worker.exitcode}")
    return time.perf_counter() - started


def _keep(parts: dict[str, Columns], folder: Path) -> None:
    for name, part in parts.items():
        year = int(name.partition("-")[0])
        data = runs.to_bytes(part, bulk.annual(part, entities.rules(year)), year=year)
        with (folder / name).open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())


def _plain_s(year: int) -> float:
    rules, sample = entities.rules(year), list(entities.entities(SAMPLE, year))
    started = time.perf_counter()
    for facts in sample:
        annual(facts, rules)
    return time.perf_counter() - started


# From the disk to a trace that has been computed again, for the first entities: all sectors are among them.
def _explained_s(file: Path, year: int) -> float:
    rules, slowest = entities.rules(year), 0.0
    for position in range(20):
        started = time.perf_counter()
        found = runs.explain(runs.from_bytes(file.read_bytes()), position, rules)
        if trace.replay(found.base) != found.base.value:
            raise ValueError(f"the trace of position {position} gives another number")
        slowest = max(slowest, time.perf_counter() - started)
    return slowest


# What the processes used of the processors, however long they had to wait for them.
def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# The parent's peak and, as if nothing were shared, that of each process.
def _peak_mib() -> float:
    own, largest = (
        resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own + PROCESSES * largest
