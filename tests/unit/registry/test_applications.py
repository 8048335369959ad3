"""What holders ask about their accounts: taken with documents, decided by two people, done once."""

import itertools
from collections.abc import Mapping
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from tests.unit.faces import files
from tests.unit.registry import desk as desks
from tests.unit.registry import test_restrictions as restrictions
from tests.unit.registry.desk import LATER, NOW, Desk

from tonnebook.core.applications import ApplicationKind, ApplicationState
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountState, AccountType, HoldReason
from tonnebook.core.representation import Right
from tonnebook.core.roles import SYSTEM, Act, Actor, Role
from tonnebook.core.uploads import PAPERS, DocumentPurpose
from tonnebook.faces import uploads
from tonnebook.journal.services import Answer
from tonnebook.members import queries as members_queries
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry import services as registry
from tonnebook.registry.models import Application

Details = Mapping[str, Json]
_KEYS = itertools.count()


@pytest.fixture
def hong(desk: Desk) -> Actor:
    """A representative of Red River whom the registry knows by name."""
    draft = members.PersonDraft("hong", "张红", "Zhang Hong", desks.RED, (Role.REPRESENTATIVE,))
    members.register_people(SYSTEM, drafts=[draft], key="hong", now=NOW)
    return members_queries.actor_named("hong")


@pytest.fixture
def paper(desk: Desk) -> str:
    return paper_of(desks.WANG)


def paper_of(actor: Actor) -> str:
    upload = uploads.accept(ContentFile(files.pdf(), name="申请书.pdf"), kinds=PAPERS)
    purpose = DocumentPurpose.APPLICATION
    kept = members.keep_document(
        actor, organisation=actor.organisation, upload=upload, purpose=purpose, key="paper", now=NOW
    )
    return str(kept["document"])


def asked(
    account: str, kind: ApplicationKind, paper: str, details: Details | None = None, *, by: Actor = desks.WANG
) -> str:
    answer = registry.apply_for_change(
        by, account=account, kind=kind, details=details or {}, documents=[paper], key=f"ask-{next(_KEYS)}", now=NOW
    )
    return str(answer["application"])


def opened(paper: str, type: AccountType = AccountType.TRADING, details: Details | None = None) -> Answer:
    return registry.apply_for_account(
        desks.WANG, type=type, details=details or {}, documents=[paper], key=f"open-{next(_KEYS)}", now=NOW
    )


def granted(application: str) -> Answer:
    """Check as Zhou, approve as Chen, and do it."""
    row = queries.application(application)
    checked = registry.check_application(desks.ZHOU, application=application, key=f"c{application}", now=NOW)
    approval = str(checked["approval"])
    digest = members_queries.approval(approval).digest
    members.approve(desks.CHEN, approval=approval, digest=digest, key=f"a{application}", now=NOW)
    return registry.grant_application(desks.ZHOU, **exactly(row), approval=approval, key=f"g{application}", now=LATER)


def exactly(row: queries.ApplicationRow) -> dict[str, Any]:
    return {
        "region": row.region,
        "application": row.number,
        "application_kind": row.kind,
        "account": row.account,
        "details": row.details,
        "documents": list(row.documents),
    }


def state_of(application: str) -> ApplicationState:
    return queries.application(application).state


def test_an_account_asked_for_is_pending_until_two_people_agree(desk: Desk, paper: str) -> None:
    answer = opened(paper)
    account, application = str(answer["account"]), str(answer["application"])
    assert queries.account(account).state is AccountState.PENDING
    granted(application)
    assert queries.account(account).state is AccountState.OPEN
    assert state_of(application) is ApplicationState.GRANTED


def test_one_person_alone_opens_no_account(desk: Desk, paper: str) -> None:
    application = str(opened(paper)["application"])
    row = queries.application(application)
    approval = str(registry.check_application(desks.ZHOU, application=application, key="c", now=NOW)["approval"])
    with pytest.raises(Refused, match="NOT_APPROVED"):
        registry.grant_application(desks.ZHOU, **exactly(row), approval=approval, key="g", now=NOW)
    digest = members_queries.approval(approval).digest
    with pytest.raises(Refused, match="SAME_PERSON"):
        members.approve(desks.ZHOU, approval=approval, digest=digest, key="a", now=NOW)
    assert queries.account(row.account).state is AccountState.PENDING


