"""Allowances of many entities at once equal the readable formulas to the tonne, for every method and step."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from tonnebook.bench import entities
from tonnebook.core import trace
from tonnebook.core.allocation import bulk, columns, incentives
from tonnebook.core.allocation.annual import annual
from tonnebook.core.allocation.benchmark import Plant
from tonnebook.core.allocation.facts import EntityFacts
from tonnebook.core.allocation.national_power import Unit
from tonnebook.core.errors import Refused
from tonnebook.core.examples import parameters
from tonnebook.core.rules import RulesAt

YEARS = (2022, 2023, 2024, 2025)
SHEET = {
    **entities.RULES,
    "allocation.paid_incentive.ministry_pilot": "0.95",
    "allocation.benchmark.cooling": "0.3",
    "allocation.control_coefficient.building": "0.99",
}
# The table of directly issued shares, in force or not.
TABLES = st.sampled_from(
    [
        {},
        {
            "allocation.direct_issue_sectors.industry": "industry | chemical | paper",
            "allocation.direct_issue_share.industry.at_least_50.from_share": "0.50",
            "allocation.direct_issue_share.industry.at_least_50.improving": "0.96",
            "allocation.direct_issue_share.industry.at_least_50.other": "0.95",
            "allocation.direct_issue_share.industry.at_least_0.from_share": "0",
            "allocation.direct_issue_share.industry.at_least_0.improving": "0.995",
            "allocation.direct_issue_share.industry.at_least_0.other": "0.99",
            "allocation.direct_issue_share.non_industry.at_least_0.from_share": "0",
            "allocation.direct_issue_share.non_industry.at_least_0.improving": "0.995",
            "allocation.direct_issue_share.non_industry.at_least_0.other": "0.99",
        },
    ]
)
SECTORS = [path.rpartition(".")[2] for path in SHEET if path.startswith("allocation.method.")]
TONNES = st.integers(0, 60) | st.integers(0, 10**8)
QUANTITY = st.integers(0, 12).map(Decimal) | st.decimals(0, 10**6, places=3)
OUTPUTS = st.dictionaries(st.sampled_from(["it_electricity", "cooling", "pulp"]), QUANTITY, max_size=3)
LOADS = st.sampled_from([Decimal("0.45"), Decimal("0.6"), Decimal("0.65"), Decimal("0.8")])
UNITS = st.builds(Unit, st.sampled_from(["class_1", "class_4"]), QUANTITY, QUANTITY, LOADS)
PLANTS = st.builds(
    lambda coal, power, heat, cooling, clean, load: Plant(
        "coal_usc_600" if coal else "gas_f",
        "coal" if coal else "gas",
        power,
        heat,
        is_closed_cooling=cooling,
        is_clean_coal=clean,
        load=load,
    ),
    st.booleans(),
    QUANTITY,
    st.integers(0, 10**12).map(Decimal),
    st.booleans(),
    st.booleans(),
    LOADS,
)
FACTS = st.builds(
    EntityFacts,
    entity=st.just("E"),
    sector=st.sampled_from([*SECTORS, "bakery"]),
    emissions_t=st.dictionaries(st.sampled_from(YEARS), TONNES),
    outputs=st.dictionaries(st.sampled_from(YEARS), OUTPUTS),
    output=OUTPUTS,
    determined_t=st.none() | TONNES,
    market_mwh=QUANTITY,
    grounds=st.frozensets(st.sampled_from([incentives.REDUCTION_AND_RATING, "ministry_pilot", "unknown"])),
    paid_coefficient=st.sampled_from([Decimal(0), Decimal("0.9"), Decimal(1), Decimal("1.7")]),
    plants=st.lists(PLANTS, max_size=2).map(tuple),
    units=st.lists(UNITS, max_size=2).map(tuple),
    intensity=st.none() | st.decimals("1.2", "2.0", places=2),
    product_emissions=st.just({}) | st.dictionaries(st.sampled_from(YEARS), OUTPUTS),
    direct_share=st.none() | st.sampled_from([Decimal("0.499999"), Decimal("0.5"), Decimal(1)]),
)
ORDERS = st.sampled_from(
    [
        "BASE | CONTROL_COEFFICIENT | NON_FOSSIL | INCENTIVE | PAID_SHARE | BAND | ROUND_DOWN",
        "BASE | CONTROL_COEFFICIENT | PAID_SHARE | ROUND_DOWN",
        "BASE | BAND | ROUND_DOWN | INCENTIVE | NON_FOSSIL",
    ]
)


@settings(max_examples=100)
@given(st.lists(FACTS, min_size=1, max_size=8), ORDERS, st.sampled_from(["MEAN", "LARGEST"]), TABLES)
def test_many_at_once_equal_one_by_one_to_the_tonne(
    facts: list[EntityFacts], order: str, choice: str, table: dict[str, str]
) -> None:
    rules = parameters.rules({**SHEET, **table, "allocation.order": order, "allocation.history_choice": choice})
    laid_out = columns.of(facts, YEARS)
    found = bulk.annual(laid_out, rules)
    for position, one in enumerate(facts):
        together = (found.base_t[position], found.free_t[position], found.paid_t[position])
        given_back = columns.row(laid_out, position)
        assert (found.refused.get(position) or together) == _alone(one, rules) == _alone(given_back, rules)


def _alone(facts: EntityFacts, rules: RulesAt) -> object:
    try:
        alone = annual(facts, rules)
    except Refused as refused:
        return refused.code
    assert trace.replay(alone.base) == alone.base.value
    return alone.base.whole, alone.free.whole, alone.paid.whole
