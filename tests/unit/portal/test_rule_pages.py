"""The rule book for everybody: what a lawyer reads of a parameter, what differs, what is overdue, what is released."""

import base64
import hashlib

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.unit.web.town import NOW, REGION, YEAR, Town

from tonnebook import rulebook
from tonnebook.core.disclosure import DisclosureRefusal
from tonnebook.core.errors import Refused
from tonnebook.journal import queries as journal
from tonnebook.portal import services

LIMIT = "/public/rules/surrender.credit_limit_share"


def _page(browser: Client, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status
    return str(answer.content.decode())


def _release(town: Town, key: str = "release-1") -> dict[str, object]:
    return dict(services.release_rules(town.actor("zhou"), region=REGION, key=key, now=NOW))


def test_a_parameter_is_read_with_value_article_document_and_how_sure_it_is(town: Town) -> None:
    page = _page(town.browser(), f"{LIMIT}?year=2024")
    assert '<p class="figure"><span class="n" title="0.05">5%</span> <span class="badge badge-recalled">' in page
    assert "沪环气候〔2023〕81号" in page
    assert "credit_limit" in page
    enacted = _page(town.browser(), "/public/rules/coverage.threshold_t.shipping?year=2026")
    assert "badge" not in enacted.split('class="figure"')[1].split("</section>")[0]


def test_the_history_of_a_parameter_lists_every_value_and_draws_numbers(town: Town) -> None:
    page = _page(town.browser(), LIMIT)
    history = page.split("History")[1]
    assert history.count("<tr>") == 1 + 12
    assert "<svg" in history
    assert "chart-line" not in _page(town.browser(), "/public/rules/surrender.status_rule")


def test_an_article_and_a_note_are_said_in_the_language_of_the_page(town: Town) -> None:
    path = "/public/rules/penalty.exchange.fine_min_yuan?year=2024"
    assert "第42条" in _page(town.browser(language="zh-hans"), path)
    assert "Art. 42" in _page(town.browser(), path)


@pytest.mark.parametrize("path", ["/public/rules/no.such", "/public/rules/allocation", "/public/rules/a..b"])
def test_a_parameter_that_is_not_there_is_not_found(town: Town, path: str) -> None:
    _page(town.browser(), path, 404)


def test_rules_are_found_by_words_topic_and_status(town: Town) -> None:
    browser = town.browser()
    rows = browser.get("/public/rules?q=paid+share&year=2026").context["page"].rows
    assert "allocation.paid_share_max" in {row.leaf.path for row in rows}
    penalties = browser.get("/public/rules?topic=penalty").context["page"]
    assert penalties.count > 5
    assert {row.leaf.path.partition(".")[0] for row in penalties.rows} == {"penalty"}
    recalled = browser.get("/public/rules?status=recalled").context["page"].rows
    assert {row.dated.status for row in recalled} == {"recalled"}
    assert browser.get("/public/rules?q=沪府令10号").context["page"].count > 0


def test_the_list_costs_no_query_per_parameter(town: Town) -> None:
    browser = town.browser()
    counts = []
    browser.get("/public/rules")
    for path in ("/public/rules?topic=repo", "/public/rules"):
        with CaptureQueriesContext(connection) as queries:
            browser.get(path)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_plan_that_was_adopted_stands_among_the_values_of_its_year(town: Town) -> None:
    path = f"/public/rules/allocation.reserve_share?year={YEAR}"
    _page(town.browser(), path, 404)
    town.stage.adopt()
    assert "badge-scenario" in _page(town.browser(), path)


def test_every_value_of_the_open_data_says_how_sure_it_is(town: Town) -> None:
    town.stage.adopt()
    told = town.browser().get("/public/rules.json").json()
    assert told["region"] == REGION
    values = [value for rule in told["rules"] for value in rule["values"]]
    assert {value["status"] for value in values} == {"enacted", "draft", "recalled", "conflict", "scenario"}
    assert all(value["source"] and value["article"] for value in values)
    lines = town.browser().get("/public/rules?form=csv").content.decode().splitlines()
    assert lines[0] == "\ufeffpath,parameter,value,unit,status,source,article,notes"
    assert len(lines) > 400


def test_two_years_are_compared_with_the_plans_of_both(town: Town) -> None:
    page = _page(town.browser(), "/public/rules/compared?before=shanghai@2025&after=shanghai@2027")
    assert "coverage.threshold_t.shipping" in page
    assert "-20%" in page
    address = f"/public/rules/compared?before=shanghai@{YEAR - 1}&after=shanghai@{YEAR}"
    assert "allocation.reserve_share" not in _page(town.browser(), address)
    town.stage.adopt()
    paths = {one.leaf.path for one in town.browser().get(address).context["page"].rows}
    assert "allocation.reserve_share" in paths


@pytest.mark.parametrize("before", ["", "shanghai", "mars@2025", "shanghai@99999999999", "shanghai@0"])
def test_a_comparison_with_what_is_not_known_says_how_to_write_it(town: Town, before: str) -> None:
    answer = town.browser().get("/public/rules/compared", {"before": before, "after": "shanghai@2027"})
    assert answer.status_code == 422
    assert "such as shanghai@2025" in answer.content.decode()


def test_values_past_their_day_of_comparison_are_listed(town: Town) -> None:
    assert town.browser().get("/public/rules/overdue?year=2025").context["page"].count == 0
    rows = town.browser().get("/public/rules/overdue?year=2028").context["page"].rows
    assert rows
    assert list(rows) == sorted(rows, key=lambda one: one.due_on)


def test_a_release_is_signed_and_stands_in_the_log(town: Town) -> None:
    answer = _release(town)
    digest = rulebook.digest(REGION)
    assert answer["digest"] == digest
    leaf = journal.receipt(str(answer["receipt"]))["leaf"]
    assert leaf["facts"]["rulebook"] == digest  # type: ignore[index,call-overload]
    note = _page(town.browser(), f"/public/rules/releases/{digest}.txt")
    assert note == answer["note"]
    assert note.splitlines()[2] == digest
    assert _is_signed(note)
    assert not _is_signed(note.replace(digest, "0" * 64))


def _is_signed(note: str) -> bool:
    text, _, signatures = note.partition("\n\n")
    signed = base64.b64decode(signatures.splitlines()[0].split()[-1])
    name, _, key = journal.signer().verifier_key.split("+", 2)
    material = base64.b64decode(key)
    assert signed[:4] == hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
    try:
        Ed25519PublicKey.from_public_bytes(material[1:]).verify(signed[4:], f"{text}\n".encode())
    except InvalidSignature:
        return False
    return True


def test_the_same_rules_are_released_once(town: Town) -> None:
    _release(town)
    with pytest.raises(Refused) as refused:
        _release(town, "release-2")
    assert refused.value.code is DisclosureRefusal.ALREADY_RELEASED


def test_an_officer_releases_from_the_page_and_nobody_else_is_asked(town: Town) -> None:
    officer = town.browser("zhou")
    assert "Release the rules as they stand" in _page(officer, "/public/rules/releases")
    assert "Release the rules as they stand" not in _page(town.browser("red"), "/public/rules/releases")
    assert officer.post("/public/rules/release").status_code == 302
    page = officer.get("/public/rules/releases")
    assert [one.is_current for one in page.context["releases"]] == [True]
    assert "Release the rules as they stand" not in page.content.decode()
    _page(town.browser(), f"/public/rules/releases/{'0' * 64}.txt", 404)


def test_the_caps_over_the_years_show_what_was_issued_and_what_is_paid_for(town: Town) -> None:
    before = {one.year: one for one in town.browser().get("/public/rules/caps").context["years"]}
    assert before[2023].cap_t == 105_000_000
    assert YEAR not in before
    town.stage.first_batch()
    page = town.browser().get("/public/rules/caps")
    year = next(one for one in page.context["years"] if one.year == YEAR)
    assert year.issued_t > 0
    assert year.left_t == year.cap_t - year.issued_t
    assert year.paid.entities == 2
    assert year.paid.largest <= 0.08
    assert (year.paid.paid_t, str(year.paid.of_cap)) == (4910, "0.000062")
    assert "badge-scenario" in page.content.decode()


def test_the_caps_are_held_against_the_dual_control_of_the_city(town: Town) -> None:
    town.stage.first_batch()
    page = town.browser().get("/public/rules/caps")
    years = {one.year: one for one in page.context["years"]}
    assert years[2023].bridge is None
    found = years[YEAR].bridge
    assert found.room.whole == found.budget.whole - years[YEAR].cap_t
    assert "within dual control" in page.content.decode() or "above dual control" in page.content.decode()
