"""Forced surrender: when it is refused, in which order of reasons, and that it never takes what is not missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import enforcement
from tonnebook.core.enforcement import EnforcementRefusal, Reach, Taking
from tonnebook.core.errors import Refused
from tonnebook.core.examples import parameters
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind

SHEET = {
    "region.scheme": "SHEA",
    "surrender.order": "OWN_SURRENDER | CREDIT | ALLOWANCE_OLDEST_FIRST",
    "surrender.forced.allowed": "yes",
    "deadline.surrender_on": "2027-06-30",
}
RULES = parameters.rules(SHEET)
A26 = AssetKey("SHEA-2026", AssetKind.ALLOWANCE, "SHEA", 2026, "FREE")
OWN = AssetKey("SHEA-2026-OWN", AssetKind.ALLOWANCE, "SHEA", 2026, "PAID", "OWN_SURRENDER")
TAKEN = (Taking(AccountType.HOLDING, A26, 10, 0),)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"allowed": "no", "is_over": False, "missing_t": 0, "found": ()}, EnforcementRefusal.NOT_PROVIDED),
        ({"is_over": False, "missing_t": 0, "found": ()}, EnforcementRefusal.TOO_EARLY),
        ({"missing_t": 0, "found": ()}, EnforcementRefusal.NOTHING_MISSING),
        ({"found": (), "approved_t": 9}, EnforcementRefusal.NOTHING_WITHIN_REACH),
        ({"approved_t": 9}, EnforcementRefusal.QUANTITY_CHANGED),
        ({"approved_t": 11}, EnforcementRefusal.QUANTITY_CHANGED),
    ],
)
def test_the_earliest_reason_speaks_first(changes: dict[str, object], code: EnforcementRefusal) -> None:
    asked = {"missing_t": 10, "found": TAKEN, "approved_t": 10, "is_over": True} | changes
    rules = parameters.rules({**SHEET, "surrender.forced.allowed": str(asked.pop("allowed", "yes"))})
    with pytest.raises(Refused) as caught:
        enforcement.check("RED", rules=rules, **asked)  # type: ignore[arg-type]
    assert caught.value.code is code
    assert caught.value.zh
    assert caught.value.en


def test_what_was_approved_is_taken_and_a_region_without_the_rule_takes_nothing() -> None:
    enforcement.check("RED", missing_t=10, found=TAKEN, approved_t=10, is_over=True, rules=RULES)
    silent = parameters.rules({"region.scheme": "SHEA"})
    with pytest.raises(Refused) as caught:
        enforcement.check("RED", missing_t=10, found=TAKEN, approved_t=10, is_over=True, rules=silent)
    assert caught.value.code is EnforcementRefusal.NOT_PROVIDED


def test_units_for_own_surrender_go_first() -> None:
    within = [Reach(AccountType.HOLDING, A26, 50), Reach(AccountType.HOLDING, OWN, 30)]
    assert [(one.asset, one.quantity_t) for one in enforcement.takings(40, within, RULES)] == [(OWN, 30), (A26, 10)]


@given(st.integers(0, 300), st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), min_size=2, max_size=2))
def test_no_more_is_taken_than_is_missing_and_no_less_than_can_be(missing_t: int, parts: list[tuple[int, int]]) -> None:
    within = [
        Reach(type_, A26, free_t, resting_t)
        for type_, (free_t, resting_t) in zip((AccountType.HOLDING, AccountType.TRADING), parts, strict=True)
    ]
    taken_t = sum(one.quantity_t for one in enforcement.takings(missing_t, within, RULES))
    assert taken_t == min(missing_t, sum(free_t + resting_t for free_t, resting_t in parts))
