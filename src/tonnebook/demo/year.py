"""Play a compliance year, or a part of it, and say what came of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from tonnebook.compliance import queries as compliance
from tonnebook.compliance.queries import StatusRow
from tonnebook.core.errors import Refused
from tonnebook.core.surrender import COMPLIANT_CODES
from tonnebook.demo import schedule
from tonnebook.demo.models import PlayedStep
from tonnebook.demo.schedule import Step
from tonnebook.demo.world import World
from tonnebook.journal import services as journal
from tonnebook.registry import queries as registry

Progress = Callable[[Step, int, int], None]
Forgiven = Callable[[Step, Refused], None]


@dataclass(frozen=True, slots=True)
class YearResult:
    """What a played year came to; tonnes, and the root of the log in hexadecimal.

    `statuses` says for each number that follows from the rule book how sure the parameters are that it rests on.
    """

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
    statuses: Mapping[str, tuple[str, ...]]

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
    return play_together([world], until=until, progress=progress)


def play_together(
    worlds: Sequence[World],
    *,
    until: datetime | None = None,
    progress: Progress | None = None,
    forgiven: Forgiven | None = None,
) -> Sequence[Step]:
    """Play several years of one region in the order of the calendar, because one year ends long after the next began.

    Each step is one transaction with the note that it has been played: whoever is killed in it has not begun it.

    Args:
        worlds: the years; one region, one seed.
        until: play what happens up to then; None plays the whole years.
        progress: told before each step: the step, its place and how many there are.
        forgiven: told of a step that is refused, because a visitor has done it or made it impossible; the step is left
            out and counts as played. None lets the refusal end the playing.

    Returns:
        The steps played now.
    """
    left = ((world, step) for world in worlds for step in _left(world, {one.year for one in worlds}))
    due = sorted((one for one in left if until is None or one[1].at <= until), key=lambda one: one[1].at)
    with journal.seeded_salts(worlds[0].seed):
        for place, (world, step) in enumerate(due):
            if progress:
                progress(step, place, len(due))
            with transaction.atomic():
                _play(world, step, forgiven)
                PlayedStep.objects.create(region=world.region, year=world.year, code=step.code, at=step.at)
            journal.integrate(now=step.at)
    if due:
        journal.publish_checkpoint(now=due[-1][1].at)
    return [step for _, step in due]


def result(world: World) -> YearResult:
    """Add up what the year came to."""
    rows: Sequence[StatusRow] = compliance.compliance_table(world.region, world.year)
    totals, checkpoint = registry.totals(world.region), journal.publish_checkpoint(now=journal.now())
    return YearResult(
        region=world.region,
        year=world.year,
        entities=len(rows),
        compliant=sum(row.code in COMPLIANT_CODES for row in rows),
        issued_t=totals.issued_t,
        held_t=totals.held_t,
        surrendered_t=totals.surrendered_t,
        retired_t=totals.retired_t,
        cancelled_t=totals.cancelled_t,
        determined_t=sum(row.determined_t or 0 for row in rows),
        log_size=checkpoint.size,
        log_root=checkpoint.root,
        statuses=_statuses(world),
    )


# What is issued counts what auctions offer, and what falls away is what they sold for own surrender only; what is held
# is the rest of all. Retiring is everybody's own affair and rests on no parameter.
def _statuses(world: World) -> Mapping[str, tuple[str, ...]]:
    found, rules = compliance.certainty(world.region, world.year), world.rules(world.deadline("surrender"))
    offered = (rules.status(f"auction.{kind}.quantity_t").value for kind in ("early", "last_resort"))
    issued = {*found.issued, *offered}
    cancelled = rules.status("carry_over.own_use_leftover").value
    rests_on = {
        "entities": found.listed,
        "compliant": found.settled,
        "issued_t": issued,
        "held_t": {*issued, *found.settled, cancelled},
        "surrendered_t": found.settled,
        "cancelled_t": [cancelled],
        "determined_t": found.determined,
    }
    return {name: tuple(sorted(statuses)) for name, statuses in rests_on.items()}


def _play(world: World, step: Step, forgiven: Forgiven | None) -> None:
    try:
        with transaction.atomic():
            step.play(world, step.at)
    except Refused as refused:
        if forgiven is None or refused.code.sentence.transient:
            raise
        forgiven(step, refused)


def _left(world: World, years: set[int]) -> Sequence[Step]:
    done = set(PlayedStep.objects.filter(region=world.region, year=world.year).values_list("code", flat=True))
    left = [step for step in schedule.steps(world) if step.code not in done]
    return [_after_determination(world, step) if world.year - 1 in years else step for step in left]


def _after_determination(world: World, step: Step) -> Step:
    # The first batch is a share of last year's emission: where that is determined here, the batch waits for it.
    if step.code != "first_batch":
        return step
    last = World(world.region, world.year - 1, world.seed)
    determined_at = next(one.at for one in schedule.steps(last) if one.code == "determine")
    return replace(step, at=max(step.at, determined_at + timedelta(days=1)))
