"""Posted transfers, leg by leg."""

from dataclasses import dataclass
from datetime import datetime

from tonnebook.core.errors import Refused
from tonnebook.core.ledger import LedgerRefusal, Leg, TransferType
from tonnebook.registry.models import Posting, Transfer


@dataclass(frozen=True, slots=True)
class TransferRow:
    """A transfer as posted; `corrected_by` is the transfer that took it back, empty for none."""

    number: str
    type: TransferType
    at: datetime
    region: str
    legs: tuple[Leg, ...]
    corrected_by: str

    @property
    def accounts(self) -> frozenset[str]:
        """The numbers of the accounts it touched."""
        return frozenset(account for leg in self.legs for account in (leg.debit, leg.credit))


def transfer(number: str) -> TransferRow:
    """Find a transfer by its number.

    Raises:
        Refused: TRANSFER_UNKNOWN.
    """
    row = Transfer.objects.filter(number=number).first()
    if row is None:
        raise Refused(LedgerRefusal.TRANSFER_UNKNOWN, transfer=number)
    postings = Posting.objects.filter(transfer=row).select_related("debit_account", "credit_account", "asset")
    rows = list(postings.order_by("index"))
    corrected_by = Transfer.objects.filter(corrects__number=number).values_list("number", flat=True).first()
    return TransferRow(
        number=number,
        type=TransferType(row.type),
        at=row.at,
        # Both sides of every leg lie in one region.
        region=rows[0].debit_account.region,
        legs=tuple(
            Leg(one.debit_account.number, one.credit_account.number, one.asset.code, one.quantity) for one in rows
        ),
        corrected_by=corrected_by or "",
    )
