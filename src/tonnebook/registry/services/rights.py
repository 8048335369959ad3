"""Ask whether somebody may use an account for its holder: the one place that every service asks."""

from tonnebook.core import representation
from tonnebook.core.representation import Right
from tonnebook.core.roles import Act, Actor
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry.queries import AccountRow


def require_right(actor: Actor, act: Act, *, account: str, right: Right) -> AccountRow:
    """Refuse what an actor may not do with an account of an organisation; services call this first.

    Public bodies act by their roles. For a holder's own people the role decides first; where people are appointed to
    the account, only these may use it, and only with the right.

    Args:
        actor: who asks.
        act: what they want to do.
        account: number.
        right: what the act asks for.

    Returns:
        The account.

    Raises:
        Refused: ACCOUNT_UNKNOWN; NOT_PERMITTED, NOT_YOUR_REGION, NOT_YOUR_ORGANISATION; RIGHT_MISSING.

    Source: design choice, no legal source.
    """
    row = queries.account(account)
    members.require(actor, act, organisation=row.organisation)
    if row.organisation == actor.organisation:
        representation.check_right(queries.rights_at(account), actor.person, right, account=account)
    return row
