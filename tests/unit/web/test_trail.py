"""No look at what is others' without its row: every such page, the doors that stay closed, and the auditor's list."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, OperationalError, connection, transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from tests.unit.faces import files
from tests.unit.web import test_papers as papers
from tests.unit.web.matrix import MATRIX
from tests.unit.web.town import LOTUS, NORTH_POWER, NOW, RED_RIVER, REGION, TRUE_MEASURE, WRITER, YEAR, Town

from tonnebook.compliance.models import PenaltyEntry, PenaltyFile
from tonnebook.core.clients import ClientState
from tonnebook.core.ledger import AccountType
from tonnebook.core.penalty import PenaltyStep, Regime
from tonnebook.core.trail import LookKind
from tonnebook.emissions import services as emissions
from tonnebook.journal import trail
from tonnebook.journal.models import AuditEvent
from tonnebook.market.models import Client as ClientRow
from tonnebook.members import queries as members
from tonnebook.registry import queries as registry


@dataclass(frozen=True, slots=True)
class Sight:
    """A page or operation that shows what is others': who looks, where, and what the row must name."""

    name: str
    person: str
    path: str
    kind: LookKind
    subject: str


_INSTANT = "2026-01-01T00:00:00%2B08:00"
# `{account}` and the like are numbers of the stage.
SIGHTS = (
    Sight("registry:account", "keeper", "/registry/accounts/{account}", LookKind.ACCOUNT, "{account}"),
    Sight("registry:statement", "eye", "/registry/accounts/{account}/statement", LookKind.ACCOUNT, "{account}"),
    Sight("registry:holds", "zhou", "/registry/accounts/{account}/holds", LookKind.ACCOUNT, "{account}"),
    Sight("registry:account", "bell", "/registry/accounts/{cash}", LookKind.ACCOUNT, "{cash}"),
    Sight("api:account", "keeper", "/api/v1/accounts/{account}", LookKind.ACCOUNT, "{account}"),
    Sight("api:holdings", "eye", "/api/v1/accounts/{account}/holdings", LookKind.ACCOUNT, "{account}"),
    Sight("api:holds", "keeper", "/api/v1/accounts/{account}/holds", LookKind.ACCOUNT, "{account}"),
    Sight("api:lots", "eye", "/api/v1/accounts/{account}/lots", LookKind.ACCOUNT, "{account}"),
    Sight("api:balances", "eye", f"/api/v1/accounts/{{account}}/balances?at={_INSTANT}", LookKind.ACCOUNT, "{account}"),
    Sight(
        "api:statement",
        "zhou",
        f"/api/v1/accounts/{{account}}/statement?from_at={_INSTANT}&to_at={_INSTANT}",
        LookKind.ACCOUNT,
        "{account}",
    ),
    Sight("market:client", "lotus", f"/market/clients/{RED_RIVER}", LookKind.ORGANISATION, RED_RIVER),
    Sight("web:entity", "zhou", f"/entity/{RED_RIVER}?year={YEAR}", LookKind.ORGANISATION, RED_RIVER),
    Sight("web:entity", "borough", f"/entity/{RED_RIVER}?year={YEAR}", LookKind.ORGANISATION, RED_RIVER),
    Sight("web:dossier", "eye", f"/entity/{RED_RIVER}/file?year={YEAR}", LookKind.ORGANISATION, RED_RIVER),
    Sight("web:inspection", "eye", f"/entity/{RED_RIVER}/inspection.zip?year={YEAR}", LookKind.ORGANISATION, RED_RIVER),
    Sight("web:dossier_pdf", "eye", f"/entity/{RED_RIVER}/file.pdf?year={YEAR}", LookKind.ORGANISATION, RED_RIVER),
    Sight("web:standing", "eye", f"/entity/{RED_RIVER}/standing?year={YEAR}", LookKind.ORGANISATION, RED_RIVER),
    Sight("web:forced", "zhou", f"/entity/{RED_RIVER}/forced?year={YEAR}", LookKind.ORGANISATION, RED_RIVER),
    Sight("web:outlook", "eye", f"/entity/{RED_RIVER}/outlook?year={YEAR}", LookKind.ORGANISATION, RED_RIVER),
    Sight("web:redetermine", "zhou", f"/entity/{RED_RIVER}/redetermine?year={YEAR}", LookKind.ORGANISATION, RED_RIVER),
    Sight("web:waive", "zhou", f"/officer/anomalies/{RED_RIVER}/{YEAR}/L005", LookKind.ORGANISATION, RED_RIVER),
    Sight("web:correct_line", "zhou", f"/coverage/{YEAR}/{RED_RIVER}", LookKind.ORGANISATION, RED_RIVER),
    Sight("web:penalty_file", "zhou", "/penalties/{penalty}", LookKind.ORGANISATION, RED_RIVER),
    Sight("web:approvals", "chen", "/approvals", LookKind.APPROVAL, "{approval}"),
    Sight("api:states", "eye", "/api/v1/accounts/{account}/states", LookKind.ACCOUNT, "{account}"),
    Sight("api:representatives", "eye", "/api/v1/accounts/{account}/representatives", LookKind.ACCOUNT, "{account}"),
    Sight("api:application", "keeper", "/api/v1/applications/{application}", LookKind.APPLICATION, "{application}"),
    Sight("api:approvals", "chen", "/api/v1/approvals", LookKind.APPROVAL, "{approval}"),
    Sight("api:approval", "chen", "/api/v1/approvals/{approval}", LookKind.APPROVAL, "{approval}"),
    Sight("web:explain", "zhou", "/explain/report/{report}", LookKind.NUMBER, "report:{report}"),
    Sight("api:explanation", "eye", "/api/v1/explanations/report/{report}", LookKind.NUMBER, "report:{report}"),
    Sight("web:client_money", "bank", "/client-money", LookKind.CLIENT_MONEY, REGION),
    Sight("web:report", "true", "/board/{report}", LookKind.REPORT, "{report}"),
    Sight("web:write_draft", "pen", f"/writing/{RED_RIVER}/{YEAR}", LookKind.REPORT, f"{RED_RIVER}:{YEAR}"),
    Sight("web:paper", "keeper", "/papers/{paper}", LookKind.DOCUMENT, "{paper}"),
    Sight("web:paper_file", "eye", "/papers/{paper}/file.docx", LookKind.DOCUMENT, "{paper}"),
    Sight("api:paper", "keeper", "/api/v1/papers/{paper}", LookKind.DOCUMENT, "{paper}"),
    Sight("api:paper_file", "eye", "/api/v1/papers/{paper}/files/pdf", LookKind.DOCUMENT, "{paper}"),
    Sight("web:waiting_paper", "chen", "/papers/waiting/{waiting}", LookKind.APPROVAL, "{waiting}"),
    Sight("members:document", "keeper", "/members/documents/{document}", LookKind.DOCUMENT, "{document}"),
    Sight(
        "registry:application", "keeper", "/registry/applications/{application}", LookKind.APPLICATION, "{application}"
    ),
)
# Addresses with a number in them that show nothing of others, or nothing beyond a sight above.
NOT_SIGHTS = {
    "web:draw_file": "a draw, which is published",
    "api:consultation": "leaves the row of its list, as all that is shown stands there",
    "web:opinion": "a draft that was sent to the own department",
    "registry:issued": "asks for the account as the statement does",
    "registry:freeze_by_court": "the form of an account whose page leaves its row",
    "registry:immobilise": "the form of an account whose page leaves its row",
    "registry:account_state": "the form of an account whose page leaves its row",
    "registry:cash_in": "the form of an account whose page leaves its row",
    "registry:reverse": "the form of an account whose page leaves its row",
    "registry:apply_for_change": "own accounts only",
    "registry:retire": "own accounts only",
    "registry:move": "own accounts only",
    "registry:transfer": "own accounts only",
    "registry:trusted": "own accounts only",
    "registry:hand_on": "own accounts only",
    "registry:withdraw": "own accounts only",
    "api:transfer_asked": "own transfers only",
    "api:cancel": "own orders, and those of a client that has agreed to it",
    "api:cancel_transfer": "own transfers only",
    "api:order": "own orders, and those of a client that has agreed to it",
    "api:mandate": "own mandates, given or held",
    "web:footprint": "own footprints only",
    "web:footprint_file": "own footprints only",
    "api:withdraw_mandate": "own mandates only",
    "api:withdraw_application": "own applications only",
    "api:sent_command": "own commands, and those of a client that has agreed to it",
    "api:bids": "own bids only",
    "api:bid": "own bids only",
    "api:deal": "own proposals, and those made to everybody without a name",
    "api:withdraw_deal": "own proposals only",
    "api:appoint": "asks for the account as its page does, which leaves its row",
    "api:intervention_requests": "own requests only",
    "api:own_sale_bids": "own bids only",
    "api:bid_in_sale": "own bids only",
    "api:sale_awards": "what a lot was sold for, which is published",
    "api:auction": "an auction, which is published",
    "api:freeze_switch": "a switch, which belongs to the region",
    "web:intervention": "an intervention, which is published; its list of requests leaves a row",
}


