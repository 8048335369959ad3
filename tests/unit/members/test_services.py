"""Registering organisations and people, and approving by two people, on the database."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.db import IntegrityError, transaction
from tests.unit.members.cast import AUTHORITY, DRAFTS, NOW, PAYLOAD, PEOPLE, STEEL, uscc

from tonnebook.core import approvals, identity
from tonnebook.core.approvals import ApprovalRefusal, ApprovalState
from tonnebook.core.errors import Refused
from tonnebook.core.roles import SYSTEM, AccessRefusal, Act, Actor, MemberRefusal, OrganisationKind, Role
from tonnebook.journal.models import JournalLeaf, JournalSecret
from tonnebook.members import queries
from tonnebook.members import services as members
from tonnebook.members.models import Approval, Person
from tonnebook.members.services import OrganisationDraft, PersonDraft


def proposed(cast: dict[str, Actor]) -> tuple[str, str]:
    """Number and digest of a proposal by Zhou."""
    answer = members.propose(cast["zhou"], kind="compliance.cover", payload=PAYLOAD, key="propose", now=NOW)
    return str(answer["approval"]), str(answer["digest"])


def approved(cast: dict[str, Actor]) -> str:
    """Number of a proposal by Zhou that Chen approved."""
    number, digest = proposed(cast)
    members.approve(cast["chen"], approval=number, digest=digest, key="approve", now=NOW)
    return number


def test_an_organisation_is_found_by_its_code(cast: dict[str, Actor]) -> None:
    row = queries.organisation(STEEL)
    assert (row.name_zh, row.kind, row.district, row.sector) == (
        "红河钢铁",
        OrganisationKind.ENTITY,
        "宝山",
        "industry",
    )
    assert [one.uscc for one in queries.organisations("shanghai")] == sorted([AUTHORITY, STEEL])
    assert [one.uscc for one in queries.organisations("shanghai", OrganisationKind.ENTITY)] == [STEEL]
    with pytest.raises(Refused) as refused:
        queries.organisation(uscc(9))
    assert refused.value.code is MemberRefusal.NO_SUCH_ORGANISATION


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "refusal"),
    [(uscc(2)[:-1] + "0", MemberRefusal.USCC_MALFORMED), (AUTHORITY, MemberRefusal.ORGANISATION_EXISTS)],
)
def test_a_code_that_is_wrong_or_taken_registers_nobody(code: str, refusal: MemberRefusal) -> None:
    drafts = (DRAFTS[0], OrganisationDraft(code, "x", "x", OrganisationKind.ENTITY, "shanghai"))
    with pytest.raises(Refused) as refused:
        members.register_organisations(SYSTEM, drafts=drafts, key="k", now=NOW)
    assert refused.value.code is refusal
    assert queries.organisations("shanghai") == ()


ODD_NAMES = {
    "红河\u200b钢铁": "U+200B",
    "Red\u202eleetS": "U+202E",
    "R\u0435d River": "U+0435",
    "\uff2f\u0392 Steel": "U+0392",
    "a\0b": "U+0000",
    "a\nb": "U+000A",
    "a\ufeffb": "U+FEFF",
    "\u3164": "U+3164",
    "a\U000e0041b": "U+E0041",
}


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "sign"), ODD_NAMES.items(), ids=ODD_NAMES.values())
def test_a_name_that_reads_otherwise_than_it_is_registers_nobody(name: str, sign: str) -> None:
    for key, draft in (("zh", replace(DRAFTS[0], name_zh=name)), ("en", replace(DRAFTS[0], name_en=name))):
        with pytest.raises(Refused) as refused:
            members.register_organisations(SYSTEM, drafts=[draft], key=key, now=NOW)
        assert refused.value.code is MemberRefusal.NAME_UNFIT
        assert refused.value.facts["sign"] == sign
        assert refused.value.zh.isprintable()
    members.register_organisations(SYSTEM, drafts=DRAFTS, key="l", now=NOW)
    with pytest.raises(Refused) as refused:
        members.register_people(SYSTEM, drafts=[replace(PEOPLE[0], name_zh=name)], key="m", now=NOW)
    assert refused.value.code is MemberRefusal.NAME_UNFIT


@pytest.mark.parametrize(
    "name", ["红河（集团）有限公司", "ΔΕΗ Α.Ε.", "ТЭЦ-2 Sofia", "Škoda Áß", "O'Neill & Söhne - 3", "王小明·阿里"]
)
def test_a_name_in_one_script_for_each_word_is_fit(name: str) -> None:
    assert identity.odd_sign(name) is None


def test_names_of_a_foreign_register_come_as_they_stand_there_but_hide_nothing() -> None:
    assert identity.odd_sign("ΚΕΡΑΜΟΤΕCHΝΙΚI", region="eu") is None
    assert identity.odd_sign("ΚΕΡΑΜΟΤΕCHΝΙΚI", region="shanghai") == "U+039A"
    assert identity.odd_sign("a\u202eb", region="eu") == "U+202E"


def test_people_are_numbered_and_their_names_are_sealed(cast: dict[str, Actor]) -> None:
    numbers = [actor.person for actor in cast.values()]
    assert all(identity.is_numbered(number) for number in numbers)
    assert cast["chen"] == Actor(
        numbers[1], AUTHORITY, OrganisationKind.AUTHORITY, frozenset({Role.OFFICER, Role.REGISTRAR}), "shanghai"
    )
    assert [one.username for one in queries.people(AUTHORITY)] == ["zhou", "chen"]
    leaves = JournalLeaf.objects.filter(kind="members.person.registered")
    assert leaves.count() == len(PEOPLE)
    assert not any("周" in leaf.payload or "zhou" in leaf.payload for leaf in leaves)
    assert JournalSecret.objects.filter(leaf__in=leaves).count() == len(PEOPLE)


def test_passwords_let_in_and_an_empty_one_does_not(cast: dict[str, Actor]) -> None:
    assert check_password("a long password", Person.objects.get(username="chen").password)
    assert not Person.objects.get(username="steel").has_usable_password()


@pytest.mark.parametrize(
    ("draft", "refusal"),
    [
        (PersonDraft("zhou", "", "", AUTHORITY, ()), MemberRefusal.USERNAME_TAKEN),
        (PersonDraft("new", "", "", uscc(9), ()), MemberRefusal.NO_SUCH_ORGANISATION),
        (PersonDraft("new", "", "", STEEL, (Role.OFFICER,)), MemberRefusal.ROLE_DOES_NOT_FIT),
    ],
)
def test_a_person_who_does_not_fit_is_not_registered(
    cast: dict[str, Actor], draft: PersonDraft, refusal: MemberRefusal
) -> None:
    with pytest.raises(Refused) as refused:
        members.register_people(SYSTEM, drafts=[draft], key="k", now=NOW)
    assert refused.value.code is refusal


def test_who_is_registered_by_whom_follows_roles_and_regions(cast: dict[str, Actor]) -> None:
    draft = OrganisationDraft(uscc(4), "x", "x", OrganisationKind.ENTITY, "shanghai")
    for name, refusal in (("steel", AccessRefusal.NOT_PERMITTED), ("jin", AccessRefusal.NOT_YOUR_REGION)):
        with pytest.raises(Refused) as refused:
            members.check_organisations(cast[name], [draft])
        assert refused.value.code is refusal
    members.check_organisations(cast["zhou"], [draft])


def test_an_officer_acts_on_organisations_of_the_own_region_only(cast: dict[str, Actor]) -> None:
    members.require(cast["zhou"], Act.CONFIRM_SURRENDER, organisation=STEEL)
    with pytest.raises(Refused) as refused:
        members.require(cast["jin"], Act.CONFIRM_SURRENDER, organisation=STEEL)
    assert refused.value.code is AccessRefusal.NOT_YOUR_REGION
    with pytest.raises(Refused) as refused:
        members.require(cast["steel"], Act.SUBMIT_REPORT, organisation=AUTHORITY)
    assert refused.value.code is AccessRefusal.NOT_YOUR_ORGANISATION
    members.require(cast["steel"], Act.SUBMIT_REPORT, organisation=STEEL)


def test_somebody_unknown_or_without_organisation_is_no_actor(cast: dict[str, Actor]) -> None:
    stranger = Person.objects.create(username="stranger", number="P-X")
    with pytest.raises(Refused) as unknown:
        queries.actor_named("nobody")
    with pytest.raises(Refused) as homeless:
        queries.actor_of(stranger.pk)
    assert unknown.value.code is homeless.value.code is MemberRefusal.NO_SUCH_PERSON


def test_what_two_people_approved_is_executed_once(cast: dict[str, Actor]) -> None:
    number = approved(cast)
    used = members.use_approval(number, kind="compliance.cover", payload=PAYLOAD, now=NOW)
    assert (used.initiator, used.approver) == (cast["zhou"].person, cast["chen"].person)
    assert queries.approval(number).state is ApprovalState.EXECUTED
    with pytest.raises(Refused) as refused:
        members.use_approval(number, kind="compliance.cover", payload=PAYLOAD, now=NOW)
    assert refused.value.code is ApprovalRefusal.NOT_APPROVED


def test_each_step_of_an_approval_leaves_a_leaf(cast: dict[str, Actor]) -> None:
    members.use_approval(approved(cast), kind="compliance.cover", payload=PAYLOAD, now=NOW)
    kinds = JournalLeaf.objects.filter(kind__startswith="members.approval.").order_by("id")
    assert list(kinds.values_list("kind", flat=True)) == [
        "members.approval.proposed",
        "members.approval.approved",
        "members.approval.executed",
    ]


def test_whoever_proposed_cannot_approve(cast: dict[str, Actor]) -> None:
    number, digest = proposed(cast)
    with pytest.raises(Refused) as refused:
        members.approve(cast["zhou"], approval=number, digest=digest, key="k", now=NOW)
    assert refused.value.code is ApprovalRefusal.SAME_PERSON


def test_the_database_refuses_one_person_for_two(cast: dict[str, Actor]) -> None:
    number, _ = proposed(cast)
    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        Approval.objects.filter(number=number).update(state="APPROVED", approver=cast["zhou"].person)


def test_a_digest_that_is_not_what_would_run_is_refused(cast: dict[str, Actor]) -> None:
    number, _ = proposed(cast)
    other = members.propose(
        cast["zhou"], kind="compliance.cover", payload={**PAYLOAD, "year": 2027}, key="other", now=NOW
    )
    with pytest.raises(Refused) as refused:
        members.approve(cast["chen"], approval=number, digest=str(other["digest"]), key="k", now=NOW)
    assert refused.value.code is ApprovalRefusal.DIGEST_DIFFERS


def test_other_arguments_than_those_approved_do_not_run(cast: dict[str, Actor]) -> None:
    number = approved(cast)
    for payload in ({**PAYLOAD, "year": 2027}, {"region": "shanghai"}, {**PAYLOAD, "more": 1}):
        with pytest.raises(Refused) as refused:
            members.use_approval(number, kind="compliance.cover", payload=payload, now=NOW)
        assert refused.value.code is ApprovalRefusal.DIGEST_DIFFERS


@pytest.mark.parametrize("change", [{"payload": {"year": 2027}}, {"digest": "00"}, {"initiator": "P-X"}])
def test_a_proposal_cannot_be_swapped_behind_the_services_back(
    cast: dict[str, Actor], change: dict[str, object]
) -> None:
    number, _ = proposed(cast)
    with pytest.raises(IntegrityError, match="A13"), transaction.atomic():
        Approval.objects.filter(number=number).update(**change)


def test_only_who_may_do_the_act_in_that_region_proposes_and_approves(cast: dict[str, Actor]) -> None:
    number, digest = proposed(cast)
    for name, refusal in (("steel", AccessRefusal.NOT_PERMITTED), ("jin", AccessRefusal.NOT_YOUR_REGION)):
        # What belongs to others is not even there.
        with pytest.raises(Refused) as refused:
            members.approve(cast[name], approval=number, digest=digest, key="k", now=NOW)
        assert refused.value.code is ApprovalRefusal.NO_SUCH_APPROVAL
        with pytest.raises(Refused) as refused:
            members.propose(cast[name], kind="compliance.cover", payload=PAYLOAD, key="l", now=NOW)
        assert refused.value.code is refusal


def test_what_is_rejected_stays_rejected_with_its_reason(cast: dict[str, Actor]) -> None:
    number, digest = proposed(cast)
    members.reject(cast["chen"], approval=number, reason="too early", key="reject", now=NOW)
    row = queries.approval(number)
    assert (row.state, row.reason, row.approver) == (ApprovalState.REJECTED, "too early", cast["chen"].person)
    with pytest.raises(Refused) as refused:
        members.approve(cast["chen"], approval=number, digest=digest, key="k", now=NOW)
    assert refused.value.code is ApprovalRefusal.NOT_OPEN


def test_approvals_whose_time_is_over_are_closed_and_leave_the_list(cast: dict[str, Actor]) -> None:
    number = approved(cast)
    assert [row.number for row in queries.open_approvals("shanghai")] == [number]
    assert members.expire_approvals(now=NOW + approvals.LIFETIME - timedelta(seconds=1)) == 0
    assert members.expire_approvals(now=NOW + approvals.LIFETIME) == 1
    assert queries.approval(number).state is ApprovalState.EXPIRED
    assert queries.open_approvals("shanghai") == ()


def test_an_approval_nobody_proposed_is_refused(cast: dict[str, Actor]) -> None:
    with pytest.raises(Refused) as refused:
        members.use_approval("AP-0", kind="compliance.cover", payload=PAYLOAD, now=NOW)
    assert refused.value.code is ApprovalRefusal.NO_SUCH_APPROVAL
