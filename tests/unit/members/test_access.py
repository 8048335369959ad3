"""Who gets in: admitted by two, with two codes drawn by two; kept out by one at once; let in anew by two."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.db import IntegrityError, transaction
from tests.unit.members.cast import AUTHORITY, NOW, STEEL, approved, uscc

from tonnebook.core import invitations
from tonnebook.core.approvals import ApprovalRefusal
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.invitations import InvitationRefusal, PersonState
from tonnebook.core.roles import AccessRefusal, Actor, MemberRefusal, OrganisationKind, Role
from tonnebook.journal.models import JournalLeaf
from tonnebook.members import queries
from tonnebook.members import services as members
from tonnebook.members.models import FirstCode, IdentityLink, Person
from tonnebook.members.services import OrganisationDraft, PersonDraft, sign_ins
from tonnebook.members.services.access import FOUNDERS

PASSWORD = "a password of my own"
CODES = ("0001-0203-0405-0607-0809", "1011-1213-1415-1617-1819")
NEW: dict[str, Any] = {
    "region": "shanghai",
    "organisation": AUTHORITY,
    "username": "wu",
    "name_zh": "吴",
    "name_en": "Wu",
    "email": "",
    "roles": ["OFFICER"],
}
BODY: dict[str, Any] = {
    "region": "shanghai",
    "uscc": uscc(7),
    "name_zh": "新行",
    "name_en": "New Bank",
    "organisation_kind": OrganisationKind.SETTLEMENT_BANK,
    "district": "",
    "sector": "",
}


def refusal(act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refused) as refused:
        act()
    return refused.value.code


def admitted(cast: dict[str, Actor]) -> str:
    approval = approved(cast["zhou"], cast["chen"], "members.admit_person", NEW)
    return str(members.admit_person(cast["zhou"], **NEW, approval=approval, key="admit", now=NOW)["person"])


def drawn(actor: Actor, person: str, code: str) -> None:
    digest = invitations.digest(code)
    members.draw_code(actor, person=person, digest=digest, key=f"draw-{actor.person}-{person}-{code}", now=NOW)


def entered(*codes: str, username: str = "wu", days: int = 0, password: str = PASSWORD) -> list[str]:
    return members.enter_first(username=username, codes=codes, password=password, now=NOW + timedelta(days=days))


def state_of(person: str) -> PersonState:
    (row,) = queries.people_in("shanghai", person, first=0, limit=9, now=NOW)
    return row.state


def readmitted(cast: dict[str, Actor], person: str) -> None:
    told = {"region": "shanghai", "person": person, "reason": "lost the telephone"}
    approval = approved(cast["zhou"], cast["chen"], "members.readmit_person", told)
    members.readmit_person(cast["zhou"], **told, approval=approval, key="readmit", now=NOW)


def test_two_people_admit_and_two_codes_let_in(cast: dict[str, Actor]) -> None:
    person = admitted(cast)
    assert state_of(person) is PersonState.AWAITED
    drawn(cast["zhou"], person, CODES[0])
    drawn(cast["chen"], person, CODES[1])
    assert entered(CODES[1].upper().replace("-", " "), CODES[0]) == []
    assert check_password(PASSWORD, Person.objects.get(number=person).password)
    assert (state_of(person), queries.actor_named("wu").roles) == (PersonState.IN, frozenset({Role.OFFICER}))
    assert refusal(lambda: entered(*CODES)) is InvitationRefusal.INVITATION_WRONG
    leaf = JournalLeaf.objects.get(kind="members.person.registered", payload__contains=person)
    assert cast["zhou"].person in leaf.payload
    assert cast["chen"].person in leaf.payload
    assert "吴" not in leaf.payload


def test_two_people_register_an_organisation_and_one_none(cast: dict[str, Actor]) -> None:
    seen = approved(cast["zhou"], cast["chen"], "members.register_organisation", BODY)
    swapped = {**BODY, "organisation_kind": OrganisationKind.AUTHORITY, "approval": seen, "key": "swapped", "now": NOW}
    assert refusal(lambda: members.register_organisation(cast["zhou"], **swapped)) is ApprovalRefusal.DIGEST_DIFFERS
    alone = {**BODY, "approval": "AP-0", "key": "alone", "now": NOW}
    assert refusal(lambda: members.register_organisation(cast["zhou"], **alone)) is ApprovalRefusal.NO_SUCH_APPROVAL
    drafts = [OrganisationDraft(BODY["uscc"], "x", "x", OrganisationKind.ENTITY, "shanghai")]
    bulk = {"drafts": drafts, "key": "bulk", "now": NOW}
    assert refusal(lambda: members.register_organisations(cast["chen"], **bulk)) is AccessRefusal.NOT_PERMITTED  # type: ignore[arg-type]
    members.register_organisation(cast["zhou"], **BODY, approval=seen, key="register", now=NOW)
    assert queries.organisation(BODY["uscc"]).kind is OrganisationKind.SETTLEMENT_BANK
    leaf = JournalLeaf.objects.get(kind="members.organisation.registered", payload__contains=BODY["uscc"])
    assert cast["zhou"].person in leaf.payload
    assert cast["chen"].person in leaf.payload


def test_one_person_admits_nobody_and_nobody_else_than_two_saw(cast: dict[str, Actor]) -> None:
    draft = PersonDraft("wu", "吴", "Wu", AUTHORITY, (Role.OFFICER,), PASSWORD)
    code = refusal(lambda: members.register_people(cast["chen"], drafts=[draft], key="alone", now=NOW))
    assert code is AccessRefusal.NOT_PERMITTED
    seen = approved(cast["zhou"], cast["chen"], "members.admit_person", NEW)
    swapped = {**NEW, "roles": ["OFFICER", "AUDITOR"], "approval": seen, "key": "swapped", "now": NOW}
    assert refusal(lambda: members.admit_person(cast["zhou"], **swapped)) is ApprovalRefusal.DIGEST_DIFFERS
    alone = {**NEW, "approval": "AP-0", "key": "alone", "now": NOW}
    assert refusal(lambda: members.admit_person(cast["zhou"], **alone)) is ApprovalRefusal.NO_SUCH_APPROVAL
    assert not Person.objects.filter(username="wu").exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"username": "zhou"}, MemberRefusal.USERNAME_TAKEN),
        ({"organisation": STEEL}, MemberRefusal.ROLE_DOES_NOT_FIT),
        ({"name_en": "Wu\u202e"}, MemberRefusal.NAME_UNFIT),
    ],
)
def test_who_does_not_fit_is_not_admitted_even_by_two(
    cast: dict[str, Actor], change: dict[str, str], code: Refusal
) -> None:
    told = {**NEW, **change}
    approval = approved(cast["zhou"], cast["chen"], "members.admit_person", told)
    act = {**told, "approval": approval, "key": "admit", "now": NOW}
    assert refusal(lambda: members.admit_person(cast["zhou"], **act)) is code


def test_nobody_alone_gets_in_as_somebody_else(cast: dict[str, Actor]) -> None:
    person = admitted(cast)
    drawn(cast["zhou"], person, CODES[0])
    assert refusal(lambda: drawn(cast["zhou"], person, CODES[1])) is InvitationRefusal.CODE_DRAWN
    assert refusal(lambda: entered(CODES[0])) is InvitationRefusal.INVITATION_WRONG
    assert refusal(lambda: entered(CODES[0], CODES[0])) is InvitationRefusal.INVITATION_WRONG
    row = {"person": Person.objects.get(number=person), "digest": "x", "drawn_at": NOW, "ends_at": NOW}
    with pytest.raises(IntegrityError, match="members_first_code_two_people"), transaction.atomic():
        FirstCode.objects.create(**row, drawn_by=cast["zhou"].person)


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"username": "chen"}, InvitationRefusal.INVITATION_WRONG),
        ({"username": "nobody"}, InvitationRefusal.INVITATION_WRONG),
        ({"days": 7}, InvitationRefusal.INVITATION_WRONG),
    ],
)
def test_codes_open_for_their_person_and_for_a_week(cast: dict[str, Actor], asked: Any, code: Refusal) -> None:
    person = admitted(cast)
    for actor, one in zip((cast["zhou"], cast["chen"]), CODES, strict=True):
        drawn(actor, person, one)
    assert refusal(lambda: entered(*CODES, **asked)) is code
    assert entered(*CODES, password="short") != []
    assert state_of(person) is PersonState.AWAITED
    assert entered(*CODES, days=6) == []


def test_a_third_code_or_one_for_who_is_in_already_is_not_drawn(cast: dict[str, Actor]) -> None:
    person = admitted(cast)
    for actor, one in zip((cast["zhou"], cast["chen"]), CODES, strict=True):
        drawn(actor, person, one)
    keeper = Actor("P-KEEPER", AUTHORITY, cast["zhou"].kind, cast["zhou"].roles, "shanghai")
    assert refusal(lambda: drawn(keeper, person, "x")) is InvitationRefusal.CODES_COMPLETE
    assert refusal(lambda: drawn(keeper, cast["chen"].person, "x")) is InvitationRefusal.NOT_AWAITED
    assert refusal(lambda: drawn(cast["steel"], person, "x")) is AccessRefusal.NOT_PERMITTED
    assert refusal(lambda: drawn(cast["jin"], person, "x")) is AccessRefusal.NOT_YOUR_REGION


def test_an_access_ends_at_once_with_all_that_opened_it(cast: dict[str, Actor]) -> None:
    chen = Person.objects.get(username="chen")
    sign_ins.begin(chen.pk, session="s", address="", browser="", at=NOW)
    IdentityLink.objects.create(issuer="https://portal", subject="chen", person=chen, linked_at=NOW)
    end: dict[str, Any] = {"person": chen.number, "reason": "left the bureau", "now": NOW}
    assert refusal(lambda: members.end_person(cast["steel"], **end, key="e0")) is AccessRefusal.NOT_PERMITTED
    members.end_person(cast["zhou"], **end, key="e1")
    assert state_of(chen.number) is PersonState.ENDED
    assert not sign_ins.is_live(chen.pk, session="s", at=NOW)
    assert not IdentityLink.objects.exists()
    assert refusal(lambda: queries.actor_named("chen")) is MemberRefusal.NO_SUCH_PERSON
    assert refusal(lambda: members.end_person(cast["zhou"], **end, key="e2")) is MemberRefusal.NO_SUCH_PERSON
    leaf = JournalLeaf.objects.get(kind="members.person.ended")
    assert "bureau" not in leaf.payload


def test_a_region_is_founded_by_two_people_once(db: None) -> None:
    body = OrganisationDraft(AUTHORITY, "市局", "Bureau", OrganisationKind.AUTHORITY, "shanghai")
    both = [PersonDraft(name, name, name, AUTHORITY, FOUNDERS, PASSWORD) for name in ("one", "two")]
    weak = [both[0], replace(both[1], password="12345")]
    assert refusal(lambda: members.found_region(body, weak, now=NOW)) is InvitationRefusal.PASSWORD_WEAK
    assert refusal(lambda: members.found_region(body, both[:1], now=NOW)) is InvitationRefusal.TWO_FOUNDERS
    assert not Person.objects.exists()
    members.found_region(body, both, now=NOW)
    assert [check_password(PASSWORD, one.password) for one in Person.objects.all()] == [True, True]
    more = [replace(one, username=f"{one.username}-more") for one in both]
    assert refusal(lambda: members.found_region(body, more, now=NOW)) is InvitationRefusal.REGION_FOUNDED


def test_who_lost_everything_is_let_in_anew_by_two_and_nothing_old_opens(cast: dict[str, Actor]) -> None:
    chen = cast["chen"].person
    members.end_person(cast["zhou"], person=chen, reason="on leave", key="e1", now=NOW)
    told = {"region": "shanghai", "person": chen, "reason": "is back"}
    alone: dict[str, Any] = {**told, "approval": "AP-0", "key": "alone", "now": NOW}
    assert refusal(lambda: members.readmit_person(cast["zhou"], **alone)) is ApprovalRefusal.NO_SUCH_APPROVAL
    readmitted(cast, chen)
    assert state_of(chen) is PersonState.AWAITED
    assert not Person.objects.get(number=chen).has_usable_password()