@dataclass(frozen=True, slots=True)
class Roll:
    """A page or operation that lists what is others': its address, who looks, where, and the name of the list."""

    name: str
    person: str
    path: str
    list_name: str


ROLLS = (
    Roll("web:home", "zhou", "/", "short"),
    Roll("web:home", "borough", "/", "district"),
    Roll("web:coverage", "zhou", f"/coverage?year={YEAR}&q=Red", "coverage"),
    Roll("web:coverage", "zhou", f"/coverage?year={YEAR}&q=Red&form=csv", "coverage"),
    Roll("web:draft_list", "zhou", f"/coverage/{YEAR + 1}/draft?q=Red", "draft_list"),
    Roll("web:register_events", "zhou", "/officer/register", "register_events"),
    Roll("web:anomalies", "zhou", f"/officer/anomalies?year={YEAR}", "anomalies"),
    Roll("web:late", "zhou", f"/late?year={YEAR}", "late"),
    Roll("web:outlooks", "zhou", f"/outlooks?year={YEAR}", "outlooks"),
    Roll("web:surrenders", "zhou", f"/surrenders?year={YEAR}", "surrenders"),
    Roll("web:plans", "zhou", f"/year/plans?year={YEAR}", "plans"),
    Roll("web:batch", "zhou", f"/year/{YEAR}/batch/FIRST", "allocations"),
    Roll("web:sector", "maker", "/sector", "sector"),
    Roll("web:home", "maker", "/", "sector"),
    Roll("web:consultations", "zhou", "/consultations", "consultations"),
    Roll("web:district", "borough", "/district", "district"),
    Roll("registry:holdings", "keeper", "/registry/?q=SH", "accounts"),
    Roll("registry:holdings", "bell", "/registry/", "accounts"),
    Roll("registry:pledges", "bank", "/registry/pledges", "pledges"),
    Roll("registry:waiting", "eye", "/registry/waiting", "waiting"),
    Roll("registry:bank_accounts", "bell", "/registry/bank-accounts", "bank accounts"),
    Roll("registry:banks", "bell", "/registry/banks", "banks"),
    Roll("registry:applications", "keeper", "/registry/applications", "applications"),
    Roll("members:seal_keys", "keeper", "/members/seal-keys", "seal_keys"),
    Roll("members:identity_links", "keeper", "/members/identities", "identity_links"),
    Roll("market:supervision", "bell", "/market/supervision", "supervision"),
    Roll("market:holders", "zhou", "/market/holders", "holders"),
    Roll("market:trades", "bell", "/market/supervision/trades", "trades"),
    Roll("market:sales", "bell", "/market/one-way", "one_way"),
    Roll("members:people", "keeper", "/members/people?q=Red", "people"),
    Roll("members:organisations", "keeper", "/members/organisations", "organisations"),
    Roll("members:barred", "bell", "/members/barred", "barred"),
    Roll("members:controlled", "keeper", "/members/controllers", "controlled"),
    Roll("members:erasure", "zhou", "/members/erasure?person=P-0", "private fields"),
    Roll("web:papers", "zhou", "/papers", "papers"),
    Roll("web:changes", "zhou", "/changes", "changes"),
    Roll("web:grounds", "zhou", f"/year/{YEAR}/grounds", "grounds"),
    Roll("web:headroom", "zhou", f"/year/{YEAR}/headroom", "headroom"),
    Roll("market:closing", "bell", "/market/day", "closing"),
    Roll("api:closing", "bell", "/api/v1/closing?day=2026-03-02", "closing"),
    Roll("api:applications", "keeper", "/api/v1/applications", "applications"),
    Roll("api:papers", "zhou", "/api/v1/papers", "papers"),
    Roll("web:leaving", "zhou", "/leaving", "leaving"),
    Roll("web:penalties", "zhou", f"/penalties?year={YEAR}", "penalties"),
    Roll("web:facts", "zhou", "/facts", "facts"),
    Roll("web:objections", "zhou", f"/objections?year={YEAR}", "objections"),
    Roll("web:factors", "zhou", f"/factors?path=mrv.electricity.factor&year={YEAR}", "factors"),
    Roll("web:at_risk", "zhou", "/at-risk", "at_risk"),
    Roll("web:carried", "zhou", f"/carried?year={YEAR}", "carried"),
    Roll("api:consultations", "zhou", "/api/v1/consultations", "consultations"),
    Roll("api:waiting_facts", "zhou", "/api/v1/declared-facts/waiting", "facts"),
    Roll("api:grounds", "zhou", f"/api/v1/grounds?year={YEAR}", "grounds"),
    Roll("api:draws", "zhou", f"/api/v1/headroom/draws?year={YEAR}", "headroom"),
    Roll("api:entities_at_risk", "zhou", "/api/v1/entities-at-risk", "at_risk"),
    Roll("api:carried", "eye", f"/api/v1/carried?year={YEAR}", "carried"),
    Roll("api:outlooks", "eye", f"/api/v1/outlooks?year={YEAR}", "outlooks"),
    Roll("api:accounts", "eye", "/api/v1/accounts", "accounts"),
)
# Addresses that open to public roles alone, name nothing, and show nothing of others beyond what leaves a row above.
NOT_ROLLS = {
    "web:contribution": "the factors of products, which are published",
    "web:draft_paper": "a form",
    "web:inventory": "the statistics of the city and the sum of its companies",
    "registry:freezes": "the switches of the own region",
    "api:freezes": "the switches of the own region",
    "members:kept_news": "news of the own authority, and whom it told",
    "web:alerts": "what the system found",
    "web:approvals": "a row for each approval, whose arguments it shows",
    "api:approvals": "a row for each approval, whose arguments it shows",
    "web:audit": "what the auditor found",
    "web:looks": "the trail itself",
    "web:progress": "counts",
    "web:year": "counts",
    "web:adopt_plan": "a plan, which is published",
    "web:utility_factor": "a form",
    "web:kept_bodies": "the register of firms, which is published",
    "web:deadlines": "the deadlines of a year, which are published",
    "web:cancellations": "a form",
    "web:coverage_facts": "two forms",
    "web:plan_list": "plans, which are published",
    "web:plan_table": "a plan, which is published",
    "web:client_money": "a sight above",
    "web:trading_day": "quotes and auctions, which are published",
    "market:announce": "a form",
}


