"""A whole compliance year through the services on PostgreSQL: it ends well, it repeats, and the auditor agrees."""

from dataclasses import asdict, dataclass
from functools import cached_property

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tonnebook import scratch
from tonnebook.compliance import queries as compliance
from tonnebook.core.ledger import AccountType
from tonnebook.core.objections import ObjectionState, ObjectionSubject
from tonnebook.core.year_status import YearCode
from tonnebook.demo import schedule
from tonnebook.demo import year as demo
from tonnebook.demo.population import Company, Population
from tonnebook.demo.world import World
from tonnebook.emissions import queries as emissions
from tonnebook.journal import queries as journal
from tonnebook.registry import queries as registry
from tonnebook_audit.auditor import AuditReport, audit

SEED = 7
COUNTS = {"entities", "compliant"}


@dataclass(frozen=True)
class Hamlet(Population):
    """Every fourth company of a region: enough for every step, small enough to play twice."""

    @cached_property
    def covered(self) -> tuple[Company, ...]:
        """Every fourth of them."""
        return super().covered[::4]


@dataclass
class SmallWorld(World):
    """A world with few companies."""

    @cached_property
    def population(self) -> Population:
        """The few."""
        return Hamlet(self.region, self.seed)


def _played(world: World) -> tuple[demo.YearResult, AuditReport]:
    demo.play(world)
    return demo.result(world), audit(journal.audit_url())


@pytest.mark.usefixtures("django_db_setup")
def test_a_year_of_tianjin_ends_without_a_break_and_repeats_to_the_same_root(
    django_db_blocker: DjangoDbBlocker,
) -> None:
    roots = set()
    with django_db_blocker.unblock():
        for _ in range(2):
            world = SmallWorld("tianjin", 2026, SEED)
            with scratch.scratch_database("test_year"):
                result, report = _played(world)
                _check_books(result, report)
                _check_statuses(world, result)
                _check_stages_of_allocation(world)
                _check_what_came_afterwards(world)
                assert demo.play(world) == []
            roots.add(result.log_root)
    assert len(roots) == 1


def _check_books(result: demo.YearResult, report: AuditReport) -> None:
    assert report.breaks == []
    assert report.log_root == result.log_root
    ended_t = result.surrendered_t + result.retired_t + result.cancelled_t
    assert result.issued_t == result.held_t + ended_t
    assert result.surrendered_t > 0
    # Every number that follows from the rule book says how sure that is; who retires does so by itself.
    assert set(result.statuses) == {*(name for name in asdict(result) if name.endswith("_t")), *COUNTS} - {"retired_t"}
    assert all(result.statuses.values())
    assert "scenario" in result.statuses["issued_t"]
    assert result.retired_t > 0


def _check_statuses(world: World, result: demo.YearResult) -> None:
    rows = compliance.compliance_table(world.region, world.year)
    assert len(rows) == result.entities == len(world.companies)
    # One company never gets round to buying; everybody else finds what they need.
    assert [row.shortfall_t > 0 for row in rows].count(True) == 1
    limit = world.rules(world.deadline("surrender")).decimal("surrender.credit_limit_share")
    assert any(row.credits_t > 0 for row in rows)
    for row in rows:
        assert row.credits_t <= (row.determined_t or 0) * limit


def _check_stages_of_allocation(world: World) -> None:
    last = emissions.determined(world.region, world.year - 1)
    accounts = registry.accounts_of([company.uscc for company in world.companies], AccountType.HOLDING)
    assert len(accounts) == len(world.companies)
    share = world.rules(world.deadline("first_batch")).decimal("allocation.first_batch_share")
    for company in world.companies:
        first = next(row for row in compliance.allocation_of(company.uscc, world.year) if row.batch == "FIRST")
        assert first.issue_t == int(last[company.uscc].determined_t * share)


def _check_what_came_afterwards(world: World) -> None:
    (leaver,) = compliance.leaving(world.region)
    assert (leaver.is_national, leaver.from_year) == (True, world.year + 2)
    subjects = {row.subject: row for company in world.companies for row in _objections(world, company)}
    assert subjects[ObjectionSubject.ALLOCATION].state is ObjectionState.REJECTED
    assert subjects[ObjectionSubject.DETERMINATION].state is ObjectionState.UPHELD
    rechecked, last = subjects[ObjectionSubject.DETERMINATION].entity, schedule.steps(world)[-1].at
    found = compliance.history(rechecked, region=world.region, year=world.year, now=last)
    assert found.standing.code is YearCode.REOPENED


def _objections(world: World, company: Company) -> list[compliance.ObjectionRow]:
    found = (compliance.objection_of(subject, company.uscc, world.year) for subject in ObjectionSubject)
    return [row for row in found if row]