def test_an_approval_covers_no_other_application(desk: Desk, paper: str) -> None:
    first = str(opened(paper)["application"])
    other = asked(desk.red, ApplicationKind.RENAME, paper, {"name": "新名"})
    approval = str(registry.check_application(desks.ZHOU, application=first, key="c", now=NOW)["approval"])
    digest = members_queries.approval(approval).digest
    members.approve(desks.CHEN, approval=approval, digest=digest, key="a", now=NOW)
    forged = exactly(queries.application(other))
    with pytest.raises(Refused, match="DIGEST_DIFFERS"):
        registry.grant_application(desks.ZHOU, **forged, approval=approval, key="g", now=NOW)
    mixed = {**exactly(queries.application(first)), "details": {"name": "另名"}}
    proposed = members.propose(desks.ZHOU, kind="registry.grant_application", payload=mixed, key="p", now=NOW)
    number, digest = str(proposed["approval"]), str(proposed["digest"])
    members.approve(desks.CHEN, approval=number, digest=digest, key="a2", now=NOW)
    with pytest.raises(Refused, match="APPLICATION_DIFFERS"):
        registry.grant_application(desks.ZHOU, **mixed, approval=number, key="g2", now=NOW)


def test_an_account_is_not_opened_without_documents_of_ones_own(desk: Desk) -> None:
    for documents, refusal in (([], "DOCUMENTS_MISSING"), ([paper_of(desks.STRANGER)], "NO_SUCH_DOCUMENT")):
        with pytest.raises(Refused, match=refusal):
            registry.apply_for_account(
                desks.WANG, type=AccountType.TRADING, details={}, documents=documents, key=refusal, now=NOW
            )


def test_what_is_not_opened_on_request_or_there_already_is_refused(desk: Desk, paper: str) -> None:
    with pytest.raises(Refused, match="TYPE_NOT_ON_REQUEST"):
        opened(paper, AccountType.RESERVE)
    with pytest.raises(Refused, match="ACCOUNT_EXISTS"):
        opened(paper, AccountType.HOLDING)
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        registry.apply_for_account(
            desks.ZHOU, type=AccountType.TRADING, details={}, documents=[paper], key="z", now=NOW
        )


def test_a_refused_application_tells_its_reason_and_the_way_is_free_for_another(desk: Desk, paper: str) -> None:
    answer = opened(paper)
    application = str(answer["application"])
    with pytest.raises(Refused, match="DETAIL_MISSING"):
        registry.refuse_application(desks.ZHOU, application=application, reason=" ", key="r0", now=NOW)
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        registry.refuse_application(desks.WANG, application=application, reason="no", key="r1", now=NOW)
    registry.refuse_application(desks.ZHOU, application=application, reason="缺少授权书", key="r2", now=NOW)
    assert (state_of(application), queries.application(application).reason) == (ApplicationState.REFUSED, "缺少授权书")
    assert queries.account(str(answer["account"])).state is AccountState.CLOSED
    with pytest.raises(Refused, match="APPLICATION_DECIDED"):
        registry.check_application(desks.ZHOU, application=application, key="c", now=NOW)
    again = registry.apply_for_account(
        desks.WANG, type=AccountType.TRADING, details={}, documents=[paper], key="again", now=NOW
    )
    granted(str(again["application"]))
    assert queries.account_of(desks.RED, AccountType.TRADING) == again["account"]


def test_only_who_asked_takes_an_application_back(desk: Desk, paper: str) -> None:
    application = str(opened(paper)["application"])
    with pytest.raises(Refused, match="NO_SUCH_APPLICATION"):
        registry.withdraw_application(desks.STRANGER, application=application, key="w0", now=NOW)
    registry.withdraw_application(desks.WANG, application=application, key="w", now=NOW)
    assert state_of(application) is ApplicationState.WITHDRAWN
    with pytest.raises(Refused, match="NO_SUCH_APPLICATION"):
        registry.withdraw_application(desks.WANG, application="AA-000000-00", key="w2", now=NOW)


def test_who_is_appointed_may_use_the_account_and_nobody_else_may(desk: Desk, paper: str, hong: Actor) -> None:
    desk.allocate(desk.red, 10)
    retire: dict[str, Any] = {"account": desk.red, "asset": "SHEA-2026", "quantity_t": 1, "now": NOW}
    retire |= {"beneficiary": "Lin", "purpose": "a quiet birthday"}
    registry.retire(desks.WANG, **retire, key="r1")
    granted(asked(desk.red, ApplicationKind.APPOINT, paper, {"person": hong.person, "rights": ["INITIATE"]}))
    assert queries.rights_at(desk.red) == {hong.person: frozenset({Right.INITIATE})}
    with pytest.raises(Refused, match="RIGHT_MISSING"):
        registry.retire(desks.WANG, **retire, key="r2")
    registry.retire(hong, **retire, key="r3")


