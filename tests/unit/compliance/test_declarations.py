"""Facts beyond the report: declared by the company, accepted by the authority, used once, computed with."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from tests.unit.compliance.stage import (
    NEXT_SUMMER,
    NORTH_POWER,
    RED_RIVER,
    REGION,
    SPRING,
    STEELWORKER,
    STRANGER,
    YEAR,
    ZHOU,
    Stage,
)

from tonnebook import rulebook
from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.compliance.models import AllocationPlan, Declaration
from tonnebook.compliance.queries import AllocationRow
from tonnebook.core import canonical, mrv, trace
from tonnebook.core.allocation.annual import Batch
from tonnebook.core.allocation.declarations import DeclarationRefusal, DeclarationState, FactKind
from tonnebook.core.errors import Refused
from tonnebook.core.mrv import LineKind, SourceLine
from tonnebook.core.reporting import DeterminationSource
from tonnebook.core.roles import AccessRefusal, Actor
from tonnebook.emissions import services as emissions
from tonnebook.emissions.models import Determination, EmissionReport, Facility

_LEAF = """
{path}:
  description: {{zh: "测试", en: "Test"}}
  unit: {unit}
  values:
    CY{year}: {{value: "{value}", reference: {{source: D00, article: "test"}}, status: scenario,
      published_on: null, last_checked_on: 2026-11-20}}
