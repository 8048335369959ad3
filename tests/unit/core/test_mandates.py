"""Mandates: what is refused in which order, and who is related to whom."""

from dataclasses import replace
from datetime import date

import pytest

from tonnebook.core import mandates
from tonnebook.core.errors import Refused
from tonnebook.core.mandates import Giving, MandateRefusal

GIVING = Giving(
    "entity", "writer", 2026, 2027, date(2028, 6, 30), is_writer=True, is_held=False, today=date(2027, 1, 5)
)
HOLDING = {"writer": "holding", "verifier": "holding"}


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (MandateRefusal.NOT_A_REPORT_WRITER, {"is_writer": False}),
        (MandateRefusal.MANDATE_YEARS_UNFIT, {"last_year": 2025}),
        (MandateRefusal.MANDATE_YEARS_UNFIT, {"last_year": 2026 + mandates.YEARS_MAX}),
        (MandateRefusal.MANDATE_OVER_ALREADY, {"until_on": date(2027, 1, 4)}),
        (MandateRefusal.ALREADY_MANDATED, {"is_held": True}),
    ],
)
def test_a_mandate_that_does_not_fit_is_refused(code: MandateRefusal, changes: dict[str, object]) -> None:
    with pytest.raises(Refused) as refused:
        mandates.check_giving(replace(GIVING, **changes))  # type: ignore[arg-type]
    assert refused.value.code is code


@pytest.mark.parametrize("changes", [{}, {"until_on": GIVING.today}, {"last_year": 2025 + mandates.YEARS_MAX}])
def test_a_mandate_may_end_today_and_cover_the_years_allowed(changes: dict[str, object]) -> None:
    mandates.check_giving(replace(GIVING, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("controllers", "is_refused"),
    [
        ({}, False),
        ({"writer": "holding"}, False),
        (HOLDING, True),
        ({"writer": "verifier"}, True),
        ({"verifier": "writer"}, True),
        ({"verifier": "holding", "holding": "group", "writer": "group"}, True),
    ],
)
def test_writer_and_verifier_are_told_apart_by_their_house(controllers: dict[str, str], is_refused: bool) -> None:
    def check() -> None:
        mandates.check_writers(
            entity="entity", year=2026, verifier="verifier", writers=["writer"], controllers=controllers
        )

    if not is_refused:
        check()
        return
    with pytest.raises(Refused):
        check()


def test_a_verifier_related_to_one_of_the_writers_is_refused() -> None:
    def check(*writers: str) -> None:
        mandates.check_writers(entity="entity", year=2026, verifier="verifier", writers=writers, controllers=HOLDING)

    check()
    check("another")
    with pytest.raises(Refused) as refused:
        check("another", "writer")
    assert refused.value.code is MandateRefusal.WRITER_NOT_INDEPENDENT
    assert refused.value.facts["writer"] == "writer"
