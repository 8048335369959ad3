"""A registry of the European kind: published allocations, bulk surrenders, the cumulative rule."""

from datetime import UTC, datetime
from typing import cast

import pytest
from django.db import transaction
from tests.unit.compliance.stage import uscc

from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.core import trace
from tonnebook.core.allocation.refusals import AllocationRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType
from tonnebook.core.roles import SYSTEM, Actor, OrganisationKind, Role
from tonnebook.emissions import services as emissions
from tonnebook.members import services as members
from tonnebook.registry import services as registry

REGION = "eu"
PLANT, STILL, CENTRAL = (uscc(count) for count in (31, 32, 33))
NOW = datetime(2008, 5, 5, 1, tzinfo=UTC)


def _clerk(person: str) -> Actor:
    return Actor(person, CENTRAL, OrganisationKind.AUTHORITY, frozenset({Role.OFFICER, Role.REGISTRAR}), REGION)


FIRST, OTHER = _clerk("P-31"), _clerk("P-32")


@pytest.fixture
def keys(db: None) -> list[str]:
    """Unused idempotency keys, with two installations registered and their verified emissions taken over."""
    unused = [f"eu-{count:08d}" for count in range(100)]
    kinds = {PLANT: OrganisationKind.ENTITY, STILL: OrganisationKind.ENTITY, CENTRAL: OrganisationKind.AUTHORITY}
    drafts = [members.OrganisationDraft(code, code, code, kind, REGION) for code, kind in kinds.items()]
    members.register_organisations(SYSTEM, drafts=drafts, key=unused.pop(), now=NOW)
    with transaction.atomic():
        registry.open_region(REGION, now=NOW)
        registry.open_accounts(
            [registry.AccountDraft(AccountType.HOLDING, REGION, code) for code in (PLANT, STILL)], now=NOW
        )
    rows = [emissions.HistoryRow(PLANT, year, 100, 100) for year in (2005, 2006)]
    emissions.import_history(FIRST, region=REGION, rows=rows, key=unused.pop(), now=NOW)
    return unused


def _year(keys: list[str], year: int, surrendered_t: int) -> None:
    entities = [PLANT, STILL]
    compliance.list_entities(FIRST, region=REGION, year=year, entities=entities, key=keys.pop(), now=NOW)
    issued = [compliance.IssuedRow(PLANT, 150)]
    compliance.import_allocations(
        FIRST, region=REGION, year=year, rows=issued, approver=OTHER.person, key=keys.pop(), now=NOW
    )
    draft = compliance.SurrenderDraft(PLANT, (compliance.SurrenderLine(f"EUA-{year}", surrendered_t),))
    answer = compliance.submit_surrenders(FIRST, region=REGION, year=year, rows=[draft], key=keys.pop(), now=NOW)
    numbers = cast("list[str]", answer["surrenders"])
    compliance.confirm_surrenders(OTHER, region=REGION, year=year, surrenders=numbers, key=keys.pop(), now=NOW)
    compliance.settle_status(FIRST, region=REGION, year=year, key=keys.pop(), now=NOW)


def test_an_operator_that_catches_up_is_enough_again(keys: list[str]) -> None:
    _year(keys, 2005, 90)
    _year(keys, 2006, 110)
    codes = {(row.entity, year): row.code for year in (2005, 2006) for row in queries.compliance_table(REGION, year)}
    assert codes == {(PLANT, 2005): "B", (PLANT, 2006): "A", (STILL, 2005): "C", (STILL, 2006): "C"}
    (plant, _) = sorted(queries.compliance_table(REGION, 2005), key=lambda row: row.entity != PLANT)
    assert (plant.shortfall_t, plant.obligation_t, plant.rule) == (10, 100, "CUMULATIVE")
    assert trace.replay(plant.traces["shortfall"]) == 10


def test_a_published_allocation_is_issued_once(keys: list[str]) -> None:
    _year(keys, 2005, 90)
    with pytest.raises(Refused) as caught:
        compliance.import_allocations(
            FIRST,
            region=REGION,
            year=2005,
            rows=[compliance.IssuedRow(PLANT, 1)],
            approver=OTHER.person,
            key=keys.pop(),
            now=NOW,
        )
    assert caught.value.code is AllocationRefusal.ALREADY_ISSUED


def test_units_may_come_before_the_figure_they_are_for(keys: list[str]) -> None:
    _year(keys, 2007, 150)
    (plant, _) = sorted(queries.compliance_table(REGION, 2007), key=lambda row: row.entity != PLANT)
    assert (plant.code, plant.determined_t, plant.surrendered_t) == ("C", None, 150)
