"""Carry-over: what is kept, what falls away, and the national formula."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tonnebook.core import carry_over, trace, year_status
from tonnebook.core.carry_over import Fate
from tonnebook.core.examples import parameters
from tonnebook.core.ledger import AssetKey, AssetKind
from tonnebook.core.year_status import Event, EventKind, YearStanding

SPRING, DEADLINE = datetime(2025, 6, 1, tzinfo=UTC), datetime(2025, 12, 31, 16, tzinfo=UTC)

FREE = AssetKey("SHEA-2026", AssetKind.ALLOWANCE, "SHEA", 2026, "FREE")
OWN = AssetKey("SHEA-2026-OWN", AssetKind.ALLOWANCE, "SHEA", 2026, "PAID", "OWN_SURRENDER")
NEXT = AssetKey("SHEA-2027", AssetKind.ALLOWANCE, "SHEA", 2027, "FREE")
CREDIT = AssetKey("SHCER-2025", AssetKind.CREDIT, "SHCER", 2025)


def test_surplus_is_kept_and_own_use_units_go_back() -> None:
    rules = parameters.rules({"carry_over.own_use_leftover": "RETURN"})
    found = carry_over.fates([(FREE, 10), (OWN, 5), (NEXT, 7), (CREDIT, 3)], rules)
    assert [(fate.asset.code, fate.quantity_t, fate.fate) for fate in found] == [
        ("SHEA-2026", 10, Fate.KEPT),
        ("SHEA-2026-OWN", 5, Fate.RETURNED),
    ]


def test_own_use_units_stay_where_the_rule_keeps_them() -> None:
    rules = parameters.rules({"carry_over.own_use_leftover": "KEEP"})
    assert [fate.fate for fate in carry_over.fates([(OWN, 5), (FREE, 0)], rules)] == [Fate.KEPT]


def test_national_carry_over_replays_and_names_its_parameters() -> None:
    rules = parameters.rules({"carry_over.base_t": "10000", "carry_over.multiple": "1.5"})
    amount = carry_over.national(sold_t=20_001, bought_t=0, holding_t=100_000, rules=rules)
    assert amount.whole == 40_001
    assert trace.replay(amount) == amount.value
    assert {origin.path for origin in trace.origins(amount)} == {"carry_over.base_t", "carry_over.multiple"}


OLD = parameters.rules(
    {"region.scheme": "CEA", "carry_over.rule": "LIMITED", "carry_over.base_t": "10000", "carry_over.multiple": "1.5"}
)


def _standing(*events: Event) -> YearStanding:
    return year_status.standing(
        (Event(SPRING, EventKind.DETERMINED, 100), Event(DEADLINE, EventKind.LAST_DAY_OVER), *events)
    )


def test_only_whoever_surrendered_in_full_and_in_time_carries_over() -> None:
    in_time = _standing(Event(SPRING, EventKind.SURRENDERED, 100))
    short = _standing(Event(SPRING, EventKind.SURRENDERED, 99))
    late = _standing(Event(SPRING, EventKind.SURRENDERED, 99), Event(DEADLINE + timedelta(1), EventKind.SURRENDERED, 1))
    found = [carry_over.is_on_time(years) for years in ([], [in_time], [in_time, short], [late, in_time])]
    assert found == [True, True, False, False]
    limits = [carry_over.limited(carry_over.Dealings(0, 0, 20_000, is_on_time=one), OLD) for one in (True, False)]
    assert [one.whole for one in limits] == [10_000, 0]


def test_old_are_the_allowances_of_the_scheme_up_to_the_year() -> None:
    rules = replace(OLD, year=2024)
    kinds = [(AssetKind.ALLOWANCE, "CEA", year) for year in (2019, 2024, 2025)]
    kinds += [(AssetKind.ALLOWANCE, "SHEA", 2024), (AssetKind.CREDIT, "CEA", 2024)]
    moved = {
        AssetKey(f"{scheme}-{year}-{kind}", kind, scheme, year): 10**place
        for place, (kind, scheme, year) in enumerate(kinds)
    }
    assert carry_over.old_t(moved, rules) == 11


def test_only_the_word_for_it_limits_the_carry_over() -> None:
    assert carry_over.is_limited(OLD)
    assert not carry_over.is_limited(parameters.rules({"carry_over.rule": "ALL"}))
    assert not carry_over.is_limited(parameters.rules({}))
