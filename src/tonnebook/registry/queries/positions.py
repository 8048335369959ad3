"""What organisations hold of a scheme over all their accounts, and what they were given to begin with."""

from collections.abc import Sequence

from django.db.models import Sum

from tonnebook.core.ledger import AccountType, AssetKind, TransferType
from tonnebook.registry.models import Balance, Posting


def vintages_held(usccs: Sequence[str], scheme: str) -> dict[str, dict[int, int]]:
    """Sum the allowances that organisations hold, by vintage, over all their accounts.

    Units pledged stand with the pledgor, or with the pledgee where they were moved into its custody.

    Args:
        usccs: unified social credit codes.
        scheme: of the allowances, such as "SHEA".

    Returns:
        Tonnes above zero by code and vintage; who holds none is missing.
    """
    rows = Balance.objects.filter(
        account__organisation__uscc__in=usccs, asset__scheme=scheme, asset__kind=AssetKind.ALLOWANCE, total__gt=0
    )
    found: dict[str, dict[int, int]] = {}
    sums = rows.values_list("account__organisation__uscc", "asset__vintage_year").annotate(Sum("total")).order_by()
    for uscc, vintage, total_t in sums:
        found.setdefault(uscc, {})[vintage] = total_t
    return found


def initial_allowances(usccs: Sequence[str], scheme: str) -> dict[str, int]:
    """Give the free allowances that organisations were given of the last vintage of which they were given any.

    Args:
        usccs: unified social credit codes.
        scheme: of the allowances, such as "SHEA".

    Returns:
        Tonnes by code; who was given none is missing. The settlement of the year (true-up) changes nothing here.
    """
    rows = Posting.objects.filter(
        debit_account__type__in=(AccountType.ISSUANCE, AccountType.RESERVE),
        credit_account__organisation__uscc__in=usccs,
        transfer__type=TransferType.ALLOCATE,
        asset__scheme=scheme,
        asset__kind=AssetKind.ALLOWANCE,
    )
    sums = rows.values_list("credit_account__organisation__uscc", "asset__vintage_year").annotate(Sum("quantity"))
    # A later vintage takes the place of an earlier one.
    return {uscc: given_t for uscc, _, given_t in sums.order_by("asset__vintage_year")}
