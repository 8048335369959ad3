"""Surrender: precedence of refusals, limits, proposal, status."""

import dataclasses

import pytest

from tonnebook.core import surrender, trace
from tonnebook.core.errors import Refused
from tonnebook.core.examples import parameters
from tonnebook.core.ledger import AssetKey, AssetKind
from tonnebook.core.surrender import Duty, Line, Lot, StatusCode, SurrenderRefusal

SHEET = {
    "region.scheme": "SHEA",
    "surrender.credit_limit_share": "0.05",
    "surrender.credit_limit_base": "DETERMINED",
    "surrender.credit_schemes": "CCER | SHCER",
    "surrender.order": "OWN_SURRENDER | CREDIT | ALLOWANCE_OLDEST_FIRST",
    "surrender.status_rule": "YEARLY",
    "surrender.vintage.oldest_year": "2025",
    "surrender.sub_limit.outside_delta": "0.02",
}
RULES = parameters.rules(SHEET)
DUTY = Duty(1000)

A26 = AssetKey("SHEA-2026", AssetKind.ALLOWANCE, "SHEA", 2026, "FREE")
A27 = AssetKey("SHEA-2027", AssetKind.ALLOWANCE, "SHEA", 2027, "FREE")
A24 = AssetKey("SHEA-2024", AssetKind.ALLOWANCE, "SHEA", 2024, "FREE")
OWN25 = AssetKey("SHEA-2025-OWN", AssetKind.ALLOWANCE, "SHEA", 2025, "PAID", "OWN_SURRENDER")
CREDIT = AssetKey("SHCER-2025", AssetKind.CREDIT, "SHCER", 2025)
ALIEN = AssetKey("EUA-2020", AssetKind.ALLOWANCE, "EUA", 2020)
FAR = frozenset({"outside_delta"})

# Each row adds one fault to the next one: the earlier fault must always speak first.
PRECEDENCE = [
    (SurrenderRefusal.NO_LINES, Line(A26, 0)),
    (SurrenderRefusal.ASSET_NOT_ELIGIBLE, Line(ALIEN, 5000)),
    (SurrenderRefusal.VINTAGE_TOO_LATE, Line(A27, 5000)),
    (SurrenderRefusal.VINTAGE_TOO_OLD, Line(A24, 5000)),
    (SurrenderRefusal.OWN_USE_OTHER_YEAR, Line(OWN25, 5000)),
    (SurrenderRefusal.CREDITS_BEYOND_LIMIT, Line(CREDIT, 51)),
    (SurrenderRefusal.SUB_LIMIT_EXCEEDED, Line(CREDIT, 21, FAR)),
    (SurrenderRefusal.BEYOND_OBLIGATION, Line(A26, 1001)),
    (SurrenderRefusal.NOT_ENOUGH_FREE, Line(A26, 100)),
]


def _refusal(lines: list[Line], *, lots: list[Lot] | None = None, shown_total_t: int | None = None) -> SurrenderRefusal:
    shown = sum(line.quantity_t for line in lines) if shown_total_t is None else shown_total_t
    with pytest.raises(Refused) as caught:
        surrender.check(DUTY, lines, lots or [], shown_total_t=shown, rules=RULES)
    assert isinstance(caught.value.code, SurrenderRefusal)
    assert caught.value.zh
    assert caught.value.en
    return caught.value.code


@pytest.mark.parametrize("place", range(len(PRECEDENCE)))
def test_the_earliest_refusal_speaks_first(place: int) -> None:
    assert _refusal([line for _, line in PRECEDENCE[place:]]) is PRECEDENCE[place][0]


def test_a_total_other_than_the_shown_one_is_refused() -> None:
    assert _refusal([Line(ALIEN, 10)], shown_total_t=11) is SurrenderRefusal.TOTAL_DIFFERS


def test_what_is_within_every_limit_passes() -> None:
    lots = [Lot(A26, 950), Lot(CREDIT, 50)]
    surrender.check(DUTY, [Line(A26, 950), Line(CREDIT, 50)], lots, shown_total_t=1000, rules=RULES)


def test_two_lines_of_one_asset_count_together() -> None:
    assert _refusal([Line(A26, 60), Line(A26, 60)], lots=[Lot(A26, 100)]) is SurrenderRefusal.NOT_ENOUGH_FREE


def test_credits_used_before_count_against_the_limit() -> None:
    used = dataclasses.replace(DUTY, surrendered_t=40, credits_t=40)
    with pytest.raises(Refused) as caught:
        surrender.check(used, [Line(CREDIT, 11)], [Lot(CREDIT, 99)], shown_total_t=11, rules=RULES)
    assert caught.value.facts["left_t"] == 10


def test_the_cumulative_rule_lets_more_than_due_be_surrendered() -> None:
    rules = parameters.rules({**SHEET, "surrender.status_rule": "CUMULATIVE"})
    surrender.check(DUTY, [Line(A26, 1500)], [Lot(A26, 1500)], shown_total_t=1500, rules=rules)


def test_proposal_keeps_to_limit_and_sub_limit() -> None:
    lots = [
        Lot(CREDIT, 500, FAR),
        Lot(dataclasses.replace(CREDIT, code="CCER-2024", scheme="CCER"), 500),
        Lot(A26, 9999),
    ]
    lines = surrender.propose(DUTY, lots, RULES)
    assert {line.asset.code: line.quantity_t for line in lines} == {"CCER-2024": 50, "SHEA-2026": 950}
    surrender.check(DUTY, lines, lots, shown_total_t=1000, rules=RULES)


def test_proposal_leaves_out_what_is_too_old() -> None:
    lines = surrender.propose(DUTY, [Lot(A24, 9999), Lot(A26, 300)], RULES)
    assert {line.asset.code: line.quantity_t for line in lines} == {"SHEA-2026": 300}


def test_proposal_offers_less_when_the_lots_do_not_suffice() -> None:
    assert [line.quantity_t for line in surrender.propose(DUTY, [Lot(A26, 7)], RULES)] == [7]


def test_proposal_asks_for_what_is_still_due_only() -> None:
    paid = dataclasses.replace(DUTY, surrendered_t=990)
    assert [line.quantity_t for line in surrender.propose(paid, [Lot(A26, 500)], RULES)] == [10]


def test_credit_limit_replays_and_names_its_share() -> None:
    limit = surrender.credit_limit(DUTY, RULES)
    assert trace.replay(limit) == 50
    assert [origin.path for origin in trace.origins(limit)] == ["surrender.credit_limit_share"]


def test_a_year_without_figure_is_neither_compliant_nor_short() -> None:
    assert surrender.settle(None, held_t=5).code is StatusCode.NO_FIGURE


def test_shortfall_and_surplus_are_never_both_there() -> None:
    short = surrender.settle(dataclasses.replace(DUTY, surrendered_t=900), held_t=70)
    assert (short.code, short.shortfall.whole, short.surplus.whole) == (StatusCode.SHORT, 100, 0)


def test_missing_surrender_counts_as_nothing_in_the_cumulative_rule() -> None:
    assert surrender.cumulative_codes({2005: 5, 2006: 0}, {2006: 5}) == {2005: "B", 2006: "A"}
