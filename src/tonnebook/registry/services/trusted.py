"""The trusted list of an account: whom it may transfer to at once."""

from datetime import datetime

from tonnebook import rulebook
from tonnebook.core import moves, periods
from tonnebook.core.errors import Refused
from tonnebook.core.moves import MoveRefusal
from tonnebook.core.representation import Right
from tonnebook.core.roles import Act, Actor, Ask
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer
from tonnebook.journal.tenancy import Why
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry.models import Account, TrustedAccount
from tonnebook.registry.services import waits
from tonnebook.registry.services.rights import require_right


@journal.command("registry.trust_account")
def trust_account(actor: Actor, *, account: str, trusted: str, key: str, now: datetime) -> Answer:
    """Put another holder's account on the trusted list; it counts from the fourth working day on.

    Args:
        actor: representative of the holder.
        account: number of the own account.
        trusted: number of the other holder's account.
        key: idempotency key.
        now: when.

    Returns:
        `account`, `trusted` and `ready_at`.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_ORGANISATION, RIGHT_MISSING;
            ACCOUNT_UNKNOWN; SECOND_FACTOR_NEEDED; HOLDER_TRANSFER_BARRED
            where the region has no transfers between holders; SAME_HOLDER; ALREADY_TRUSTED; CALENDAR_ENDS.

    Source: S60 (trusted account list of the registry, recalled), by `transfer.delay.*`; invariant A12.
    """
    del key
    own, other = queries.account(account), queries.named_account(trusted)
    require_right(actor, Act.TRUST_ACCOUNT, account=own.number, right=Right.INITIATE)
    told = {"account": account, "trusted": trusted}
    members.require_signed(actor, Act.TRUST_ACCOUNT, now=now, ask=Ask("registry.trust_account", told))
    moves.check_holder_transfer(rulebook.at(own.region, on=periods.day_of(now)))
    if own.organisation == other.organisation:
        raise Refused(MoveRefusal.SAME_HOLDER, debit=account, credit=trusted)
    # The own row is locked, so that two requests do not put the same account on the list twice.
    owner = Account.objects.select_for_update().get(number=account)
    if queries.is_listed(account, trusted):
        raise Refused(MoveRefusal.ALREADY_TRUSTED, account=account, trusted=trusted)
    ready_at = waits.ready_at(own.region, now=now)
    with tenancy.everywhere(Why.BOOKS):
        named = Account.objects.get(number=trusted)
    TrustedAccount.objects.create(
        account=owner,
        trusted=named,
        asked_by=actor.person,
        asked_at=now,
        ready_at=ready_at,
    )
    sealed = {"account": account, "trusted": trusted, "by": actor.person}
    journal.append(
        journal.Entry("registry.trusted.added", {"region": own.region, "ready_at": ready_at}, sealed), now=now
    )
    return {"account": account, "trusted": trusted, "ready_at": periods.iso(ready_at)}


@journal.command("registry.distrust_account")
def distrust_account(actor: Actor, *, account: str, trusted: str, key: str, now: datetime) -> Answer:
    """Take an account off the trusted list, at once; also while its addition still waits.

    Args:
        actor: representative of the holder.
        account: number of the own account.
        trusted: number of the account on the list.
        key: idempotency key.
        now: when.

    Returns:
        `account` and `trusted`.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_ORGANISATION, RIGHT_MISSING;
            ACCOUNT_UNKNOWN; NOT_TRUSTED when it is not on the list.

    Source: S60 (trusted account list of the registry, recalled); invariant A12.
    """
    del key
    own = queries.account(account)
    require_right(actor, Act.TRUST_ACCOUNT, account=own.number, right=Right.INITIATE)
    standing = TrustedAccount.objects.filter(account__number=account, trusted__number=trusted, removed_at=None)
    with tenancy.everywhere(Why.BOOKS):
        removed = standing.update(removed_by=actor.person, removed_at=now)
    if not removed:
        raise Refused(MoveRefusal.NOT_TRUSTED, account=account, trusted=trusted)
    sealed = {"account": account, "trusted": trusted, "by": actor.person}
    journal.append(journal.Entry("registry.trusted.removed", {"region": own.region}, sealed), now=now)
    return {"account": account, "trusted": trusted}
