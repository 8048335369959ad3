"""Public tables show per entity only what the region's disclosure matrix allows."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.db import transaction
from django.http import Http404
from django.utils import translation
from tests.unit.web.town import NOW, RED_RIVER, REGION, YEAR, Town

from tonnebook import rulebook
from tonnebook.compliance import queries as compliance
from tonnebook.compliance.queries import StatusRow
from tonnebook.core.ledger import HoldReason
from tonnebook.core.rules import RulesAt
from tonnebook.portal import publications
from tonnebook.registry import services as registry

GATED = {"entity_emissions": ("determined_t",), "entity_surrender": ("surrendered_t", "credits_t", "shortfall_t")}

PARTS = ("Held", "Immobilised", "Surrendered", "Retired", "Cancelled")
TILE = re.compile(r"<dt>([^<]+)</dt><dd><span[^>]*>([\d,]+)")


def ruled(field: str, value: str) -> RulesAt:
    """Shanghai's rules with one field of the matrix changed."""
    rules = rulebook.at(REGION, on=date(YEAR, 12, 31), year=YEAR)
    path = f"disclosure.{field}"
    leaf = rules.leaves[path]
    changed = replace(leaf, values=tuple(replace(one, value=value) for one in leaf.values))
    return replace(rules, leaves={**rules.leaves, path: changed})


@pytest.mark.parametrize("field", sorted(GATED))
@pytest.mark.parametrize(("value", "is_shown"), [("MUST", True), ("MAY", True), ("NOT", False)])
def test_a_column_exists_only_where_the_matrix_opens_it(
    db: None, monkeypatch: pytest.MonkeyPatch, field: str, value: str, *, is_shown: bool
) -> None:
    monkeypatch.setattr(publications, "_rules", lambda region, year: ruled(field, value))
    columns = {column.code for column in publications.table("compliance", REGION, YEAR).columns}
    assert all((code in columns) is is_shown for code in GATED[field])


def test_a_field_the_rules_do_not_name_is_not_shown(db: None) -> None:
    assert not publications.may_show(ruled("plan", "MUST"), "shoe_size")


def test_a_table_the_region_keeps_to_itself_does_not_exist(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publications, "_rules", lambda region, year: ruled("compliance_result", "NOT"))
    assert "compliance" not in {table.code for table in publications.index(REGION, YEAR)}
    with pytest.raises(Http404):
        publications.table("compliance", REGION, YEAR)


def test_open_data_carry_the_columns_of_the_page_and_no_other(town: Town) -> None:
    town.stage.first_batch()
    town.stage.determine()
    town.stage.settle()
    rows = town.browser().get(f"/public/tables/{YEAR}/compliance.json").json()["rows"]
    assert {row["uscc"] for row in rows} >= {RED_RIVER}
    assert all(set(row) == {"uscc", "name", "sector", "result"} for row in rows)
    text = town.browser().get(f"/public/tables/{YEAR}/compliance.csv").content.decode()
    assert text.splitlines()[0] == "\ufeffuscc,name,sector,result"
    assert "110000" not in text


@pytest.mark.parametrize("address", ["/", "/public/tables"])
def test_the_totals_add_up_while_something_is_pledged(town: Town, address: str) -> None:
    town.stage.first_batch()
    pledged = registry.HoldDraft(town.stage.accounts[RED_RIVER], "SHEA-2026", 1_234, HoldReason.PLEDGE, "LOAN-1")
    with transaction.atomic():
        registry.place_holds([pledged], now=NOW)
    page = town.browser().get(address).content.decode()
    told = {name: int(figure.replace(",", "")) for name, figure in TILE.findall(page)}
    assert told["Immobilised"] == 1_234
    assert told["Issued"] == sum(told[name] for name in PARTS)


@pytest.mark.parametrize("code", ["plan", "coverage", "totals", "compliance"])
def test_every_table_is_a_page_in_both_languages(town: Town, code: str) -> None:
    town.stage.first_batch()
    town.stage.determine()
    town.stage.settle()
    for language in ("en", "zh-hans"):
        answer = town.browser(language=language).get(f"/public/tables/{YEAR}/{code}")
        assert answer.status_code == 200
        assert answer.context["page"].count > 0


def test_filter_keeps_the_rows_with_all_words() -> None:
    columns = (publications.Column("name", "Name"),)
    rows = ({"name": "Red River Steel"}, {"name": "North Power"})
    shown = publications.Table("t", "t", "", columns, rows)
    with translation.override("en"):
        assert publications.found(shown, "river red") == (rows[0],)


@pytest.mark.parametrize(("codes", "compliant"), [(("COMPLIANT", "SHORT", "NO_FIGURE"), 1), (("A", "B", "C"), 1)])
def test_totals_count_the_compliant_by_either_rule(
    monkeypatch: pytest.MonkeyPatch, codes: tuple[str, ...], compliant: int
) -> None:
    at = datetime(2026, 7, 1, tzinfo=UTC)
    rows = tuple(StatusRow("", "", "", "", YEAR, "", code, 5, 5, 5, 0, 0, 0, {}, at) for code in codes)
    monkeypatch.setattr(compliance, "compliance_table", lambda region, year: rows)
    monkeypatch.setattr(publications, "_rules", lambda region, year: ruled("totals", "MUST"))
    with translation.override("en"):
        told = {row["figure"]: row["quantity"] for row in publications.table("totals", REGION, YEAR).rows}
    assert told["Compliant companies"] == compliant
    assert told["Companies settled"] == 3
