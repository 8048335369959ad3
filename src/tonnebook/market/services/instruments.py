"""Open the instruments of a region, and find the accounts of whoever trades them."""

from dataclasses import dataclass
from datetime import datetime

from tonnebook import rulebook
from tonnebook.core import periods
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AccountType, AssetKind, LedgerRefusal
from tonnebook.core.roles import Act, Actor, OrganisationKind
from tonnebook.core.rules import RulesAt
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market.models import Instrument
from tonnebook.members import services as members
from tonnebook.registry import queries as registry

_CREDIT_PRICE = "trading.credit_reference_price_fen_per_t"


@dataclass(frozen=True, slots=True)
class TradingAccounts:
    """The accounts an organisation trades with.

    Attributes:
        units: sold from and bought into.
        cash: paid from and into.
        registered: where units go that can only be surrendered.
    """

    units: str
    cash: str
    registered: str


@journal.command("market.open_instruments")
def open_instruments(actor: Actor, *, region: str, key: str, now: datetime) -> Answer:
    """Open the instruments that a region still lacks: its allowances and its credits.

    Args:
        actor: exchange staff.
        region: region code.
        key: idempotency key.
        now: when; the reference price of this day is the first previous close.

    Returns:
        `instruments`: codes of all instruments of the region.

    Raises:
        Refused: NOT_PERMITTED; NO_SUCH_PARAMETER when the region has no scheme or no reference price.

    Source: design choice, no legal source; first close by `trading.*reference_price_fen_per_t`.
    """
    members.require(actor, Act.OPEN_MARKET)
    rules = rulebook.at(region, on=periods.day_of(now))
    there = set(Instrument.objects.filter(region=region).values_list("code", flat=True))
    opened = [row for row in _drafts(rules, now) if row.code not in there]
    Instrument.objects.bulk_create(opened)
    journal.append_many([_entry(row) for row in opened], now=now)
    return {"instruments": [*sorted(there | {row.code for row in opened})]}


def accounts_of(actor: Actor, region: str) -> TradingAccounts:
    """Find the accounts an actor's organisation trades with.

    Units are its trading account's where it has one; else a project owner's are its project account's and everybody
    else's their registry account's.

    Args:
        actor: who trades.
        region: where.

    Returns:
        Account numbers.

    Raises:
        Refused: ACCOUNT_UNKNOWN when one of them has not been opened.
    """
    own = {row.type: row.number for row in reversed(registry.accounts(actor.organisation)) if row.region == region}
    registered = AccountType.PROJECT if actor.kind is OrganisationKind.PROJECT_OWNER else AccountType.HOLDING
    wanted = (AccountType.TRADING if AccountType.TRADING in own else registered, AccountType.CLIENT_CASH)
    for type_ in wanted:
        if type_ not in own:
            raise Refused(LedgerRefusal.ACCOUNT_UNKNOWN, account=f"{type_} {actor.organisation}")
    units, cash = (own[type_] for type_ in wanted)
    return TradingAccounts(units, cash, own.get(registered, units))


def _drafts(rules: RulesAt, now: datetime) -> list[Instrument]:
    schemes = [(AssetKind.ALLOWANCE, "region.scheme", "trading.reference_price_fen_per_t")]
    # Credits without a price to begin with are traded elsewhere, as CCER is in the national market.
    if rules.has("region.credit_scheme") and rules.has(_CREDIT_PRICE):
        schemes.append((AssetKind.CREDIT, "region.credit_scheme", _CREDIT_PRICE))
    return [
        Instrument(
            code=rules.text(scheme),
            region=rules.region,
            scheme=rules.text(scheme),
            kind=kind,
            phase_at=now,
            previous_close_fen_per_t=rules.integer(reference_price),
        )
        for kind, scheme, reference_price in schemes
    ]


def _entry(row: Instrument) -> journal.Entry:
    facts = {"instrument": row.code, "region": row.region, "previous_close_fen_per_t": row.previous_close_fen_per_t}
    return journal.Entry("market.instrument.opened", facts)
