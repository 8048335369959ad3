"""Fixtures of this room: a small region ready for the year, and a count of statements."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from tests.unit.emissions.story import (
    BLUNT_PEN,
    BUREAU,
    DUTIES,
    EAST_GLASS,
    FINE_PEN,
    NORTH_POWER,
    OTHER_PEN,
    OTHER_VERIFIER,
    PEN,
    PLAIN_SCALE,
    RED_RIVER,
    REGION,
    TRUE_MEASURE,
    VERIFIER,
    Story,
)

from tonnebook.core import roles
from tonnebook.core.roles import OrganisationKind
from tonnebook.emissions import services as emissions
from tonnebook.members import services as members
from tonnebook.members.models import Organisation, Person


@pytest.fixture
def story(db: None) -> Story:
    """The region with its organisations and facilities, ready for the year."""
    new = Story()
    kinds = {
        RED_RIVER: OrganisationKind.ENTITY,
        NORTH_POWER: OrganisationKind.ENTITY,
        EAST_GLASS: OrganisationKind.ENTITY,
        TRUE_MEASURE: OrganisationKind.VERIFIER,
        PLAIN_SCALE: OrganisationKind.VERIFIER,
        BUREAU: OrganisationKind.AUTHORITY,
        FINE_PEN: OrganisationKind.REPORT_WRITER,
        BLUNT_PEN: OrganisationKind.REPORT_WRITER,
    }
    at = datetime(2025, 12, 1, tzinfo=UTC)
    drafts = [
        members.OrganisationDraft(code, f"单位{code}", f"Unit {code}", kind, REGION) for code, kind in kinds.items()
    ]
    members.register_organisations(roles.SYSTEM, drafts=drafts, key=new.key(), now=at)
    places = [("RR-1", RED_RIVER), ("RR-2", RED_RIVER), ("NP-1", NORTH_POWER), ("EG-1", EAST_GLASS)]
    emissions.register_facilities(
        roles.SYSTEM,
        drafts=[emissions.FacilityDraft(n, e, "设施", "Facility", "industry", date(2026, 1, 1)) for n, e in places],
        key=new.key(),
        now=at,
    )
    employed = {**dict.fromkeys(DUTIES, TRUE_MEASURE), "P-4": PLAIN_SCALE}
    firms = {row.uscc: row for row in Organisation.objects.filter(uscc__in=set(employed.values()))}
    Person.objects.bulk_create(
        Person(number=number, username=number, organisation=firms[firm], roles=["VERIFIER"])
        for number, firm in employed.items()
    )
    new.admit(VERIFIER, DUTIES)
    for actor in (OTHER_VERIFIER, PEN, OTHER_PEN):
        new.admit(actor)
    return new


@pytest.fixture
def count_queries() -> Callable[[Callable[[], object]], list[str]]:
    """Run something and give the statements it sent."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def run(action: Callable[[], object]) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            action()
        return [query["sql"] for query in captured.captured_queries]

    return run
