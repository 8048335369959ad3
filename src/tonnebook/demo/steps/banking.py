"""The settlement bank of the demo: it is entered when the region is founded, and reports every day that closes.

Staff credit a payment by hand when the bank tells of it; at the end of the day its statement brings all of them again,
and none is credited twice.
"""

from datetime import date, datetime, time

from tonnebook.core import periods
from tonnebook.demo import bank, queries
from tonnebook.demo.world import World
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry


def open_bank(world: World, now: datetime) -> None:
    """Enter the settlement bank by two people of the exchange; a second time changes nothing."""
    if accounts.settlement_banks(world.region):
        return
    organisation = world.body("bank")
    told = {
        "region": world.region,
        "organisation": organisation,
        "account_number": f"3100{organisation[-8:]}",
        "opening_fen": 0,
    }
    world.two_people("registry.open_settlement_bank", told, now=now, by="exchange", second="exchange2")


def report_day(world: World, day: date) -> None:
    """Have the bank report everything since its last statement, and load the file before the day closes."""
    (settlement,) = accounts.settlement_banks(world.region)
    before = accounts.bank_statements(settlement.number, limit=1)
    if before and before[0].day >= day:
        return
    now = periods.instant(day, time(15, 20))
    told = queries.bank_day(settlement, day=day, now=now)
    registry.load_bank_statement(
        world.actor("bank"),
        settlement_bank=settlement.number,
        file=f"camt053-{day}.xml",
        content=bank.statement(told),
        key=world.key("statement", day),
        now=now,
    )