@pytest.fixture
def numbers(town: Town) -> dict[str, str]:
    """Something of Red River's of every kind: accounts, a report, an application with its document, an approval."""
    report = town.reported()
    zhou, stage = town.actor("zhou"), town.stage
    chosen = {RED_RIVER: TRUE_MEASURE}
    emissions.assign_verifiers(zhou, region=REGION, year=YEAR, assignments=chosen, key=stage.key(), now=NOW)
    mandate = {"writer": WRITER, "first_year": YEAR, "last_year": YEAR, "until_on": NOW.date().isoformat()}
    town.browser("red").post("/company/mandates", mandate)
    paper = SimpleUploadedFile("申请书.pdf", files.pdf())
    sent = town.browser("red").post("/registry/applications/new", {"type": "TRADING", "paper": paper})
    application = sent["Location"].rsplit("/", 1)[-1]
    town.browser("keeper").post(f"/registry/applications/{application}/check")
    papers.issue(town)
    agreed = {"state": ClientState.AGREED, "asked_at": NOW, "agreed_at": NOW}
    ClientRow.objects.create(region=REGION, member=LOTUS, client=RED_RIVER, asked_by="P-1", **agreed)
    return {
        "account": registry.account_of(RED_RIVER, AccountType.HOLDING),
        "cash": registry.account_of(RED_RIVER, AccountType.CLIENT_CASH),
        "report": report,
        "application": application,
        "document": registry.application(application).documents[0],
        "approval": members.open_approvals(REGION)[0].number,
        "paper": papers.NUMBER,
        "waiting": papers.hand_over(town.browser("zhou"), papers.draft_page()).rsplit("/", 1)[-1],
        "penalty": _penalty(),
    }


