"""Samples through the services: entered once by an accredited laboratory, flagged by the authority, never changed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from tests.unit.emissions.story import NEXT_YEAR, REGION, YEAR, ZHOU, Story, uscc

from tonnebook.core import roles
from tonnebook.core.bodies import BodyRefusal
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.laboratories import LaboratoryRefusal
from tonnebook.core.reporting import ReportingRefusal
from tonnebook.core.roles import AccessRefusal, Actor, OrganisationKind, Role
from tonnebook.emissions import queries
from tonnebook.emissions import services as emissions
from tonnebook.emissions.models import Sample
from tonnebook.members import services as members

ASSAY = uscc(71)
ANALYST = Actor("P-71", ASSAY, OrganisationKind.LABORATORY, frozenset({Role.ANALYST}), REGION)
SAMPLE = emissions.SampleDraft(
    number="S-1",
    facility="RR-1",
    year=YEAR,
    month=3,
    parameter="carbon_content",
    seal="SEAL-1",
    sampled_on=date(YEAR, 3, 2),
    received_on=date(YEAR, 3, 3),
    tested_on=date(YEAR, 3, 9),
    value=Decimal("0.02618"),
    unit="tC/GJ",
    test_report="T-1",
    report_digest="a" * 64,
)


def refused(code: Refusal, action: Callable[[], object]) -> None:
    with pytest.raises(Refused) as caught:
        action()
    assert caught.value.code is code


@pytest.fixture
def laboratory(story: Story) -> Story:
    """The region with an accredited laboratory."""
    draft = members.OrganisationDraft(ASSAY, "实验室", "Assay", OrganisationKind.LABORATORY, REGION)
    members.register_organisations(roles.SYSTEM, drafts=[draft], key=story.key(), now=NEXT_YEAR)
    story.admit(ANALYST, scope=["carbon_content"])
    return story


def enter(story: Story, *samples: emissions.SampleDraft, actor: Actor = ANALYST) -> object:
    return emissions.enter_samples(actor, samples=samples, key=story.key(), now=NEXT_YEAR)


def test_a_sample_is_entered_once_with_its_number_and_its_seal(laboratory: Story) -> None:
    enter(laboratory, SAMPLE)
    for again in (SAMPLE, replace(SAMPLE, number="S-2"), replace(SAMPLE, seal="SEAL-2")):
        refused(LaboratoryRefusal.SAMPLE_ENTERED, lambda again=again: enter(laboratory, again))  # type: ignore[misc]
    twins = replace(SAMPLE, number="S-3", seal="SEAL-3"), replace(SAMPLE, number="S-3", seal="SEAL-4")
    refused(LaboratoryRefusal.SAMPLE_ENTERED, lambda: enter(laboratory, *twins))
    refused(
        ReportingRefusal.NO_SUCH_FACILITY, lambda: enter(laboratory, replace(SAMPLE, number="S-5", facility="XX-1"))
    )
    refused(AccessRefusal.NOT_PERMITTED, lambda: enter(laboratory, SAMPLE, actor=ZHOU))
    with pytest.raises(DatabaseError), transaction.atomic():
        Sample.objects.update(value="1")


def test_a_false_report_puts_its_month_on_the_default(laboratory: Story) -> None:
    every = [
        replace(
            SAMPLE,
            number=f"S-{month}",
            seal=f"SEAL-{month}",
            month=month,
            sampled_on=date(YEAR, month, 2),
            received_on=date(YEAR, month, 3),
            tested_on=date(YEAR, month, 9),
        )
        for month in range(1, 13)
    ]
    enter(laboratory, *every)
    assert queries.months_on_default("RR-1", "carbon_content", YEAR) == ()

    def flag(sample: str = "S-3", ground: str = "copied from another month") -> dict[str, object]:
        told = {"laboratory": ASSAY, "sample": sample, "ground": ground}
        return dict(emissions.flag_test_report(ZHOU, **told, key=laboratory.key(), now=NEXT_YEAR))

    refused(LaboratoryRefusal.NO_SUCH_SAMPLE, lambda: flag("S-99"))
    refused(BodyRefusal.NO_GROUND, lambda: flag(ground=" "))
    assert flag()["months"] == [3]
    refused(LaboratoryRefusal.FLAGGED_ALREADY, flag)
    assert queries.months_on_default("RR-1", "carbon_content", YEAR) == (3,)