@pytest.mark.parametrize(
    ("right", "may_retire", "may_read"),
    [("INITIATE", True, True), ("APPROVE", False, True), ("READ", False, True), ("SURRENDER_ONLY", False, True)],
)
def test_each_right_lets_do_its_own_acts(
    desk: Desk, paper: str, hong: Actor, right: str, may_retire: bool, may_read: bool
) -> None:
    desk.allocate(desk.red, 10)
    granted(asked(desk.red, ApplicationKind.APPOINT, paper, {"person": hong.person, "rights": [right]}))

    def retire() -> object:
        return registry.retire(
            hong, account=desk.red, asset="SHEA-2026", quantity_t=1, beneficiary="L", purpose="p", key="r", now=NOW
        )

    def read() -> object:
        day = NOW.date()
        return registry.issue_statement(
            hong, account=desk.red, from_on=day, to_on=day, language="en", site="https://r", key="s", now=NOW
        )

    for act, may in ((retire, may_retire), (read, may_read)):
        if may:
            act()
            continue
        with pytest.raises(Refused, match="RIGHT_MISSING"):
            act()
    with pytest.raises(Refused, match="RIGHT_MISSING"):
        registry.require_right(desks.WANG, Act.TAKE_STATEMENT, account=desk.red, right=Right.READ)


def test_whose_rights_end_may_do_nothing_and_the_past_stays_known(desk: Desk, paper: str, hong: Actor) -> None:
    granted(asked(desk.red, ApplicationKind.APPOINT, paper, {"person": hong.person, "rights": ["READ"]}))
    granted(asked(desk.red, ApplicationKind.REMOVE, paper, {"person": hong.person}))
    assert queries.rights_at(desk.red) == {}
    (row,) = queries.representatives(desk.red)
    assert (row.person, row.ended_at) == (hong.person, LATER)
    with pytest.raises(Refused, match="NOT_APPOINTED"):
        registry.apply_for_change(
            desks.WANG,
            account=desk.red,
            kind=ApplicationKind.REMOVE,
            details={"person": hong.person},
            documents=[paper],
            key="again",
            now=NOW,
        )


def test_an_appointment_names_somebody_of_the_holder_and_a_right(desk: Desk, paper: str, hong: Actor) -> None:
    cases: tuple[tuple[Details, str], ...] = (
        ({"person": "P-STRANGER", "rights": ["READ"]}, "NOT_OF_THE_HOLDER"),
        ({"person": hong.person, "rights": []}, "NO_RIGHT_NAMED"),
        ({"person": hong.person, "rights": ["RULE"]}, "NO_RIGHT_NAMED"),
        ({"rights": ["READ"]}, "DETAIL_MISSING"),
    )
    for details, refusal in cases:
        with pytest.raises(Refused, match=refusal):
            asked(desk.red, ApplicationKind.APPOINT, paper, details)


def test_a_first_representative_comes_with_the_account(desk: Desk, paper: str, hong: Actor) -> None:
    answer = opened(paper, details={"person": hong.person, "rights": ["READ", "INITIATE"]})
    granted(str(answer["application"]))
    rights = queries.rights_at(str(answer["account"]))
    assert rights == {hong.person: frozenset({Right.READ, Right.INITIATE})}


def test_an_account_gets_another_name(desk: Desk, paper: str) -> None:
    granted(asked(desk.red, ApplicationKind.RENAME, paper, {"name": "二号账户"}))
    assert queries.account(desk.red).name == "二号账户"


def test_an_account_passes_to_another_holder_with_all_in_it(desk: Desk, paper: str, hong: Actor) -> None:
    desk.allocate(desk.red, 10)
    granted(asked(desk.red, ApplicationKind.APPOINT, paper, {"person": hong.person, "rights": ["INITIATE"]}))
    details: Details = {"organisation": desks.EXCHANGE}
    with pytest.raises(Refused, match="RIGHT_MISSING"):
        asked(desk.red, ApplicationKind.CHANGE_HOLDER, paper, details)
    granted(asked(desk.red, ApplicationKind.CHANGE_HOLDER, paper, details, by=hong))
    assert queries.account(desk.red).organisation == desks.EXCHANGE
    assert queries.holdings(desk.red)[0].total == 10
    assert queries.rights_at(desk.red) == {}


