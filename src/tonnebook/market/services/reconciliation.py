"""Compare registry, market and banks at the close of a day, and keep where they differ until people resolved it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from tonnebook import rulebook
from tonnebook.core import closing, identity, periods
from tonnebook.core.closing import BreakKind, BreakState, ClosingRefusal, Difference, Position
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, TransferType
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import rows
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market.models import DayBreak, MemberNet
from tonnebook.members import services as members
from tonnebook.registry import queries as registry

BANKS = "BANKS"


def compare(region: str, day: date, *, now: datetime) -> tuple[int, list[DayBreak]]:
    """Compare the three books of a day and keep every difference; what is gone since the last time counts as gone.

    Args:
        region: region code; its market is locked.
        day: its members' days have been added up.
        now: when.

    Returns:
        How many positions were compared, and the breaks that stand, resolved ones too.

    Source: design choice, no legal source (invariant A14; feature C6).
    """
    begun_at = periods.instant(day, time())
    types = (TransferType.DELIVER_TRADE, TransferType.BUST_TRADE)
    posted = registry.moved(region, types, from_at=begun_at, to_at=begun_at + timedelta(days=1))
    cash = rulebook.at(region, on=day).text("region.cash")
    market, accounts = _by_market(region, day, cash)
    held_fen, given_fen = registry.money_of(region)
    banks = registry.bank_balances(region, day=day)
    # A region that has named no settlement bank has nobody to ask but its own bank account.
    banked_fen = sum(bank.booked_fen for bank in banks) if banks else given_fen
    found = [
        *closing.differences(BreakKind.REGISTRY_MARKET, posted, market),
        *(
            Difference(BreakKind.REGISTRY_SERIALS, *place, *amounts)
            for place, amounts in sorted(registry.serials_off(accounts).items())
        ),
        *closing.differences(BreakKind.REGISTRY_BANK, {(BANKS, cash): held_fen}, {(BANKS, cash): banked_fen}),
    ]
    return len({*posted, *market}) + len(accounts) + 1, _keep(region, day, found, now)


@journal.command("market.explain_break")
def explain_break(actor: Actor, *, number: str, explanation: str, key: str, now: datetime) -> Answer:
    """Say why two books differ, and which new entries put it right; somebody else resolves it.

    Args:
        actor: exchange staff of the region.
        number: of the break.
        explanation: why, and the numbers of the transfers that correct it.
        key: idempotency key.
        now: when.

    Returns:
        `break`, `state` and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_BREAK, also for another region's; BREAK_NOT_OPEN.

    Source: design choice, no legal source.
    """
    row = _own(actor, number)
    closing.check_explains(number, BreakState(row.state))
    row.state, row.explanation, row.explained_by = BreakState.EXPLAINED, explanation, actor.person
    row.save(update_fields=["state", "explanation", "explained_by"])
    return _told(row, "market.break.explained", {"explanation": explanation}, now)


@journal.command("market.resolve_break")
def resolve_break(actor: Actor, *, number: str, key: str, now: datetime) -> Answer:
    """Accept the explanation of a break as the second person; the day may then close although it stands.

    Args:
        actor: exchange staff of the region, not who explained it.
        number: of the break.
        key: idempotency key.
        now: when.

    Returns:
        `break`, `state` and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_BREAK, also for another region's; BREAK_NOT_EXPLAINED;
            BREAK_NEEDS_ANOTHER_PERSON.

    Source: design choice, no legal source.
    """
    row = _own(actor, number)
    closing.check_resolves(number, BreakState(row.state), explained_by=row.explained_by, person=actor.person)
    row.state, row.resolved_by = BreakState.RESOLVED, actor.person
    row.save(update_fields=["state", "resolved_by"])
    return _told(row, "market.break.resolved", {"explanation": row.explanation}, now)


# What the market says moved, from the days of its members: units in their accounts, money in theirs and the fees.
def _by_market(region: str, day: date, cash: str) -> tuple[Counter[Position], list[str]]:
    moved: Counter[Position] = Counter()
    accounts, fees = set(), registry.system_account(region, AccountType.FEES)
    for row in MemberNet.objects.filter(region=region, day=day):
        accounts.add(row.unit_account)
        moved[row.unit_account, row.asset] += row.bought_t - row.sold_t
        moved[row.cash_account, cash] += row.sold_fen - row.bought_fen - row.fee_fen
        moved[fees, cash] += row.fee_fen
    return moved, sorted(accounts)


def _keep(region: str, day: date, found: Iterable[Difference], now: datetime) -> list[DayBreak]:
    before = {(row.kind, row.subject, row.asset): row for row in DayBreak.objects.filter(region=region, day=day)}
    same, fresh = [], []
    for one in found:
        row = before.pop((one.kind, one.subject, one.asset), None)
        amounts = (one.registry, one.other)
        if row is not None and (row.registry, row.other) == amounts and row.state != BreakState.GONE:
            same.append(row)
            continue
        if row is None:
            row = DayBreak(region=region, day=day, kind=one.kind, subject=one.subject, asset=one.asset)
        row.registry, row.other = amounts
        row.state, row.found_at = BreakState.OPEN, now
        row.explanation = row.explained_by = row.resolved_by = ""
        fresh.append(row)
    unnumbered = [row for row in fresh if not row.number]
    for row, count in zip(unnumbered, rows.next_counts("market_day_break_number", len(unnumbered)), strict=True):
        row.number = identity.numbered("BR", count)
    gone = [row for row in before.values() if row.state in closing.BLOCKING]
    for row in gone:
        row.state = BreakState.GONE
    _write(fresh, gone)
    entries = [*(_entry(row, "market.break.found", {}) for row in fresh)]
    entries += [_entry(row, "market.break.gone", {}) for row in gone]
    journal.append_many(entries, now=now)
    return [*same, *fresh]


def _write(fresh: Sequence[DayBreak], gone: Sequence[DayBreak]) -> None:
    DayBreak.objects.bulk_create([row for row in fresh if row.pk is None])
    told = ["registry", "other", "state", "found_at", "explanation", "explained_by", "resolved_by"]
    DayBreak.objects.bulk_update([*(row for row in fresh if row.pk), *gone], told)


def _own(actor: Actor, number: str) -> DayBreak:
    members.require(actor, Act.CLOSE_DAY)
    row = DayBreak.objects.select_for_update().filter(number=number, region=actor.region).first()
    if row is None:
        raise Refused(ClosingRefusal.NO_SUCH_BREAK, number=number)
    return row


def _told(row: DayBreak, kind: str, more: dict[str, object], now: datetime) -> Answer:
    receipt = journal.append(_entry(row, kind, more), now=now)
    return {"break": row.number, "state": str(row.state), "receipt": receipt}


def _entry(row: DayBreak, kind: str, more: dict[str, object]) -> journal.Entry:
    facts = {"number": row.number, "region": row.region, "day": row.day, "kind": str(row.kind)}
    sealed = {"subject": row.subject, "asset": row.asset, "registry": row.registry, "other": row.other, **more}
    return journal.Entry(kind, facts, sealed)
