"""The register by its rules alone: who may apply, and that no house is two of the three in one city."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tonnebook.core import bodies
from tonnebook.core.bodies import Application, BodyRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.roles import OrganisationKind

TODAY = date(2027, 3, 1)
KINDS = OrganisationKind
APPLICATION = Application(
    "BODY", KINDS.VERIFIER, "C-1", ("steel",), TODAY, TODAY, {"P1": ("LEADER",)}, frozenset({"P1"}), TODAY
)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (BodyRefusal.NOT_FOR_REGISTER, {"kind": KINDS.INVESTOR}),
        (BodyRefusal.APPLICATION_UNFIT, {"certificate": " "}),
        (BodyRefusal.APPLICATION_UNFIT, {"scope": ()}),
        (BodyRefusal.APPLICATION_UNFIT, {"from_on": date(2027, 3, 2)}),
        (BodyRefusal.APPLICATION_UNFIT, {"from_on": date(2026, 1, 1), "until_on": date(2027, 2, 28)}),
        (BodyRefusal.PERSON_OF_ANOTHER, {"staff": frozenset({"P2"})}),
    ],
)
def test_an_application_that_does_not_fit_is_refused(code: BodyRefusal, changes: dict[str, Any]) -> None:
    bodies.check_application(APPLICATION)
    with pytest.raises(Refused) as refused:
        bodies.check_application(replace(APPLICATION, **changes))
    assert refused.value.code is code


@pytest.mark.parametrize("controllers", [{"BODY": "GROUP", "LAB": "X", "X": "GROUP"}, {"LAB": "BODY"}])
def test_one_house_is_not_two_of_the_three(controllers: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        bodies.check_house("BODY", KINDS.VERIFIER, [("LAB", KINDS.LABORATORY)], controllers)
    assert refused.value.code is BodyRefusal.HOUSE_ON_REGISTER


def test_two_of_one_kind_and_strangers_are_no_obstacle() -> None:
    others = [("SISTER", KINDS.VERIFIER), ("LAB", KINDS.LABORATORY)]
    bodies.check_house("BODY", KINDS.VERIFIER, others, {"BODY": "GROUP", "SISTER": "GROUP"})
