"""A freeze by a court, on papers by a registrar and lifted by two people; what counts as immobilised."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django.fixtures import Settings
from tests.unit.faces import files
from tests.unit.registry.desk import CHEN, NORTH, NOW, RED, STRANGER, ZHOU, Desk
from tests.unit.web import town as towns
from tests.unit.web.town import RED_RIVER, Town

from tonnebook.core import periods
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.ledger import AccountType, HoldReason, LedgerRefusal
from tonnebook.core.roles import AccessRefusal, Actor
from tonnebook.core.uploads import PAPERS, DocumentPurpose, DocumentRefusal
from tonnebook.faces import uploads
from tonnebook.journal.services import Answer
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry import services as registry

LAST = date(2027, 3, 1)


def paper(organisation: str) -> str:
    upload = uploads.accept(ContentFile(files.pdf(), name="执行通知书.pdf"), kinds=PAPERS)
    kept = members.keep_document(
        ZHOU,
        organisation=organisation,
        upload=upload,
        purpose=DocumentPurpose.JUDGMENT,
        key=f"paper-{organisation}",
        now=NOW,
    )
    return str(kept["document"])


def freeze(desk: Desk, quantity: int, *, actor: Actor = ZHOU, papers: tuple[str, ...], until: date = LAST) -> Answer:
    return registry.freeze_by_court(
        actor,
        account=desk.north,
        asset="SHEA-2026",
        quantity=quantity,
        court="Pudong Court",
        notice="(2026) 7",
        documents=papers,
        expires_on=until,
        key=f"freeze-{quantity}-{actor.person}-{actor.region}-{until}-{papers}",
        now=NOW,
    )


@pytest.fixture
def papers(desk: Desk) -> tuple[str, ...]:
    desk.allocate(desk.north, 100)
    return (paper(NORTH),)


def test_a_court_may_freeze_more_than_there_is_and_the_rest_waits(desk: Desk, papers: tuple[str, ...]) -> None:
    answer = freeze(desk, 160, papers=papers)
    assert (answer["frozen"], answer["waiting"], answer["rank"]) == (100, 60, 1)
    row = queries.hold(str(answer["hold"]))
    assert (row.owner, row.subject, row.documents) == ("Pudong Court", "(2026) 7", papers)
    assert row.expires_at is not None
    assert periods.day_of(row.expires_at - timedelta(microseconds=1)) == LAST


def test_a_freeze_ends_with_its_last_day_and_the_next_court_follows(desk: Desk, papers: tuple[str, ...]) -> None:
    first = str(freeze(desk, 100, papers=papers, until=periods.day_of(NOW))["hold"])
    second = str(freeze(desk, 80, papers=papers)["hold"])
    assert registry.release_expired(now=NOW + timedelta(days=1)) == 1
    assert [row.number for row in queries.standing_holds(desk.north)] == [second]
    assert (queries.hold(first).remaining, queries.hold(second).remaining) == (0, 80)


def test_a_freeze_needs_a_registrar_papers_of_the_holder_and_a_day_to_come(desk: Desk, papers: tuple[str, ...]) -> None:
    yesterday = periods.day_of(NOW) - timedelta(days=1)
    elsewhere, of_others = replace(ZHOU, region="tianjin"), (paper(RED),)
    attempts: list[tuple[Refusal, Callable[[], Answer]]] = [
        (AccessRefusal.NOT_PERMITTED, lambda: freeze(desk, 1, actor=STRANGER, papers=papers)),
        (LedgerRefusal.ACCOUNT_UNKNOWN, lambda: freeze(desk, 1, actor=elsewhere, papers=papers)),
        (DocumentRefusal.DOCUMENTS_MISSING, lambda: freeze(desk, 1, papers=())),
        (DocumentRefusal.NO_SUCH_DOCUMENT, lambda: freeze(desk, 1, papers=of_others)),
        (LedgerRefusal.EXPIRY_PAST, lambda: freeze(desk, 1, papers=papers, until=yesterday)),
    ]
    for code, attempt in attempts:
        with pytest.raises(Refused) as refused:
            attempt()
        assert refused.value.code is code
    assert queries.standing_holds(desk.north) == ()


def approved(payload: dict[str, object]) -> str:
    kind = "registry.lift_court_freeze"
    proposed = members.propose(ZHOU, kind=kind, payload=payload, key="p", now=NOW)
    members.approve(CHEN, approval=str(proposed["approval"]), digest=str(proposed["digest"]), key="a", now=NOW)
    return str(proposed["approval"])


def test_two_people_lift_exactly_the_freeze_they_saw(desk: Desk, papers: tuple[str, ...]) -> None:
    hold, other = (str(freeze(desk, quantity, papers=papers)["hold"]) for quantity in (30, 20))
    approval = approved({"hold": hold, "notice": "(2026) 8"})
    for wrong in ({"hold": other, "notice": "(2026) 8"}, {"hold": hold, "notice": "(2026) 9"}):
        with pytest.raises(Refused):
            registry.lift_court_freeze(ZHOU, **wrong, approval=approval, key=str(wrong), now=NOW)
    answer = registry.lift_court_freeze(ZHOU, hold=hold, notice="(2026) 8", approval=approval, key="lift", now=NOW)
    assert answer["lifted"] == 30
    assert [row.number for row in queries.standing_holds(desk.north)] == [other]


def test_a_pledge_is_no_freeze_that_two_people_could_lift(desk: Desk, papers: tuple[str, ...]) -> None:
    del papers
    hold = desk.hold(desk.north, 10, HoldReason.PLEDGE)
    approval = approved({"hold": hold, "notice": "x"})
    with pytest.raises(Refused) as refused:
        registry.lift_court_freeze(ZHOU, hold=hold, notice="x", approval=approval, key="lift", now=NOW)
    assert refused.value.code is LedgerRefusal.HOLD_OF_ANOTHER


def test_what_is_pledged_or_frozen_counts_as_immobilised_and_not_as_retired(desk: Desk) -> None:
    desk.allocate(desk.north, 100)
    desk.hold(desk.north, 6, HoldReason.PLEDGE)
    desk.hold(desk.north, 4, HoldReason.BRIDGE)
    desk.hold(desk.north, 20, HoldReason.COURT)
    desk.hold(desk.north, 30, HoldReason.ORDER)
    totals = queries.totals("shanghai")
    assert (totals.issued_t, totals.held_t, totals.immobilised_t, totals.retired_t) == (100, 70, 30, 0)


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    opened = towns.open_town()
    opened.stage.first_batch()
    return opened


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_registrar_freezes_and_proposes_to_lift_on_pages(town: Town, language: str) -> None:
    number = queries.account_of(RED_RIVER, AccountType.HOLDING)
    keeper, address = town.browser("keeper", language), f"/registry/accounts/{number}"
    notice = SimpleUploadedFile("notice.pdf", files.pdf())
    told = {"asset": "SHEA-2026", "amount": "12.5", "court": "Court", "notice": "7", "expires_on": "2099-01-01"}
    assert keeper.get(f"{address}/freeze").status_code == 200
    assert keeper.post(f"{address}/freeze", {**told, "paper": notice}).status_code == 302
    (row,) = queries.standing_holds(number)
    assert (row.remaining, row.reason) == (13, HoldReason.COURT)
    page = keeper.get(f"{address}/holds").content.decode()
    assert row.number in page
    lift = f"{address}/holds/{row.number}/lift"
    assert lift in page
    assert keeper.post(lift, {"notice": "8"}).status_code == 302
    assert row.number in keeper.get("/approvals").content.decode()
    own = town.browser("red", language).get(f"{address}/holds").content.decode()
    assert row.number in own
    assert lift not in own


def test_a_paper_that_is_none_freezes_nothing(town: Town) -> None:
    number = queries.account_of(RED_RIVER, AccountType.HOLDING)
    told = {"asset": "SHEA-2026", "amount": "1", "court": "Court", "notice": "7", "expires_on": "2099-01-01"}
    fake = SimpleUploadedFile("notice.pdf", b"no pdf")
    answer = town.browser("keeper").post(f"/registry/accounts/{number}/freeze", {**told, "paper": fake})
    assert answer.status_code in (415, 422)
    assert queries.standing_holds(number) == ()


@pytest.mark.parametrize("username", ["red", "north", "bell"])
def test_nobody_else_freezes(town: Town, username: str) -> None:
    number = queries.account_of(RED_RIVER, AccountType.HOLDING)
    assert town.browser(username).get(f"/registry/accounts/{number}/freeze").status_code in (403, 404)
