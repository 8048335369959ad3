"""The settlement bank of the demo: it is entered when the region is founded, and reports every day that closes.

Staff credit a payment by hand when the bank tells of it; at the end of the day its statement brings all of them again,
and none is credited twice.
"""

from datetime import date, datetime, time

from tonnebook.core import periods
from tonnebook.core.ledger import AccountType, TransferType
from tonnebook.demo import bank
from tonnebook.demo.bank import BankDay, Movement
from tonnebook.demo.world import World
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry

_PAYER = "签约银行账户（模拟）"


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
    from_at = before[0].loaded_at if before else datetime.min.replace(tzinfo=periods.ZONE)
    opening_fen = before[0].closing_fen if before else 0
    told = BankDay(settlement.account_number, day, opening_fen, _movements(world, from_at, now))
    registry.load_bank_statement(
        world.actor("bank"),
        settlement_bank=settlement.number,
        file=f"camt053-{day}.xml",
        content=bank.statement(told),
        key=world.key("statement", day),
        now=now,
    )


def _movements(world: World, from_at: datetime, to_at: datetime) -> tuple[Movement, ...]:
    lines = accounts.statement(accounts.system_account(world.region, AccountType.BANK), from_at=from_at, to_at=to_at)
    return tuple(
        Movement(-line.change, line.counterparty, _PAYER, "", reference=line.subject)
        for line in lines
        if line.type is TransferType.CASH_IN
    )
