"""Approval by two people: what must be approved, and the states an approval runs through.

One person proposes a command with exactly its arguments; another approves the digest of exactly those; then it is
executed once. Source of the idea: design choice, no legal source (four eyes, invariant A13).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from tonnebook.core import periods
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.roles import Act

# An approval nobody used in this time must be proposed again (design choice, no legal source).
LIFETIME = timedelta(days=30)


class ApprovalState(StrEnum):
    """Where an approval stands."""

    OPEN = "OPEN"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    EXECUTED = "EXECUTED"
    EXPIRED = "EXPIRED"


TRANSITIONS: Mapping[ApprovalState, frozenset[ApprovalState]] = MappingProxyType(
    {
        ApprovalState.OPEN: frozenset({ApprovalState.APPROVED, ApprovalState.REJECTED, ApprovalState.EXPIRED}),
        ApprovalState.APPROVED: frozenset({ApprovalState.EXECUTED, ApprovalState.EXPIRED}),
        ApprovalState.REJECTED: frozenset(),
        ApprovalState.EXECUTED: frozenset(),
        ApprovalState.EXPIRED: frozenset(),
    }
)

# The act a command of each kind is: proposer and approver must both be allowed to do it.
ACT_OF: Mapping[str, Act] = MappingProxyType(
    {
        "compliance.cover": Act.COVER,
        "compliance.correct_list": Act.COVER,
        "compliance.adopt_plan": Act.ADOPT_PLAN,
        "compliance.issue_batch": Act.ISSUE_BATCH,
        "compliance.decide_objection": Act.DECIDE_OBJECTION,
        "compliance.decide_list_objection": Act.DECIDE_OBJECTION,
        "compliance.decide_recheck": Act.DECIDE_OBJECTION,
        "compliance.carry_over": Act.CARRY_OVER,
        "compliance.decide_carry_over": Act.CARRY_OVER,
        "compliance.force_surrender": Act.FORCE_SURRENDER,
        "compliance.mark_at_risk": Act.FORCE_SURRENDER,
        "compliance.end_risk": Act.FORCE_SURRENDER,
        "compliance.move_deadline": Act.MOVE_DEADLINE,
        "compliance.hand_over": Act.CARRY_OVER,
        "compliance.run_transition": Act.CARRY_OVER,
        "compliance.settle_exit": Act.CARRY_OVER,
        "compliance.draw_headroom": Act.ISSUE_BATCH,
        "compliance.record_change": Act.COVER,
        "compliance.set_aside": Act.STABILISE,
        "compliance.intervene": Act.STABILISE,
        "compliance.move_reserve": Act.STABILISE,
        "emissions.admit_body": Act.KEEP_REGISTER,
        "emissions.remove_body": Act.KEEP_REGISTER,
        "emissions.determine": Act.DETERMINE,
        "emissions.publish_factors": Act.PUBLISH,
        "emissions.redetermine": Act.DETERMINE,
        "emissions.waive_check": Act.WAIVE_CHECK,
        "emissions.publish_factor": Act.KEEP_INVENTORY,
        "market.allow_trading": Act.SUPERVISE,
        "market.announce_auction": Act.ANNOUNCE_AUCTION,
        "market.bust_trade": Act.SUPERVISE,
        "market.correct_trade": Act.SUPERVISE,
        "market.exempt_holder": Act.SUPERVISE,
        "market.resume": Act.SUPERVISE,
        "market.cancel_auction": Act.ANNOUNCE_AUCTION,
        "market.issue_auction_paper": Act.ANNOUNCE_AUCTION,
        "registry.grant_application": Act.OPEN_ACCOUNT,
        "members.register_organisation": Act.REGISTER,
        "members.admit_person": Act.REGISTER,
        "members.readmit_person": Act.REGISTER,
        "members.lift_bar": Act.REGISTER,
        "members.set_remit": Act.REGISTER,
        "members.link_identity": Act.REGISTER,
        "members.enter_seal_key": Act.REGISTER,
        "members.erase_secrets": Act.ERASE,
        "members.issue_paper": Act.ISSUE_PAPER,
        "registry.issue_credits": Act.ISSUE_CREDITS,
        "registry.transfer_non_trade": Act.TRANSFER_NON_TRADE,
        "registry.confirm_bank_account": Act.CONFIRM_BANK_ACCOUNT,
        "registry.open_settlement_bank": Act.KEEP_BANKS,
        "registry.work_off_bank_entry": Act.KEEP_BANKS,
        "registry.reverse": Act.CORRECT,
        "registry.lift_court_freeze": Act.HOLD_FOR_COURT,
        "registry.release_immobilised": Act.PLEDGE,
        "registry.lift_freeze": Act.LIFT_FREEZE,
        "registry.reopen_account": Act.RESTRICT,
    }
)


class ApprovalRefusal(Refusal):
    """Why an approval is not given or not usable."""

    NO_SUCH_APPROVAL = Sentence(
        zh="没有编号为 {approval} 的审批事项。",
        en="There is no approval with number {approval}.",
        article="design choice",
        status=404,
    )
    NOT_FOR_APPROVAL = Sentence(
        zh="{kind} 不是需要两人审批的事项。",
        en="{kind} is not a command that two people approve.",
        article="design choice",
        status=422,
    )
    KIND_DIFFERS = Sentence(
        zh="审批 {approval} 针对 {approved}，不能用于 {kind}。",
        en="Approval {approval} is for {approved}, not for {kind}.",
        article="design choice",
    )
    SAME_PERSON = Sentence(
        zh="提出人不能审批自己的事项（{approval}），请由另一人审批。",
        en="Whoever proposed {approval} cannot approve it; somebody else must.",
        article="design choice",
        status=403,
    )
    NOT_OPEN = Sentence(
        zh="审批 {approval} 的状态为 {state}，不能再决定。",
        en="Approval {approval} is {state}; there is nothing left to decide.",
        article="design choice",
    )
    NOT_APPROVED = Sentence(
        zh="审批 {approval} 的状态为 {state}，不能执行。",
        en="Approval {approval} is {state} and cannot be executed.",
        article="design choice",
    )
    APPROVAL_EXPIRED = Sentence(
        zh="审批 {approval} 已于 {expired_at} 过期，请重新提出。",
        en="Approval {approval} expired at {expired_at}; please propose it again.",
        article="design choice",
    )
    DIGEST_DIFFERS = Sentence(
        zh="所审批的内容摘要与审批 {approval} 的内容不一致；请重新查看内容后再决定。",
        en="The digest is not that of what {approval} would execute; look at it again before deciding.",
        article="design choice",
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """What core needs to know of an approval.

    Attributes:
        number: such as "AP-000001-42".
        kind: the command it is for.
        state: where it stands.
        digest: of kind and arguments.
        initiator: number of the person who proposed it.
        expires_at: the instant from which it is worth nothing.
    """

    number: str
    kind: str
    state: ApprovalState
    digest: str
    initiator: str
    expires_at: datetime


def act_of(kind: str) -> Act:
    """Give the act a command is.

    Raises:
        Refused: NOT_FOR_APPROVAL when no command of that kind is approved by two people.
    """
    if kind not in ACT_OF:
        raise Refused(ApprovalRefusal.NOT_FOR_APPROVAL, kind=kind)
    return ACT_OF[kind]


def check_decision(approval: Standing, *, person: str, digest: str | None, now: datetime) -> None:
    """Refuse a decision (approve or reject) that may not be taken.

    Args:
        approval: what is decided.
        person: number of who decides.
        digest: what the person saw and approves; None for a rejection.
        now: the instant of the decision.

    Raises:
        Refused: SAME_PERSON when whoever proposed it approves it (rejecting takes it back), NOT_OPEN when it is decided
            already, APPROVAL_EXPIRED when its time is over, DIGEST_DIFFERS when the digest approved is another.

    Source: design choice, no legal source (invariant A13).
    """
    if digest is not None and person == approval.initiator:
        raise Refused(ApprovalRefusal.SAME_PERSON, approval=approval.number)
    if approval.state is not ApprovalState.OPEN:
        raise Refused(ApprovalRefusal.NOT_OPEN, approval=approval.number, state=approval.state.value)
    _check_time(approval, now)
    if digest is not None and digest != approval.digest:
        raise Refused(ApprovalRefusal.DIGEST_DIFFERS, approval=approval.number)


def check_use(approval: Standing, *, kind: str, digest: str, now: datetime) -> None:
    """Refuse to execute a command on an approval that does not cover exactly it.

    Args:
        approval: what the command leans on.
        kind: the command.
        digest: of kind and the arguments it runs with.
        now: the instant of execution.

    Raises:
        Refused: KIND_DIFFERS when it is for another command, NOT_APPROVED when it is not approved or already used,
            APPROVAL_EXPIRED when its time is over, DIGEST_DIFFERS when the arguments are others.

    Source: design choice, no legal source (invariant A13).
    """
    if kind != approval.kind:
        raise Refused(ApprovalRefusal.KIND_DIFFERS, approval=approval.number, approved=approval.kind, kind=kind)
    if approval.state is not ApprovalState.APPROVED:
        raise Refused(ApprovalRefusal.NOT_APPROVED, approval=approval.number, state=approval.state.value)
    _check_time(approval, now)
    if digest != approval.digest:
        raise Refused(ApprovalRefusal.DIGEST_DIFFERS, approval=approval.number)


def _check_time(approval: Standing, now: datetime) -> None:
    if now >= approval.expires_at:
        expired_at = periods.wall_clock(approval.expires_at)
        raise Refused(ApprovalRefusal.APPROVAL_EXPIRED, approval=approval.number, expired_at=expired_at)
