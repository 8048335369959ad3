"""Carry-over: what is kept, what falls away, and the national formula."""

from tonnebook.core import carry_over, trace
from tonnebook.core.carry_over import Fate
from tonnebook.core.examples import parameters
from tonnebook.core.ledger import AssetKey, AssetKind

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
