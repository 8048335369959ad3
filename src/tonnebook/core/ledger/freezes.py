"""Freeze switches: one person stops a region, a product or an account at once; two people let it go on.

A switch stops every transaction but those that stay open (`matrix.STAYS_OPEN`): who must surrender can surrender, and
what is due to be allocated is allocated.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tonnebook.core.errors import Refused
from tonnebook.core.ledger.kinds import Account, AssetKey, TransactionType
from tonnebook.core.ledger.matrix import STAYS_OPEN
from tonnebook.core.ledger.refusals import LedgerRefusal


class FreezeScope(StrEnum):
    """How much a switch stops: a region, a product (one asset, or all of a scheme) or one account."""

    REGION = "REGION"
    ASSET = "ASSET"
    ACCOUNT = "ACCOUNT"


@dataclass(frozen=True, slots=True)
class Freeze:
    """A switch in force.

    Attributes:
        number: such as "F-000001-17".
        region: in whose books it works.
        scope: how much it stops.
        subject: the region, the code of an asset or of its scheme, or the number of an account.
    """

    number: str
    region: str
    scope: FreezeScope
    subject: str

    def stops(self, *, accounts: Iterable[Account], asset: AssetKey) -> bool:
        """Say whether anything of these accounts and this asset stands still."""
        if self.scope is FreezeScope.ACCOUNT:
            return any(account.number == self.subject for account in accounts)
        is_here = any(account.region == self.region for account in accounts)
        return is_here and (self.scope is FreezeScope.REGION or self.subject in (asset.code, asset.scheme))


def check_freezes(
    freezes: Iterable[Freeze], transaction: TransactionType, *, accounts: Iterable[Account], asset: AssetKey
) -> None:
    """Refuse what a switch in force stops.

    Raises:
        Refused: FREEZE_IN_FORCE, naming the first switch in the way.

    Source: design choice, no legal source (invariant A11).
    """
    if transaction in STAYS_OPEN:
        return
    sides = tuple(accounts)
    for freeze in freezes:
        if freeze.stops(accounts=sides, asset=asset):
            raise Refused(LedgerRefusal.FREEZE_IN_FORCE, freeze=freeze.number, subject=freeze.subject)
