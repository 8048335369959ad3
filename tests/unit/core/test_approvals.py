"""Approval by two people: what is refused, in which order, and which states follow which."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tonnebook.core import approvals
from tonnebook.core.approvals import ApprovalRefusal, ApprovalState, Standing
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.roles import Act

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OPEN = Standing("AP-1", "compliance.cover", ApprovalState.OPEN, "digest", "P-1", NOW + approvals.LIFETIME)
APPROVED = replace(OPEN, state=ApprovalState.APPROVED)


def refusal_of_decision(
    approval: Standing, *, person: str = "P-2", digest: str | None = "digest", now: datetime = NOW
) -> Refusal:
    """The code a decision is refused with."""
    with pytest.raises(Refused) as refused:
        approvals.check_decision(approval, person=person, digest=digest, now=now)
    assert refused.value.zh
    assert refused.value.en
    return refused.value.code


def refusal_of_use(
    approval: Standing, *, kind: str = "compliance.cover", digest: str = "digest", now: datetime = NOW
) -> Refusal:
    """The code an execution is refused with."""
    with pytest.raises(Refused) as refused:
        approvals.check_use(approval, kind=kind, digest=digest, now=now)
    assert refused.value.zh
    assert refused.value.en
    return refused.value.code


def test_another_person_approves_what_was_shown() -> None:
    approvals.check_decision(OPEN, person="P-2", digest="digest", now=NOW)
    approvals.check_use(APPROVED, kind="compliance.cover", digest="digest", now=NOW)


def test_whoever_proposed_cannot_approve_but_may_take_back() -> None:
    assert refusal_of_decision(OPEN, person="P-1") is ApprovalRefusal.SAME_PERSON
    approvals.check_decision(OPEN, person="P-1", digest=None, now=NOW)


def test_another_digest_is_not_approved_and_not_executed() -> None:
    assert refusal_of_decision(OPEN, digest="other") is ApprovalRefusal.DIGEST_DIFFERS
    assert refusal_of_use(APPROVED, digest="other") is ApprovalRefusal.DIGEST_DIFFERS


def test_an_approval_for_one_command_is_none_for_another() -> None:
    assert refusal_of_use(APPROVED, kind="compliance.carry_over") is ApprovalRefusal.KIND_DIFFERS


@pytest.mark.parametrize("state", sorted(set(ApprovalState) - {ApprovalState.OPEN}))
def test_what_is_decided_is_not_decided_again(state: ApprovalState) -> None:
    assert refusal_of_decision(replace(OPEN, state=state)) is ApprovalRefusal.NOT_OPEN


@pytest.mark.parametrize("state", sorted(set(ApprovalState) - {ApprovalState.APPROVED}))
def test_only_an_approved_command_is_executed(state: ApprovalState) -> None:
    assert refusal_of_use(replace(OPEN, state=state)) is ApprovalRefusal.NOT_APPROVED


def test_an_approval_is_worth_nothing_from_the_instant_it_expires() -> None:
    last = OPEN.expires_at - timedelta(microseconds=1)
    approvals.check_decision(OPEN, person="P-2", digest="digest", now=last)
    assert refusal_of_decision(OPEN, now=OPEN.expires_at) is ApprovalRefusal.APPROVAL_EXPIRED
    approvals.check_use(APPROVED, kind="compliance.cover", digest="digest", now=last)
    assert refusal_of_use(APPROVED, now=OPEN.expires_at) is ApprovalRefusal.APPROVAL_EXPIRED


def test_the_first_refusal_by_order_of_declaration_is_given() -> None:
    worst = replace(OPEN, state=ApprovalState.REJECTED)
    assert refusal_of_decision(worst, person="P-1", digest="other", now=OPEN.expires_at) is ApprovalRefusal.SAME_PERSON


def test_states_follow_the_table_and_ends_are_ends() -> None:
    assert set(approvals.TRANSITIONS) == set(ApprovalState)
    ends = {state for state, after in approvals.TRANSITIONS.items() if not after}
    assert ends == {ApprovalState.REJECTED, ApprovalState.EXECUTED, ApprovalState.EXPIRED}


def test_a_command_that_one_person_may_do_is_not_proposed() -> None:
    assert approvals.act_of("compliance.cover") is Act.COVER
    with pytest.raises(Refused) as refused:
        approvals.act_of("market.place_order")
    assert refused.value.code is ApprovalRefusal.NOT_FOR_APPROVAL
