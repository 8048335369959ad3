"""Carry over what is left after a settled year: kept, given back or cancelled, for everybody at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tonnebook.compliance.models import CarryOver, ComplianceStatus
from tonnebook.compliance.queries import books, standing
from tonnebook.compliance.services.rows import copy_in, lock_list
from tonnebook.core import carry_over as carrying
from tonnebook.core import periods, roles
from tonnebook.core.carry_over import CarryOverRefusal, Fate, LotFate
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, Leg, TransferType
from tonnebook.core.roles import Act, Actor
from tonnebook.core.rules import RulesAt
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import services as membership
from tonnebook.registry import queries as registry
from tonnebook.registry import services as ledger

_AMOUNTS = ("kept_t", "returned_t", "cancelled_t")


@journal.command("compliance.carry_over")
def carry_over(actor: Actor, *, region: str, year: int, approval: str, key: str, now: datetime) -> Answer:
    """Carry over what entities still hold after a settled year, in registry and trading accounts.

    Units for own surrender only go back or fall away; they never leave the registry account, so those are its. Where
    the rules limit the carry-over, it is asked for and decided in rounds instead.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        approval: number of the approval by two people.
        key: idempotency key.
        now: when.

    Returns:
        {"entities", "kept_t", "returned_t", "cancelled_t"}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, what `members.use_approval` refuses; NOT_SETTLED; ALREADY_CARRIED;
            BY_REQUEST.

    Source: S34, S35; S24 for units of own surrender only, as `core.carry_over.fates`; S07 annex 5.
    """
    del key
    roles.check(actor, Act.CARRY_OVER, region=region)
    people = membership.use_approval(
        approval, kind="compliance.carry_over", payload={"region": region, "year": year}, now=now
    )
    lock_list(region, year)
    if not ComplianceStatus.objects.filter(region=region, year=year).exists():
        raise Refused(CarryOverRefusal.NOT_SETTLED, region=region, year=year)
    if CarryOver.objects.filter(region=region, year=year).exists():
        raise Refused(CarryOverRefusal.ALREADY_CARRIED, region=region, year=year)
    rules = standing.rules(region, year, periods.day_of(now))
    if carrying.is_limited(rules):
        raise Refused(CarryOverRefusal.BY_REQUEST, region=region, year=year)
    usccs = books.covered_codes(region, year)
    fates = {uscc: carrying.fates(lots, rules) for uscc, lots in standing.held_totals(usccs).items()}
    moves = list(_leftovers(fates, region))
    transfers = _post(moves, subject=f"{region}-{year}-CARRY_OVER", people=people, now=now)
    rows = [_row(uscc, lots, transfer=transfers.get(uscc, ""), rules=rules, now=now) for uscc, lots in fates.items()]
    copy_in(rows)
    sums = {name: sum(getattr(row, name) for row in rows) for name in _AMOUNTS}
    facts = {"region": region, "year": year, "entities": len(rows), "by": actor.person, **sums}
    listed = [[row.entity_id, *(getattr(row, name) for name in _AMOUNTS)] for row in rows]
    journal.append(Entry("compliance.year.carried_over", facts, {"entities": listed}), now=now)
    return {"entities": len(rows), **sums}


@dataclass(frozen=True, slots=True)
class _Move:
    # What leaves an entity's account.
    entity: str
    type: TransferType
    legs: tuple[Leg, ...]


def _leftovers(fates: Mapping[str, Sequence[LotFate]], region: str) -> Iterator[_Move]:
    accounts = registry.accounts_of(sorted(fates), AccountType.HOLDING)
    ways = {
        Fate.RETURNED: (TransferType.RECALL, registry.system_account(region, AccountType.RESERVE)),
        Fate.CANCELLED: (TransferType.CANCEL, registry.system_account(region, AccountType.CANCELLATION)),
    }
    for uscc, lots in fates.items():
        for fate, (type_, account) in ways.items():
            legs = tuple(
                Leg(accounts[uscc], account, lot.asset.code, lot.quantity_t) for lot in lots if lot.fate is fate
            )
            if legs:
                yield _Move(uscc, type_, legs)


def _post(moves: Sequence[_Move], *, subject: str, people: membership.ApprovedBy, now: datetime) -> dict[str, str]:
    drafts = [ledger.TransferDraft(move.type, move.legs, people.initiator, people.approver, subject) for move in moves]
    posted = ledger.post(drafts, now=now)
    return {move.entity: one.number for move, one in zip(moves, posted, strict=True)}


def _row(uscc: str, lots: Sequence[LotFate], *, transfer: str, rules: RulesAt, now: datetime) -> CarryOver:
    sums = {fate: sum(one.quantity_t for one in lots if one.fate is fate) for fate in Fate}
    return CarryOver(
        entity_id=uscc,
        region=rules.region,
        year=rules.year or 0,
        kept_t=sums[Fate.KEPT],
        returned_t=sums[Fate.RETURNED],
        cancelled_t=sums[Fate.CANCELLED],
        traces={},
        transfer=transfer,
        carried_at=now,
    )
