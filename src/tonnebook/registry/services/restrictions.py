"""Restrict, freeze or suspend an account at once; let it go on again by two people."""

from collections.abc import Sequence
from datetime import datetime

from tonnebook.core import ledger, roles
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountState, LedgerRefusal, StateType
from tonnebook.core.notices import NoticeKind
from tonnebook.core.roles import Act, Actor, Ask
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry.services.accounts import lock_account, set_state
from tonnebook.registry.services.holds import void_stopped


@journal.command("registry.restrict_account")
def restrict_account(
    actor: Actor,
    *,
    account: str,
    state: AccountState,
    barred: Sequence[str],
    reason: str,
    key: str,
    now: datetime,
) -> Answer:
    """Stop some or all of what an account does, at once; orders that rest on it are void, and its holder is told.

    Args:
        actor: officer or registrar of the region, who has just proved a second factor.
        account: number.
        state: SOME_RESTRICTED, ALL_RESTRICTED, FROZEN or SUSPENDED.
        barred: the transactions it takes no part in from now on, for SOME_RESTRICTED; else empty.
        reason: why; shown to the holder, sealed in the log.
        key: idempotency key.
        now: when.

    Returns:
        `account` and `state`.

    Raises:
        Refused: ACCOUNT_UNKNOWN; NOT_PERMITTED, NOT_YOUR_REGION; SECOND_FACTOR_NEEDED; ACCOUNT_CLOSED,
            STATE_CHANGE_NOT_ALLOWED, BARRED_MISSING; SECOND_PERSON_NEEDED when something would go on that stands still.
        Busy: when transfers under way did not end within three seconds; nothing has changed then.

    Source: design choice, no legal source (invariant A11).
    """
    del key
    roles.check(actor, Act.RESTRICT, region=queries.account(account).region)
    told = {"account": account, "state": state, "barred": list(barred), "reason": reason}
    members.require_signed(actor, Act.RESTRICT, now=now, ask=Ask("registry.restrict_account", told))
    row, named = _checked(account, state, barred)
    if ledger.loosens(row, state=state, barred=named):
        raise Refused(LedgerRefusal.SECOND_PERSON_NEEDED, type=str(StateType.REOPEN_ACCOUNT))
    set_state(account, state=state, barred=named, reason=reason, initiator=actor.person, now=now)
    _follow(account, now)
    return {"account": account, "state": state.value}


@journal.command("registry.reopen_account")
def reopen_account(
    actor: Actor,
    *,
    account: str,
    state: AccountState,
    barred: Sequence[str],
    reason: str,
    approval: str,
    key: str,
    now: datetime,
) -> Answer:
    """Let an account do again all or some of what it was stopped from, approved by two people; its holder is told.

    Args:
        actor: officer or registrar of the region.
        account: number.
        state: OPEN, or a state that stops less.
        barred: the transactions it still takes no part in, for SOME_RESTRICTED; else empty.
        reason: why; shown to the holder, sealed in the log.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        `account` and `state`.

    Raises:
        Refused: ACCOUNT_UNKNOWN; NOT_PERMITTED, NOT_YOUR_REGION; what `members.use_approval` refuses; ACCOUNT_CLOSED,
            STATE_CHANGE_NOT_ALLOWED, also for an account that was never opened or is being closed; BARRED_MISSING.
        Busy: as `restrict_account`.

    Source: design choice, no legal source (invariants A11 and A13).
    """
    del key
    roles.check(actor, Act.RESTRICT, region=queries.account(account).region)
    payload = {"account": account, "state": state, "barred": list(barred), "reason": reason}
    approved = members.use_approval(approval, kind="registry.reopen_account", payload=payload, now=now)
    _, named = _checked(account, state, barred)
    set_state(
        account,
        state=state,
        barred=named,
        reason=reason,
        initiator=approved.initiator,
        approver=approved.approver,
        now=now,
    )
    _follow(account, now)
    return {"account": account, "state": state.value}


def _checked(
    account: str, state: AccountState, words: Sequence[str]
) -> tuple[ledger.Account, frozenset[ledger.TransactionType]]:
    row = lock_account(account)
    try:
        named = ledger.transactions_named(words)
    except KeyError:
        raise Refused(LedgerRefusal.BARRED_MISSING, account=account) from None
    ledger.check_transition(row, state=state, barred=named)
    if state not in ledger.settable(row.state):
        facts = {"account": account, "before": str(row.state), "after": str(state)}
        raise Refused(LedgerRefusal.STATE_CHANGE_NOT_ALLOWED, **facts)
    return row, named


# Nothing may rest in the market that would be refused once it is met, and its holder is told why.
def _follow(account: str, now: datetime) -> None:
    row = queries.account(account)
    void_stopped(row, now=now)
    if row.organisation:
        members.notify(NoticeKind.ACCOUNT_STATE, [members.NoticeDraft(row.organisation, {"account": account})], now=now)
