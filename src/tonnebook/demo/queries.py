"""How far the demo has come."""

from dataclasses import dataclass
from datetime import date, datetime

from tonnebook.core import periods
from tonnebook.core.ledger import AccountType, TransferType
from tonnebook.demo import bank
from tonnebook.demo.bank import BankDay, Movement
from tonnebook.demo.models import Performance
from tonnebook.registry import queries as registry
from tonnebook.registry.queries import SettlementBankRow

_PAYER = "签约银行账户（模拟）"
_FILES = 50


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """How far a region has been played.

    Attributes:
        region: region code.
        until: up to when it shall be played.
        step_zh: the step being played, in Chinese; empty before the first.
        step_en: the same in English.
        step_on: the day of the step, None before the first.
        place: steps played.
        total: steps to play, 0 before they are known.
        is_finished: whether it has been played up to then.
        error: what stopped it, or nothing.
    """

    region: str
    until: datetime
    step_zh: str
    step_en: str
    step_on: date | None
    place: int
    total: int
    is_finished: bool
    error: str


def progress() -> tuple[ProgressRow, ...]:
    """List the regions of the demo in the order they are played; nothing on a database that is no demo."""
    return tuple(
        ProgressRow(
            region=row.region,
            until=row.until,
            step_zh=row.step_zh,
            step_en=row.step_en,
            step_on=periods.day_of(row.step_at) if row.step_at else None,
            place=row.place,
            total=row.total,
            is_finished=row.is_finished,
            error=row.error,
        )
        for row in Performance.objects.order_by("id")
    )


def being_played() -> ProgressRow | None:
    """Give the region that is being played or waits to be, or None when everything has been played."""
    return next((row for row in progress() if not row.is_finished), None)


def bank_day(settlement: SettlementBankRow, *, day: date, now: datetime) -> BankDay:
    """Tell what the bank of the demo has to report: what staff credited since its last statement, and our orders, paid.

    Args:
        settlement: the bank.
        day: of the statement.
        now: until when.
    """
    before = registry.bank_statements(settlement.number, limit=1)
    from_at = before[0].loaded_at if before else datetime.min.replace(tzinfo=periods.ZONE)
    source = registry.system_account(settlement.region, AccountType.BANK)
    came = tuple(
        Movement(-line.change, line.counterparty, _PAYER, "", reference=line.subject)
        for line in registry.statement(source, from_at=from_at, to_at=now)
        if line.type is TransferType.CASH_IN and line.change < 0
    )
    files = registry.payment_files(settlement.number, limit=_FILES)
    unpaid = (file.number for file in reversed(files) if file.open_orders == file.orders)
    went = tuple(one for number in unpaid for one in bank.paid(registry.payment_file(number)[1]))
    return BankDay(settlement.account_number, day, before[0].closing_fen if before else 0, (*came, *went))