"""


def _plan(*leaves: tuple[str, str, str]) -> str:
    shipped = rulebook.overlay(REGION, YEAR)
    return shipped + "".join(_LEAF.format(path=path, unit=unit, value=value, year=YEAR) for path, unit, value in leaves)


NON_FOSSIL = (
    ("allocation.non_fossil_power.market", "word", "UP_TO_SHORTFALL"),
    ("allocation.non_fossil_power.direct_supply", "word", "NO_ALLOWANCE"),
    ("allocation.non_fossil_power.base_years", "word", "TAKEN_OUT"),
    ("allocation.order", "words", "BASE | CONTROL_COEFFICIENT | NON_FOSSIL | PAID_SHARE | ROUND_DOWN"),
)
POWER_SECTOR = (
    ("coverage.listed.power", "words", RED_RIVER),
    ("allocation.method.power", "word", "BENCHMARK"),
)


def _fact(kind: FactKind, name: str, values: dict[str, str], year: int = YEAR) -> compliance.FactDraft:
    return compliance.FactDraft(year, kind, name, values, "file 1")


def _power(name: str, mwh: str, supply: str = "MARKET", year: int = YEAR) -> compliance.FactDraft:
    return _fact(FactKind.POWER, name, {"supply": supply, "quantity_mwh": mwh}, year)


def _declare(stage: Stage, *facts: compliance.FactDraft, actor: Actor = STEELWORKER) -> list[str]:
    answer = compliance.declare_facts(actor, entity=actor.organisation, facts=facts, key=stage.key(), now=SPRING)
    numbers = answer["declarations"]
    assert isinstance(numbers, list)
    return [str(number) for number in numbers]


def _decide(stage: Stage, numbers: list[str], *, is_accepted: bool = True, reason: str = "") -> None:
    compliance.decide_facts(
        ZHOU, region=REGION, declarations=numbers, is_accepted=is_accepted, reason=reason, key=stage.key(), now=SPRING
    )


def _accepted(stage: Stage, *facts: compliance.FactDraft) -> None:
    _decide(stage, _declare(stage, *facts))


def _open(stage: Stage, *leaves: tuple[str, str, str]) -> None:
    stage.cover()
    # Written as it is: not everything that the rules of another region say may stand in a plan.
    AllocationPlan.objects.create(
        region=REGION, year=YEAR, overlay=_plan(*leaves), initiator="P-5", approver="P-6", adopted_at=SPRING
    )
    stage.compute()
    stage.issue()


# Red River: 100 t per unit of goods in every base year, 1,000 units made, coefficient 0.98; a gap of 12,000 t.
def _second(stage: Stage, *, taken_out_mwh: str = "0", goods: str = "1000") -> AllocationRow:
    Determination.objects.create(
        entity_id=RED_RIVER,
        region=REGION,
        year=YEAR,
        determined_t=110_000,
        direct_t=110_000,
        outputs={"goods": goods},
        electricity={"non_fossil_mwh": taken_out_mwh},
        source=DeterminationSource.IMPORTED,
        determined_at=NEXT_SUMMER,
    )
    stage.compute(Batch.SECOND, now=NEXT_SUMMER)
    row = next(row for row in queries.allocation_of(RED_RIVER, YEAR) if row.batch is Batch.SECOND)
    assert not row.traces or trace.replay(row.traces["base"]) == row.base_t
    return row


@pytest.mark.parametrize(
    ("supply", "mwh", "base_t"),
    [
        ("MARKET", "10000", 102_200),
        ("MARKET", "28571", 109_999),
        ("MARKET", "28572", 110_000),
        ("MARKET", "40000", 110_000),
        ("DIRECT_SUPPLY", "10000", 98_000),
        ("ENERGY_CONTRACT", "10000", 98_000),
    ],
)
def test_only_power_bought_on_the_market_earns_and_only_up_to_the_gap(
    stage: Stage, supply: str, mwh: str, base_t: int
) -> None:
    _open(stage, *NON_FOSSIL)
    _accepted(stage, _power("GEC-1", mwh, supply))
    assert _second(stage, taken_out_mwh="50000").base_t == base_t


@pytest.mark.parametrize(("taken_out_mwh", "base_t"), [("0", 98_000), ("6000", 98_420), ("5000", 98_000)])
def test_power_that_the_report_did_not_take_out_earns_nothing(stage: Stage, taken_out_mwh: str, base_t: int) -> None:
    _open(stage, *NON_FOSSIL)
    _accepted(stage, _power("GEC-1", "10000"), _power("DS-1", "5000", "DIRECT_SUPPLY"))
    assert _second(stage, taken_out_mwh=taken_out_mwh).base_t == base_t


def test_non_fossil_power_leaves_the_base_years_where_the_rules_say_so(stage: Stage) -> None:
    _open(stage, *NON_FOSSIL)
    _accepted(stage, _power("GEC-0", "10000", "DIRECT_SUPPLY", YEAR - 2))
    assert _second(stage).base_t == 96_628


def test_base_years_stay_as_they_were_determined_without_such_a_rule(stage: Stage) -> None:
    _open(stage)
    _accepted(stage, _power("GEC-0", "10000", "DIRECT_SUPPLY", YEAR - 2))
    assert _second(stage).base_t == 98_000


def test_a_plant_declared_with_its_class_is_allocated_by_its_benchmark(stage: Stage) -> None:
    table = (
        ("allocation.power.benchmark.gas_f", "tCO2/10^4kWh", "3.863"),
        ("allocation.power.heat_per_power.gas", "kJ/10^4kWh", "65000000"),
    )
    _open(stage, *POWER_SECTOR, *table)
    plant = {"fuel": "gas", "power": "100000", "heat_kj": "1000000000000"}
    with pytest.raises(Refused) as unknown:
        _declare(stage, _fact(FactKind.PLANT, "GT1", {**plant, "kind": "coal_usc_1000"}))
    assert unknown.value.code is DeclarationRefusal.UNKNOWN_CLASS
    _accepted(stage, _fact(FactKind.PLANT, "GT1", {**plant, "kind": "gas_f"}))
    assert _second(stage).base_t == 445_730


def test_units_declared_are_allocated_by_the_national_formula(stage: Stage) -> None:
    table = (
        ("allocation.power.benchmark.class_1", "tCO2/MWh", "0.7910"),
        ("allocation.power.heat_benchmark.coal", "tCO2/GJ", "0.1033"),
        ("allocation.power.load_factor.below_share", "share", "0.65"),
        ("allocation.power.load_factor.places", "count", "6"),
        ("allocation.power.load_factor.growth", "multiple", "1.015"),
        ("allocation.power.load_factor.offset", "count", "16"),
        ("allocation.power.load_factor.slope", "count", "20"),
    )
    _open(stage, *POWER_SECTOR, *table)
    unit = {"kind": "class_1", "power_mwh": "3000000", "heat_gj": "500000", "load_share": "0.6"}
    _accepted(stage, _fact(FactKind.UNIT, "U1", unit), _fact(FactKind.UNIT, "U2", unit))
    assert _second(stage).base_t == 2 * (2_518_616 + 51_650)


def test_lines_split_an_emission_between_products(stage: Stage) -> None:
    _open(stage)
    past = [
        _fact(FactKind.PRODUCT, name, {"product": product, "output": output, "emission_t": emission_t}, year)
        for year in range(YEAR - 3, YEAR)
        for name, product, output, emission_t in (("L1", "goods", "900", "90000"), ("L2", "parts", "10", "10000"))
    ]
    _accepted(stage, *past, _fact(FactKind.PRODUCT, "L2", {"product": "parts", "output": "3"}))
    # 100 t per unit of goods and 1,000 t per part, times what was made, times 0.98.
    assert _second(stage).base_t == (100 * 1000 + 1000 * 3) * 98 // 100


def test_what_a_facility_added_in_the_year_emits_and_makes_is_left_out(stage: Stage) -> None:
    _open(stage, ("allocation.new_facilities_out", "flag", "yes"))
    place = {"entity_id": RED_RIVER, "region": REGION, "name_zh": "新", "name_en": "New", "sector": "industry"}
    Facility.objects.create(number="F-NEW", from_on=date(YEAR, 3, 1), **place)
    Facility.objects.create(number="F-OLD", from_on=date(YEAR - 1, 12, 31), **place)
    lines = [
        _fact(FactKind.PRODUCT, f"L{count}", {"product": "goods", "output": "500", "facility": place})
        for count, place in enumerate(("F-OLD", "F-NEW", "F-OLD"))
    ]
    _accepted(stage, *lines)
    assert _second(stage, goods="1500").base_t == 98_000


@pytest.mark.parametrize(("from_on", "base_t"), [(date(YEAR - 1, 12, 31), 1_260), (date(YEAR, 1, 1), 840)])
def test_what_a_facility_added_in_the_year_emits_is_outside_its_allowances(
    stage: Stage, from_on: date, base_t: int
) -> None:
    _open(
        stage,
        ("allocation.new_facilities_out", "flag", "yes"),
        ("coverage.listed.power", "words", RED_RIVER),
        ("allocation.method.power", "word", "VERIFIED_EMISSION"),
    )
    place = {"entity_id": RED_RIVER, "region": REGION, "name_zh": "新", "name_en": "New", "sector": "industry"}
    Facility.objects.create(number="F-NEW", from_on=from_on, **place)
    lines = [
        emissions.ReportLine(facility, SourceLine(LineKind.ELECTRICITY, "grid", Decimal(mwh), "MWh"))
        for facility, mwh in (("F-OLD", 2000), ("F-NEW", 1000))
    ]
    result = mrv.emissions([line.source for line in lines], rulebook.at(REGION, on=date(YEAR, 12, 31), year=YEAR))
    report = EmissionReport.objects.create(
        number="ER-1",
        entity_id=RED_RIVER,
        region=REGION,
        year=YEAR,
        version=1,
        lines=canonical.plain(lines),
        outputs=[],
        electricity={},
        total_t=result.total.whole,
        direct_t=0,
        traces={"total": trace.to_json(result.total)},
        is_late=False,
        submitted_at=NEXT_SUMMER,
    )
    Determination.objects.create(
        entity_id=RED_RIVER,
        region=REGION,
        year=YEAR,
        report=report,
        determined_t=result.total.whole,
        direct_t=0,
        outputs={},
        electricity={},
        source=DeterminationSource.SYSTEM,
        determined_at=NEXT_SUMMER,
    )
    stage.compute(Batch.SECOND, now=NEXT_SUMMER)
    assert [row.base_t for row in queries.allocation_of(RED_RIVER, YEAR) if row.batch is Batch.SECOND] == [base_t]


def test_what_is_rejected_or_waits_does_not_count(stage: Stage) -> None:
    _open(stage, *NON_FOSSIL)
    first, second = _declare(stage, _power("GEC-1", "10000"), _power("GEC-2", "10000"))
    with pytest.raises(Refused) as wordless:
        _decide(stage, [first], is_accepted=False)
    assert wordless.value.code is DeclarationRefusal.REASON_MISSING
    _decide(stage, [first], is_accepted=False, reason="Not settled.")
    states = {row.number: (row.state, row.reason) for row in queries.declarations_of(RED_RIVER)}
    assert states == {first: (DeclarationState.REJECTED, "Not settled."), second: (DeclarationState.DECLARED, "")}
    assert [row.number for row in queries.waiting_declarations(REGION)] == [second]
    assert _second(stage, taken_out_mwh="50000").base_t == 98_000


def test_a_certificate_is_used_once_by_whoever_it_is(stage: Stage) -> None:
    (number,) = _declare(stage, _power("GEC-1", "1"))
    for again in (_power("GEC-1", "1"), _power(" GEC-1 ", "1", year=YEAR - 1)):
        with pytest.raises(Refused) as refused:
            _declare(stage, again, actor=STRANGER)
        assert refused.value.code is DeclarationRefusal.ALREADY_DECLARED
    with pytest.raises(Refused):
        _declare(stage, _power("GEC-2", "1"), _power("GEC-2", "1"))
    _decide(stage, [number], is_accepted=False, reason="Wrong company.")
    assert _declare(stage, _power("GEC-1", "1"), actor=STRANGER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Declaration.objects.create(
            number="DF-X",
            entity_id=NORTH_POWER,
            region=REGION,
            year=YEAR,
            kind=FactKind.POWER,
            name="GEC-1",
            values={},
            state=DeclarationState.DECLARED,
            declared_at=SPRING,
        )


def test_a_decision_is_made_once_by_an_officer(stage: Stage) -> None:
    numbers = _declare(stage, _power("GEC-1", "1"))
    with pytest.raises(Refused) as stranger:
        compliance.decide_facts(
            STEELWORKER, region=REGION, declarations=numbers, is_accepted=True, key=stage.key(), now=SPRING
        )
    assert stranger.value.code is AccessRefusal.NOT_PERMITTED
    _decide(stage, numbers)
    for chosen, code in (
        (numbers, DeclarationRefusal.ALREADY_DECIDED),
        (["DF-0"], DeclarationRefusal.NO_SUCH_DECLARATION),
    ):
        with pytest.raises(Refused) as refused:
            _decide(stage, chosen)
        assert refused.value.code is code
    with pytest.raises(IntegrityError), transaction.atomic():
        Declaration.objects.filter(number=numbers[0]).update(state=DeclarationState.REJECTED, reason="No.")


def test_a_fact_in_a_facility_of_another_is_refused(stage: Stage) -> None:
    line = _fact(FactKind.PRODUCT, "L1", {"product": "goods", "output": "1", "facility": "F-9"})
    with pytest.raises(Refused) as refused:
        _declare(stage, line)
    assert refused.value.code is DeclarationRefusal.FACILITY_UNKNOWN
    with pytest.raises(Refused) as nameless:
        _declare(stage, _power(" ", "1"))
    assert nameless.value.code is DeclarationRefusal.FACT_MISSING
