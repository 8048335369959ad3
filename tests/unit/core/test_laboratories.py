"""Samples, ratings and risk by their rules alone."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tonnebook import rulebook
from tonnebook.core import laboratories, ratings, risks
from tonnebook.core.errors import Refused
from tonnebook.core.independence import Standing
from tonnebook.core.laboratories import LaboratoryRefusal, SampleFacts
from tonnebook.core.ratings import Record
from tonnebook.core.risks import Signs

RULES = rulebook.at("shanghai", on=date(2027, 3, 1), year=2026)
TODAY = date(2026, 7, 1)
STANDING = Standing(True, None, date(2026, 6, 20), date(2026, 6, 20), frozenset({"carbon_content"}))
FACTS = SampleFacts(
    "S-1",
    "LAB",
    "carbon_content",
    2026,
    6,
    date(2026, 6, 1),
    date(2026, 6, 1),
    date(2026, 6, 20),
    "SEAL-1",
    "0" * 64,
    is_entered=False,
    today=TODAY,
)


@pytest.mark.parametrize(
    ("code", "changes", "standing"),
    [
        (LaboratoryRefusal.DAYS_OUT_OF_ORDER, {"received_on": date(2026, 5, 31)}, {}),
        (LaboratoryRefusal.DAYS_OUT_OF_ORDER, {"tested_on": date(2026, 5, 31)}, {}),
        (LaboratoryRefusal.DAYS_OUT_OF_ORDER, {"month": 5}, {}),
        (LaboratoryRefusal.DAYS_OUT_OF_ORDER, {"today": date(2026, 6, 19)}, {}),
        (LaboratoryRefusal.NOT_SEALED, {"seal": " "}, {}),
        (LaboratoryRefusal.NOT_SEALED, {"digest": ""}, {}),
        (LaboratoryRefusal.NOT_ACCREDITED, {"tested_on": date(2026, 6, 21)}, {}),
        (LaboratoryRefusal.NOT_ACCREDITED, {}, {"is_admitted": False}),
        (LaboratoryRefusal.NOT_ACCREDITED, {}, {"suspended_until_on": date(2026, 6, 20)}),
        (LaboratoryRefusal.NOT_IN_SCOPE, {"parameter": "ash"}, {}),
        (LaboratoryRefusal.SAMPLE_ENTERED, {"is_entered": True}, {}),
    ],
)
def test_a_sample_out_of_its_chain_is_refused(
    code: LaboratoryRefusal, changes: dict[str, Any], standing: dict[str, Any]
) -> None:
    laboratories.check_sample(FACTS, STANDING)
    with pytest.raises(Refused) as refused:
        laboratories.check_sample(replace(FACTS, **changes), replace(STANDING, **standing))
    assert refused.value.code is code


def test_a_laboratory_off_the_register_tests_nothing() -> None:
    with pytest.raises(Refused) as refused:
        laboratories.check_sample(FACTS, None)
    assert refused.value.code is LaboratoryRefusal.NOT_ACCREDITED


def test_a_month_without_a_good_sample_stands_on_the_default() -> None:
    every = [(month, False) for month in range(1, 13)]
    assert laboratories.months_on_default(every) == ()
    assert laboratories.months_on_default([*every, (3, True)]) == ()
    assert laboratories.months_on_default([(month, month == 3) for month, _ in every]) == (3,)
    assert laboratories.months_on_default([]) == tuple(range(1, 13))


@pytest.mark.parametrize(
    ("record", "points"),
    [
        (Record(9, 0, 0, suspended=False), 100),
        (Record(9, 2, 1, suspended=True), 100 - 10 - 20 - 15),
        (Record(9, 0, 9, suspended=False), 0),
    ],
)
def test_a_rating_is_what_is_left_of_the_starting_points(record: Record, points: int) -> None:
    assert ratings.rating(record, RULES).value == points


@pytest.mark.parametrize(
    ("signs", "tickets"),
    [
        (Signs(0, 0, 0, 500_000), 1),
        (Signs(0, 0, 0, 500_001), 5),
        (Signs(1, 2, 1, 0), 1 + 3 + 2 + 1),
        (Signs(9, 9, 9, 500_001), 12),
    ],
)
def test_risk_gives_tickets_up_to_the_most(signs: Signs, tickets: int) -> None:
    assert risks.weight(signs, RULES).whole == tickets
