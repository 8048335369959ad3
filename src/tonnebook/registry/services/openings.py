"""The command by which a registrar opens a region's books and its members' accounts."""

from collections.abc import Sequence
from datetime import datetime

from tonnebook.core import roles
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.registry.services.accounts import AccountDraft, open_accounts, open_region


@journal.command("registry.open_books")
def open_books(actor: Actor, *, region: str, drafts: Sequence[AccountDraft], key: str, now: datetime) -> Answer:
    """Open the system accounts a region still lacks, and accounts for its members.

    Args:
        actor: registrar of the region.
        region: region code.
        drafts: members' accounts, any number.
        key: idempotency key.
        now: when.

    Returns:
        `accounts`: numbers in the order of the drafts.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, NO_SUCH_ORGANISATION or ACCOUNT_EXISTS.

    Source: S39 (one trading account per entity); account types are a design choice.
    """
    del key
    for place in sorted({region, *(draft.region for draft in drafts)}):
        roles.check(actor, Act.OPEN_ACCOUNT, region=place)
    open_region(region, now=now)
    return {"accounts": list(open_accounts(drafts, now=now))}