def _penalty() -> str:
    file = PenaltyFile.objects.create(
        number="PF-000001-42",
        entity_id=RED_RIVER,
        region=REGION,
        year=YEAR,
        breach_on=NOW.date(),
        shortfall_t=1,
        regime=Regime.NO_SUPPORT,
        smallest_fen=0,
        largest_fen=0,
        traces={},
        rulebook_digest="",
        opened_at=NOW,
    )
    PenaltyEntry.objects.create(file=file, place=0, step=PenaltyStep.OPENED, ground="x", by="P-1", at=NOW)
    return file.number


def events(outcome: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(outcome=outcome).order_by("id"))


def unseen(town: Town, numbers: dict[str, str]) -> list[str]:
    """Walk all sights; give the paths of those that answer 200 without leaving their row."""
    found = []
    browsers = {person: town.browser(person) for person in {sight.person for sight in SIGHTS}}
    for sight in SIGHTS:
        before, path = len(events(trail.READ)), sight.path.format(**numbers)
        assert browsers[sight.person].get(path).status_code == 200, path
        told = {(one.actor, one.code, one.facts["subject"]) for one in events(trail.READ)[before:]}
        if (town.actor(sight.person).person, sight.kind.value, sight.subject.format(**numbers)) not in told:
            found.append(path)
    return found


