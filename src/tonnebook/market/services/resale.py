"""What was bought today may be barred from being sold today; whichever way it was bought."""

from collections import Counter
from collections.abc import Collection
from datetime import date

from django.db.models import Sum

from tonnebook.core.book import Side
from tonnebook.core.deals import DealState
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Deal, Trade
from tonnebook.registry import queries as holdings

# An account, and an asset in it.
Place = tuple[str, str]


@tenancy.everywhere(Why.MARKET)
def sellable_t(day: date, sold: Collection[Place]) -> dict[Place, int]:
    """Tell what may be sold of assets of which some was bought today.

    What is held for other orders cannot be what was bought today, so today's purchases come out of the free units.

    Args:
        day: today.
        sold: accounts and assets.

    Returns:
        Tonnes, of those of which anything was bought today.

    Source: S39 T+1.
    """
    accounts = {account for account, _ in sold}
    agreed = Deal.objects.filter(trading_on=day, state=DealState.SETTLED)
    found = (
        (
            Trade.objects.filter(trading_on=day, buy_order__unit_account__in=accounts, bust=None),
            "buy_order__unit_account",
        ),
        (agreed.filter(side=Side.BUY, unit_account__in=accounts), "unit_account"),
        (agreed.filter(side=Side.SELL, taker_unit_account__in=accounts), "taker_unit_account"),
    )
    bought_t: Counter[Place] = Counter()
    for rows, account in found:
        for one, asset, quantity_t in rows.values_list(account, "asset").annotate(Sum("quantity_t")).order_by():
            bought_t[one, asset] += int(quantity_t)
    free_t = holdings.free_of({account for account, _ in bought_t})
    return {place: free_t.get(place, 0) - bought_t[place] for place in set(sold) & bought_t.keys()}
