"""What became of a region's surplus in a year: carried over, converted, cancelled, given back or handed over."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from tonnebook.compliance.models import CarryOver, TransitionStep
from tonnebook.compliance.queries import books, carrying, standing
from tonnebook.compliance.queries.carrying import CarryOverRequestRow
from tonnebook.core import carry_over, periods
from tonnebook.core.carry_over import CarryOverState
from tonnebook.core.rules import RulesAt
from tonnebook.core.trace import Origin
from tonnebook.core.transition import TransitionKind


@dataclass(frozen=True, slots=True)
class CarriedRow:
    """What one act did with an entity's allowances, tonnes; `kind` is None for the carry-over of the settled year.

    `basis` is the parameter that says so, with its article; None where leaving is a choice of ours.
    """

    entity: str
    name_zh: str
    name_en: str
    kind: TransitionKind | None
    on: date
    kept_t: int = 0
    converted_t: int = 0
    cancelled_t: int = 0
    returned_t: int = 0
    handed_t: int = 0
    transfer: str = ""
    basis: Origin | None = None


@dataclass(frozen=True, slots=True)
class CarriedYear:
    """A region's year of carrying over: every act, the requests where it is asked for, and who asked for nothing.

    `unasked` counts entities that hold old vintages and have no request, `unasked_t` their tonnes.
    """

    rows: tuple[CarriedRow, ...]
    is_limited: bool
    requests: tuple[CarryOverRequestRow, ...]
    rounds: tuple[date, ...]
    unasked: int = 0
    unasked_t: int = 0

    @property
    def totals(self) -> dict[str, int]:
        """Tonnes by what was done with them."""
        return {name: sum(getattr(row, name) for row in self.rows) for name in AMOUNTS}

    @property
    def waiting(self) -> tuple[date, ...]:
        """The rounds in which a request waits."""
        return tuple(sorted({one.round_on for one in self.requests if one.state is CarryOverState.WAITING}))


AMOUNTS = ("kept_t", "converted_t", "cancelled_t", "returned_t", "handed_t")


def carried_year(region: str, year: int, *, now: datetime) -> CarriedYear:
    """Tell what a region's companies carried over, converted, cancelled, gave back and handed over in a year.

    Args:
        region: region code.
        year: compliance year; of steps of leaving the year of their day.
        now: the clock.
    """
    rules = standing.rules(region, year, periods.day_of(now))
    rows = tuple(sorted((*_carried(rules, year), *_left(rules, year)), key=lambda row: (row.on, row.entity)))
    if not carry_over.is_limited(rules):
        return CarriedYear(rows, False, (), ())
    asked = carrying.carry_over_requests(region, year)
    silent = set(books.covered_codes(region, year)) - {
        one.entity for one in asked if one.state is not CarryOverState.WITHDRAWN
    }
    held = {uscc: carry_over.old_t(dict(had), rules) for uscc, had in standing.held_totals(sorted(silent)).items()}
    return CarriedYear(rows, True, asked, carry_over.rounds(rules), sum(map(bool, held.values())), sum(held.values()))


def _carried(rules: RulesAt, year: int) -> Iterator[CarriedRow]:
    basis = rules.origin("carry_over.rule") if rules.has("carry_over.rule") else None
    for row in CarryOver.objects.filter(region=rules.region, year=year).select_related("entity"):
        yield CarriedRow(
            row.entity_id,
            row.entity.name_zh,
            row.entity.name_en,
            None,
            periods.day_of(row.carried_at),
            row.kept_t,
            row.converted_t,
            row.cancelled_t,
            row.returned_t,
            transfer=row.transfer,
            basis=basis,
        )


def _left(rules: RulesAt, year: int) -> Iterator[CarriedRow]:
    steps = TransitionStep.objects.filter(region=rules.region, due_on__year=year).select_related("entity")
    for step in steps:
        kind = TransitionKind(step.kind)
        path = next((one for one in _BASIS[kind] if rules.has(one)), "")
        yield CarriedRow(
            step.entity_id,
            step.entity.name_zh,
            step.entity.name_en,
            kind,
            step.due_on,
            converted_t=step.quantity_t if kind is TransitionKind.CONVERT else 0,
            cancelled_t=step.quantity_t if kind is TransitionKind.CANCEL_FREE else 0,
            returned_t=step.quantity_t if kind is TransitionKind.EXIT else 0,
            handed_t=step.quantity_t if kind is TransitionKind.HAND_OVER else 0,
            transfer=step.transfer,
            basis=rules.origin(path) if path else None,
        )


_BASIS = {
    TransitionKind.CONVERT: ("carry_over.convert_within_years",),
    TransitionKind.CANCEL_FREE: ("carry_over.cancel_free_by_on", "carry_over.cancel_free_within_years"),
    TransitionKind.HAND_OVER: (),
    TransitionKind.EXIT: ("coverage.closure_returns_rest", "coverage.closure_recall_share"),
}