def test_nobody_gets_a_second_account_of_a_type_by_a_change_of_holder(desk: Desk, paper: str) -> None:
    with pytest.raises(Refused, match="SAME_HOLDER"):
        asked(desk.red, ApplicationKind.CHANGE_HOLDER, paper, {"organisation": desks.RED})
    application = asked(desk.red, ApplicationKind.CHANGE_HOLDER, paper, {"organisation": desks.NORTH})
    with pytest.raises(Refused, match="ACCOUNT_EXISTS"):
        granted(application)


def test_a_merger_moves_everything_to_the_other_organisation(desk: Desk, paper: str) -> None:
    desk.allocate(desk.red, 10)
    desk.allocate(desk.red, 3, "SHEA-2026-OWN")
    desk.allocate(desk.north, 5)
    desk.pay_in(desk.red_cash, 900, "B-1")
    trading = str(opened(paper)["account"])
    granted(queries.applications_of(desks.RED)[0].number)
    answer = granted(asked(desk.red, ApplicationKind.MERGE, paper, {"organisation": desks.NORTH}))
    held = {one.asset.code: one.total for one in queries.holdings(desk.north)}
    assert held == {"SHEA-2026": 15, "SHEA-2026-OWN": 3}
    assert [one.total for one in queries.holdings(desk.north_cash)] == [900]
    assert queries.holdings(desk.red) == queries.holdings(desk.red_cash) == ()
    assert queries.account(desk.red).state is AccountState.CLOSING
    # North Power had no trading account: it takes over Red River's.
    assert queries.account(trading).organisation == desks.NORTH
    assert isinstance(answer["transfers"], list)
    assert len(answer["transfers"]) == 2


def test_a_merger_waits_for_what_is_set_aside(desk: Desk, paper: str) -> None:
    desk.allocate(desk.red, 10)
    desk.hold(desk.red, 4, HoldReason.SURRENDER)
    application = asked(desk.red, ApplicationKind.MERGE, paper, {"organisation": desks.NORTH})
    with pytest.raises(Refused, match="INSUFFICIENT_FREE"):
        granted(application)
    assert queries.holdings(desk.red)[0].total == 10


def test_an_account_closes_when_nothing_is_left_in_it(desk: Desk, paper: str) -> None:
    application = asked(desk.red, ApplicationKind.CLOSE, paper)
    assert queries.account(desk.red).state is AccountState.CLOSING
    granted(application)
    assert queries.account(desk.red).state is AccountState.CLOSED
    with pytest.raises(Refused, match="ACCOUNT_UNKNOWN"):
        queries.account_of(desks.RED, AccountType.HOLDING)


def test_an_account_frozen_after_its_closing_was_asked_for_is_not_closed(desk: Desk, paper: str) -> None:
    application = asked(desk.red, ApplicationKind.CLOSE, paper)
    restrictions.reopen(desk.red, AccountState.FROZEN)
    with pytest.raises(Refused, match="STATE_CHANGE_NOT_ALLOWED"):
        granted(application)
    assert queries.account(desk.red).state is AccountState.FROZEN
    assert queries.application(application).state is ApplicationState.CHECKED


def test_what_keeps_an_account_from_closing_is_named(desk: Desk, paper: str) -> None:
    desk.allocate(desk.red, 10)
    desk.hold(desk.red, 4, HoldReason.SURRENDER)
    application = asked(desk.red, ApplicationKind.CLOSE, paper)
    obstacles = queries.closing_obstacles(desk.red)
    assert [one.total for one in obstacles.holdings] == [10]
    assert [one.remaining for one in obstacles.holds] == [4]
    with pytest.raises(Refused, match="ACCOUNT_NOT_EMPTY"):
        granted(application)
    registry.withdraw_application(desks.WANG, application=application, key="w", now=NOW)
    assert queries.account(desk.red).state is AccountState.OPEN


def test_what_an_earlier_holder_asked_for_counts_too(desk: Desk, paper: str) -> None:
    """The actor's own reach does not show the application of another organisation."""
    asked(desk.red, ApplicationKind.RENAME, paper, {"name": "甲"})
    Application.objects.update(organisation=desks.NORTH)
    with transaction.atomic(), pytest.raises(Refused, match="ALREADY_ASKED"):
        asked(desk.red, ApplicationKind.RENAME, paper, {"name": "乙"})


def test_the_same_is_not_asked_twice_at_a_time(desk: Desk, paper: str) -> None:
    asked(desk.red, ApplicationKind.RENAME, paper, {"name": "甲"})
    with transaction.atomic(), pytest.raises(Refused, match="ALREADY_ASKED"):
        registry.apply_for_change(
            desks.WANG,
            account=desk.red,
            kind=ApplicationKind.RENAME,
            details={"name": "乙"},
            documents=[paper],
            key="second",
            now=NOW,
        )
