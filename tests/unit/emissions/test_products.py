"""Footprints with their versions, suppliers' records, published factors, and the inventory of the city, in books."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from tests.unit.core.test_pact import record
from tests.unit.emissions.story import CHEN, NEXT_YEAR, RED_RIVER, REGION, STEELWORKER, STRANGER, YEAR, ZHOU, Story

from tonnebook import commands
from tonnebook.core import canonical, trace
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.footprints import record_rules
from tonnebook.core.footprints.factors import ProductFactorRefusal
from tonnebook.core.footprints.refusals import FootprintRefusal
from tonnebook.core.footprints.study import DeclaredUnit, GwpSet, LifeStage, Rating, SystemBoundary
from tonnebook.core.inventory import InventoryRefusal, InventorySector
from tonnebook.core.mrv import LineKind
from tonnebook.core.roles import AccessRefusal, Actor
from tonnebook.emissions import queries
from tonnebook.emissions import services as emissions
from tonnebook.emissions.models import FootprintVersion, SupplierRecord
from tonnebook.emissions.services import FootprintDraft, InputDraft, StatisticsRow
from tonnebook.journal import tenancy
from tonnebook.journal.models import JournalLeaf
from tonnebook.members import services as members

FACTOR: dict[str, canonical.Json] = {
    "region": REGION, "code": "made_up.power", "name_zh": "电力（虚构）", "name_en": "Power (made up)", "value": "0.6",
    "unit": "kgCO2e/kWh", "place": "CN", "from_year": YEAR, "to_year": None, "published_year": YEAR,
    "publisher": "Made-up bureau", "note": "Made-up notice", "boundary": "LIFE_CYCLE", "quality": 2,
    "uncertainty_percent": "",
}  # fmt: skip
POWER = InputDraft(
    LifeStage.PRODUCTION,
    "power",
    Decimal(1000),
    "MWh",
    "made_up.power",
    True,
    dict.fromkeys([r.value for r in Rating], 1),
)
DRAFT = FootprintDraft(
    "rebar", "Rebar", "Rebar, made up", DeclaredUnit.KILOGRAM, Decimal(1000), Decimal(500_000),
    SystemBoundary.CRADLE_TO_GATE, date(YEAR, 1, 1), date(YEAR + 1, 1, 1), (POWER,), Decimal(0), Decimal(0), None,
    Decimal(0), "", (GwpSet.AR6,),
)  # fmt: skip
GAS = StatisticsRow(InventorySector.HOUSEHOLDS, LineKind.COMBUSTION, "natural_gas", Decimal(1000), "10^4Nm3")
GRID = StatisticsRow(InventorySector.IMPORTS, LineKind.ELECTRICITY, "grid", Decimal(50_000), "MWh")


def publish(story: Story, **changed: canonical.Json) -> canonical.Json:
    payload = {**FACTOR, **changed}
    proposed = members.propose(ZHOU, kind="emissions.publish_factor", payload=payload, key=story.key(), now=NEXT_YEAR)
    number, digest = str(proposed["approval"]), str(proposed["digest"])
    members.approve(CHEN, approval=number, digest=digest, key=story.key(), now=NEXT_YEAR)
    return commands.execute(ZHOU, approval=number, key=story.key(), now=NEXT_YEAR)["version"]


def submit(story: Story, draft: FootprintDraft = DRAFT) -> str:
    answer = emissions.submit_footprint(STEELWORKER, draft=draft, key=story.key(), now=NEXT_YEAR)
    return str(answer["footprint"])


def take(story: Story, text: str, digest: str = "a" * 64) -> str:
    answer = emissions.take_supplier_record(
        STEELWORKER, file="steel.json", text=text, digest=digest, key=story.key(), now=NEXT_YEAR
    )
    return str(answer["code"])


def compile_city(story: Story, *rows: StatisticsRow, year: int = YEAR) -> object:
    return emissions.take_inventory(
        ZHOU, region=REGION, year=year, rows=rows, file_digest="b" * 64, key=story.key(), now=NEXT_YEAR
    )["total_t"]


def refused(code: Refusal, action: Callable[[], object]) -> None:
    with pytest.raises(Refused) as caught:
        action()
    assert caught.value.code is code


def test_a_footprint_is_kept_with_its_numbers_and_a_new_version_names_the_one_before(story: Story) -> None:
    publish(story)
    first = submit(story)
    row = queries.footprint(first)
    assert (row.version, row.found.excluding.value) == (1, Decimal("1.2"))
    assert trace.replay(row.found.excluding) == row.found.excluding.value
    assert row.study.inputs[0].factor.version == "1"
    second = queries.footprint(submit(story, replace(DRAFT, made=Decimal(600_000))))
    told = queries.footprint_record(second, company="Red River", subdivision="CN-SH")
    assert (told["precedingPfIds"], told["version"], record_rules.breaches(told)) == ([first], 2, ())
    leaf = JournalLeaf.objects.filter(kind="emissions.footprint.submitted").first()
    assert leaf is not None
    assert "rebar" not in json.dumps(leaf.payload)


def test_a_footprint_ends_once_and_with_a_reason(story: Story) -> None:
    publish(story)
    number = submit(story)

    def end(actor: Actor = STEELWORKER, reason: str = "a new furnace") -> object:
        return emissions.end_footprint(
            actor,
            footprint=number,
            reason=reason,
            key=story.key(),
            now=NEXT_YEAR,
        )

    refused(FootprintRefusal.NO_SUCH_FOOTPRINT, lambda: end(STRANGER))
    refused(FootprintRefusal.REASON_MISSING, lambda: end(reason=" "))
    end()
    refused(FootprintRefusal.ALREADY_DEPRECATED, end)
    told = queries.footprint_record(queries.footprint(number), company="Red River", subdivision="")
    assert (told["status"], told["statusComment"], record_rules.breaches(told)) == ("Deprecated", "a new furnace", ())


def test_a_factor_that_nobody_published_is_refused(story: Story) -> None:
    refused(FootprintRefusal.NO_SUCH_FACTOR, lambda: submit(story))
    publish(story, to_year=YEAR)
    later = replace(DRAFT, from_on=date(YEAR + 1, 1, 1), to_on=date(YEAR + 2, 1, 1))
    refused(ProductFactorRefusal.FACTOR_YEAR_MISSING, lambda: submit(story, later))
    publish(story, code="made_up.burnt", boundary="COMBUSTION")
    burnt = replace(DRAFT, inputs=(replace(POWER, factor="made_up.burnt"),))
    refused(FootprintRefusal.FACTOR_NOT_LIFE_CYCLE, lambda: submit(story, burnt))


def test_a_suppliers_record_is_an_input_and_its_digest_stays(story: Story) -> None:
    code = take(story, json.dumps(record()))
    assert take(story, json.dumps(record())) == code
    assert SupplierRecord.objects.count() == 1
    bought = replace(POWER, stage=LifeStage.RAW_MATERIALS, name="billet", quantity=Decimal(500), unit="t", factor=code)
    row = queries.footprint(submit(story, replace(DRAFT, inputs=(bought,))))
    assert row.found.excluding.value == Decimal("1.955")
    assert "a" * 64 in row.study.inputs[0].factor.version
    (supplier,) = queries.supplier_records(RED_RIVER)
    assert (supplier.code, supplier.excluding) == (code, Decimal("1.955000"))


def test_a_record_that_is_none_or_breaks_a_rule_is_refused(story: Story) -> None:
    refused(FootprintRefusal.RECORD_NOT_READ, lambda: take(story, "["))
    refused(FootprintRefusal.RECORD_NOT_READ, lambda: take(story, "[]"))
    refused(FootprintRefusal.RECORD_BREAKS_RULE, lambda: take(story, json.dumps(record() | {"companyName": ""})))
    refused(FootprintRefusal.RECORD_DEPRECATED, lambda: take(story, json.dumps(record() | {"status": "Deprecated"})))


def test_footprints_and_records_are_seen_by_their_company_alone(story: Story) -> None:
    publish(story)
    submit(story)
    take(story, json.dumps(record()))

    def seen() -> tuple[int, int]:
        return FootprintVersion.objects.count(), SupplierRecord.objects.count()

    for actor, expected in ((STEELWORKER, (1, 1)), (STRANGER, (0, 0))):
        with tenancy.acting(tenancy.scope_of(actor)):
            assert seen() == expected


def test_factors_are_published_by_two_officers_version_by_version(story: Story) -> None:
    assert publish(story) == 1
    refused(ProductFactorRefusal.FACTOR_UNCHANGED, lambda: publish(story))
    refused(ProductFactorRefusal.FACTOR_FIELD_UNFIT, lambda: publish(story, unit="t"))
    assert publish(story, value="0.55", uncertainty_percent="5") == 2
    newer, older = queries.product_factors(REGION, asked="POWER")
    assert (newer.factor.value, newer.is_latest, older.is_latest) == (Decimal("0.55"), True, False)
    assert queries.product_factors(REGION, asked="cement") == ()


def test_an_inventory_counts_by_its_latest_version(story: Story) -> None:
    first = compile_city(story, GAS, GRID)
    refused(InventoryRefusal.INVENTORY_UNCHANGED, lambda: compile_city(story, GAS, GRID))
    assert compile_city(story, replace(GAS, quantity=Decimal(2000)), GRID) != first
    row = queries.require_inventory(REGION, YEAR)
    assert row.version == 2
    assert sum(one.value for one in row.scopes.values()) == row.total.value == trace.replay(row.total)
    assert (row.covered, row.change) == (None, None)


def test_an_inventory_tells_its_change_and_the_share_of_covered_companies(story: Story) -> None:
    story.verified()
    story.determine()
    compile_city(story, GAS, year=YEAR - 1)
    compile_city(story, replace(GAS, quantity=Decimal(1200)))
    row = queries.require_inventory(REGION, YEAR)
    assert row.change is not None
    assert row.change.value == Decimal("20.0")
    assert row.covered is not None
    direct_t = queries.determined(REGION, YEAR)[RED_RIVER].direct_t
    assert round(row.covered.value) == round(direct_t * 100 / row.total.value)


def test_what_is_not_there_or_not_allowed_is_refused(story: Story) -> None:
    refused(InventoryRefusal.NO_SUCH_INVENTORY, lambda: queries.require_inventory(REGION, YEAR))
    refused(InventoryRefusal.SHEET_EMPTY, lambda: compile_city(story))
    refused(
        AccessRefusal.NOT_PERMITTED,
        lambda: emissions.take_inventory(
            STEELWORKER, region=REGION, year=YEAR, rows=[GAS], file_digest="", key=story.key(), now=NEXT_YEAR
        ),
    )
