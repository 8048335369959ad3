"""Every role has its pages; strangers see nothing private; refusals read well in both languages."""

import json

import pytest
from tests.unit.web.town import NORTH_POWER, NOW, RED_RIVER, YEAR, Town

from tonnebook.compliance import queries as compliance
from tonnebook.compliance.queries.lists import ListDraft

HOMES = {
    "zhou": "Who is short",
    "red": "Next step",
    "true": "Your board",
    "lotus": "previous close",
    "bell": "Trading day",
    "eye": "Recompute everything now",
    "borough": "your first check",
    "purse": "In the treasury account",
    "bank": "Download the bank file",
    "rider": "What you can do here",
    "second": "What you can do here",
    "flask": "What you can do here",
    "pen": "Reports to write",
}
PAGES = {
    "zhou": ("/coverage", "/progress", "/surrenders", "/approvals", f"/entity/{RED_RIVER}"),
    "red": ("/company/surrender", "/company/allocation", "/company/filings", "/company/reports"),
    "true": ("/board",),
    "bell": ("/exchange/day", "/approvals"),
    "keeper": ("/approvals",),
    "eye": ("/audit",),
}
PUBLIC = ("/", "/sign-in", "/search?q=credit", "/public/tables", "/public/receipt", "/public/log", "/public/unit")
CELLS = [(username, page) for username, pages in PAGES.items() for page in pages]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("page", [*PUBLIC, "/public/check-it-yourself", "/public/unit?serial=1"])
def test_the_public_pages_answer_in_both_languages(town: Town, page: str, language: str) -> None:
    answer = town.browser(language=language).get(page)
    assert answer.status_code == (404 if "serial=1" in page else 200)
    assert f'lang="{language}"' in answer.content.decode()


@pytest.mark.parametrize(("username", "sign"), HOMES.items())
def test_every_role_has_its_own_home(town: Town, username: str, sign: str) -> None:
    town.stage.first_batch()
    town.stage.determine()
    answer = town.browser(username).get(f"/?year={YEAR}", follow=True)
    assert answer.status_code == 200
    assert sign in answer.content.decode()


@pytest.mark.parametrize(("username", "page"), CELLS)
def test_the_pages_of_a_role_answer(town: Town, username: str, page: str) -> None:
    town.stage.first_batch()
    town.stage.determine()
    for language in ("en", "zh-hans"):
        answer = town.browser(username, language).get(page, {"year": YEAR})
        assert answer.status_code == 200, answer.content.decode()[:2000]


@pytest.mark.parametrize("page", sorted({page for _, page in CELLS}))
def test_a_stranger_is_asked_to_sign_in(town: Town, page: str) -> None:
    answer = town.browser().get(page)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in?next=")


@pytest.mark.parametrize(
    ("username", "page"), [("red", "/coverage"), ("zhou", "/company/surrender"), ("lotus", "/board")]
)
def test_another_role_finds_the_door_closed(town: Town, username: str, page: str) -> None:
    answer = town.browser(username).get(page)
    assert answer.status_code == 403
    assert "open to other roles" in answer.content.decode()


def test_a_company_does_not_see_another_company(town: Town) -> None:
    town.stage.first_batch()
    page = town.browser("red").get("/", {"year": YEAR}).content.decode()
    assert NORTH_POWER not in page
    assert town.browser("red").get(f"/entity/{NORTH_POWER}").status_code == 403


def test_pages_carry_neither_styles_nor_scripts_of_their_own(town: Town) -> None:
    town.stage.first_batch()
    town.stage.determine()
    for username in ("zhou", "red"):
        page = town.browser(username).get("/", {"year": YEAR}).content.decode()
        assert "style=" not in page
        assert "<script>" not in page
        assert "onclick" not in page


def test_surrender_asks_once_more_with_the_total_and_then_submits(town: Town) -> None:
    town.stage.first_batch()
    town.stage.determine()
    browser = town.browser("red")
    form = browser.get("/company/surrender", {"year": YEAR})
    chosen = {f"t:{lot['asset'].code}": lot["chosen_t"] for lot in form.context["lots"] if lot["chosen_t"]}
    total_t = sum(chosen.values())
    assert total_t > 0
    address = f"/company/surrender?year={YEAR}"
    asked = browser.post(address, {**chosen, "key": "surrender-0001"})
    assert asked.context["total_t"] == total_t
    assert town.browser("zhou").get("/surrenders", {"year": YEAR}).context["page"].count == 0
    done = browser.post(address, {**chosen, "key": "surrender-0001", "shown_total_t": str(total_t)})
    assert done.status_code == 302
    officer = town.browser("zhou")
    waiting = officer.get("/surrenders", {"year": YEAR}).context["page"].rows
    assert [row.total_t for row in waiting] == [total_t]
    confirmed = officer.post(
        "/surrenders", {"year": YEAR, "surrender": [row.number for row in waiting], "key": "confirm-00001"}
    )
    assert confirmed.status_code == 302
    assert officer.get("/surrenders", {"year": YEAR}).context["page"].count == 0


@pytest.mark.parametrize("year", [{}, {"year": "soon"}])
def test_a_confirmation_without_a_year_is_refused_and_no_fault(town: Town, year: dict[str, str]) -> None:
    answer = town.browser("zhou").post("/surrenders", {**year, "surrender": ["SU-000009"], "key": "confirm-00009"})
    assert answer.status_code == 404
    assert "SURRENDER_UNKNOWN" in answer.content.decode()


def _draft() -> ListDraft:
    return compliance.draft_list("shanghai", YEAR, NOW.date())


def test_a_proposal_is_done_when_the_second_person_approves_it(town: Town) -> None:
    from tonnebook.members import services as members

    proposed = members.propose(
        town.actor("zhou"),
        kind="compliance.cover",
        payload={"region": "shanghai", "year": YEAR, "digest": _draft().digest},
        key="proposal-001",
        now=NOW,
    )
    address = f"/approvals/{proposed['approval']}"
    form = {"decision": "approve", "digest": proposed["digest"], "key": "approval-0001"}
    own = town.browser("zhou").post(address, form)
    assert own.status_code == 403
    assert "cannot approve it" in own.content.decode()
    done = town.browser("chen").post(address, form)
    assert done.status_code == 302
    assert town.browser("zhou").get("/coverage", {"year": YEAR}).context["page"].count > 0


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "There is no approval with number"), ("zh-hans", "没有编号为")]
)
def test_a_refusal_is_a_page_in_the_language_of_the_reader(town: Town, language: str, sentence: str) -> None:
    answer = town.browser("zhou", language).post("/approvals/AP-000009-00", {"decision": "reject"})
    assert answer.status_code == 404
    assert sentence in answer.content.decode()


def test_a_refusal_is_problem_json_to_a_program_and_a_fragment_to_htmx(town: Town) -> None:
    browser = town.browser("zhou")
    told = browser.post("/approvals/AP-9", {"decision": "reject"}, headers={"accept": "application/json"})
    assert told["Content-Type"] == "application/problem+json"
    assert json.loads(told.content)["code"] == "NO_SUCH_APPROVAL"
    fragment = browser.post("/approvals/AP-9", {"decision": "reject"}, headers={"hx-request": "true"}).content.decode()
    assert 'role="alert"' in fragment
    assert "<html" not in fragment


def test_an_unknown_page_says_what_to_do(town: Town) -> None:
    answer = town.browser().get("/no/such/page")
    assert answer.status_code == 404
    assert "search above" in answer.content.decode()
