"""Play a compliance year, or a part of it, and say what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from tonnebook.compliance import queries as compliance
from tonnebook.compliance.queries import StatusRow
from tonnebook.demo import schedule
from tonnebook.demo.models import PlayedStep
from tonnebook.demo.schedule import Step
from tonnebook.demo.world import World
from tonnebook.journal import services as journal
from tonnebook.registry import queries as registry

Progress = Callable[[Step, int, int], None]


@dataclass(frozen=True, slots=True)
class YearResult:
    """What a played year came to; tonnes, and the root of the log in hexadecimal."""

    region: str
    year: int
    entities: int
    compliant: int
    issued_t: int
    held_t: int
    surrendered_t: int
    retired_t: int
    cancelled_t: int
    determined_t: int
    log_size: int
    log_root: str

    def to_json(self) -> dict[str, object]:
        """Give the result as plain JSON values."""
        return asdict(self)


def play(world: World, *, until: datetime | None = None, progress: Progress | None = None) -> Sequence[Step]:
    """Play the steps of a year that have not been played in this database yet.

    Args:
        world: region, year and seed.
        until: play what happens up to then; None plays the whole year.
        progress: told before each step: the step, its place and how many there are.

    Returns:
        The steps played now.
    """
    done = set(PlayedStep.objects.filter(region=world.region, year=world.year).values_list("code", flat=True))
    due = [step for step in schedule.steps(world) if step.code not in done and (until is None or step.at <= until)]
    with journal.seeded_salts(world.seed):
        for place, step in enumerate(due):
            if progress:
                progress(step, place, len(due))
            step.play(world, step.at)
            PlayedStep.objects.create(region=world.region, year=world.year, code=step.code, at=step.at)
            journal.integrate(now=step.at)
    if due:
        journal.publish_checkpoint(now=due[-1].at)
    return due


def result(world: World) -> YearResult:
    """Add up what the year came to."""
    rows: Sequence[StatusRow] = compliance.compliance_table(world.region, world.year)
    totals, checkpoint = registry.totals(world.region), journal.publish_checkpoint(now=journal.now())
    return YearResult(
        region=world.region,
        year=world.year,
        entities=len(rows),
        compliant=sum(row.shortfall_t == 0 for row in rows),
        issued_t=totals.issued_t,
        held_t=totals.held_t,
        surrendered_t=totals.surrendered_t,
        retired_t=totals.retired_t,
        cancelled_t=totals.cancelled_t,
        determined_t=sum(row.determined_t or 0 for row in rows),
        log_size=checkpoint.size,
        log_root=checkpoint.root,
    )