def test_no_page_of_others_answers_without_its_row(town: Town, numbers: dict[str, str]) -> None:
    assert unseen(town, numbers) == []


def test_control_without_the_note_every_page_of_others_is_found_out(
    town: Town, numbers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "note", lambda *_arguments, **_options: None)
    assert len(unseen(town, numbers)) == len(SIGHTS)


def named(resolver: URLResolver, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """All addresses with their full names."""
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from named(one, one.namespace or space)
        else:
            yield f"{space}:{one.name}", one


def test_every_address_with_a_number_is_a_sight_or_says_why_not(town: Town) -> None:
    """A POST leaves a leaf; what may be read with a number in its address is named above."""
    rooms = ("registry", "members", "web", "api")
    keys = {"number", "uscc", "document"}
    addresses = {name: one for name, one in named(get_resolver()) if name.split(":")[0] in rooms}
    asked = {name for name, one in addresses.items() if keys & set(one.pattern.regex.groupindex)}
    anybody = town.browser("red")
    readable = set()
    for name in asked:
        values = dict.fromkeys(addresses[name].pattern.regex.groupindex, "1")
        if anybody.get(reverse(name, kwargs=values)).status_code != 405:
            readable.add(name)
    assert readable - {sight.name for sight in SIGHTS} - NOT_SIGHTS.keys() == set()
    assert NOT_SIGHTS.keys() - readable == set()


def test_every_list_of_others_leaves_one_row_with_its_length(town: Town, numbers: dict[str, str]) -> None:
    town.stage.first_batch()
    browsers = {person: town.browser(person) for person in {one.person for one in ROLLS}}
    for one in ROLLS:
        before = len(events(trail.READ))
        assert browsers[one.person].get(one.path).status_code == 200, one.path
        found = [event for event in events(trail.READ)[before:] if event.code == LookKind.LIST]
        (event,) = [event for event in found if event.facts["subject"] == one.list_name]
        assert (event.actor, event.command) == (town.actor(one.person).person, one.name)
        assert event.facts["rows"] >= 0
        assert bool(event.facts["asked"]) is ("?" in one.path)


def test_a_list_tells_how_many_it_had_and_not_what_was_asked_for(town: Town) -> None:
    zhou = town.browser("zhou")
    shown = [len(zhou.get(f"/coverage?year={YEAR}&q={asked}").context["page"].rows) for asked in ("", "Red")]
    rows = [event.facts for event in events(trail.READ)]
    assert [row["rows"] for row in rows] == shown
    assert len({row["asked"] for row in rows}) == 2
    assert "Red" not in str(rows)
    zhou.get(f"/coverage?year={YEAR}&q=Red&page=2")
    assert events(trail.READ)[-1].facts["asked"] == rows[-1]["asked"]


def test_every_address_of_public_roles_is_a_roll_or_says_why_not() -> None:
    holders, public = set("ETV-"), set("ORXADFB")
    asked = {
        name for name, row in MATRIX.items()
        if "GET" in row.methods and row.subject == "" and set(row.opens) & public and not set(row.opens) & holders
    }  # fmt: skip
    assert asked - {one.name for one in ROLLS} == NOT_ROLLS.keys()


def test_ones_own_lists_and_public_ones_leave_no_row(town: Town) -> None:
    browser, officer = town.browser("red"), town.browser("zhou")
    for path in ("/", "/registry/", "/registry/waiting", "/registry/bank-accounts", "/api/v1/accounts"):
        assert browser.get(path).status_code == 200
    assert officer.get(f"/public/tables/{YEAR}/coverage").status_code == 200
    assert events(trail.READ) == []


def test_what_is_ones_own_leaves_no_row(town: Town, numbers: dict[str, str]) -> None:
    browser, before = town.browser("red"), len(events(trail.READ))
    for path in (
        "/registry/accounts/{account}",
        "/papers/{paper}",
        "/api/v1/accounts/{account}",
        "/registry/applications/{application}",
    ):
        assert browser.get(path.format(**numbers)).status_code == 200
    assert browser.get(f"/entity/{RED_RIVER}/file").status_code == 200
    assert len(events(trail.READ)) == before


@pytest.mark.parametrize(
    ("person", "path", "status"),
    [
        ("north", "/registry/accounts/{account}", 404),
        ("north", "/api/v1/accounts/{account}", 404),
        ("north", "/members/documents/{document}", 404),
        ("red", f"/entity/{NORTH_POWER}", 403),
        ("red", "/approvals", 403),
    ],
)
def test_a_door_that_stays_closed_leaves_a_row(
    town: Town, numbers: dict[str, str], person: str, path: str, status: int
) -> None:
    assert town.browser(person).get(path.format(**numbers)).status_code == status
    (event,) = events(trail.DENIED)
    assert (event.actor, event.code) == (town.actor(person).person, LookKind.DOOR.value)
    assert event.facts["subject"] in path.format(**numbers)


def test_neither_strangers_nor_unknown_addresses_nor_forms_from_elsewhere_leave_a_row(town: Town) -> None:
    town.browser().get("/registry/accounts/1")
    town.browser("red").get("/no/such/page")
    strict = town.browser("red")
    strict.handler.enforce_csrf_checks = True
    assert strict.post("/registry/accounts/1/retire").status_code == 403
    sent = strict.post("/api/v1/accounts/1/retire", {}, content_type="application/json")
    assert sent.json()["code"] == "FORM_EXPIRED"
    assert events(trail.DENIED) == []


def test_without_its_row_no_page_is_shown(town: Town, numbers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise OperationalError

    browser = town.browser("keeper")
    monkeypatch.setattr(AuditEvent.objects, "bulk_create", fail)
    for path in (f"/registry/accounts/{numbers['account']}", "/registry/"):
        answer = browser.get(path)
        assert answer.status_code == 503
        assert numbers["account"] not in answer.content.decode()


@pytest.mark.parametrize("change", ["UPDATE journal_audit_event SET actor = 'P-0'", "DELETE FROM journal_audit_event"])
def test_a_row_of_the_trail_is_changed_by_nobody(town: Town, numbers: dict[str, str], change: str) -> None:
    town.browser("eye").get(f"/registry/accounts/{numbers['account']}")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_auditor_reads_who_looked_by_day_and_person(town: Town, numbers: dict[str, str], language: str) -> None:
    town.browser("keeper").get(f"/registry/accounts/{numbers['account']}")
    town.browser("zhou").get(f"/entity/{RED_RIVER}")
    eye, keeper = town.browser("eye", language), town.actor("keeper").person
    assert "/audit/looks" in eye.get("/audit").content.decode()
    told = [(one.person, one.subject) for one in eye.get("/audit/looks").context["page"].rows]
    assert (keeper, numbers["account"]) in told
    assert (town.actor("zhou").person, RED_RIVER) in told
    rows = eye.get("/audit/looks", {"day": NOW.date().isoformat(), "person": keeper}).context["page"].rows
    assert {one.person for one in rows} == {keeper}
    assert not eye.get("/audit/looks", {"day": "2020-01-01"}).context["page"].rows
    assert eye.get("/audit/looks", {"day": "yesterday"}).status_code == 422
    assert town.browser("red").get("/audit/looks").status_code == 403
