"""A small market on the database for tests: a cast with accounts, units and money, and a clock set by hand."""

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

import shamir_mnemonic

from tonnebook.core import deals, identity, periods, sealed_bids
from tonnebook.core.auction import AuctionKind
from tonnebook.core.book import Side
from tonnebook.core.canonical import Json
from tonnebook.core.ledger import AccountType, AssetKey, AssetKind, Leg, TransferType
from tonnebook.core.roles import SYSTEM, Actor, OrganisationKind, Role
from tonnebook.core.sealed_bids import Offer
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer
from tonnebook.market import queries as market_queries
from tonnebook.market import services as market
from tonnebook.members import services as members
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry

REGION = "shanghai"
MONDAY = date(2026, 3, 2)
FREE = AssetKey("SHEA-2026", AssetKind.ALLOWANCE, "SHEA", 2026, "FREE", "")
OWN = AssetKey("SHEA-2026-OWN", AssetKind.ALLOWANCE, "SHEA", 2026, "PAID", "OWN_SURRENDER")
CREDIT = AssetKey("SHCER-2025", AssetKind.CREDIT, "SHCER", 2025, "", "")

KINDS = {
    "Red River Steel": OrganisationKind.ENTITY,
    "North Power": OrganisationKind.ENTITY,
    "East Chemicals": OrganisationKind.ENTITY,
    "Lotus Capital": OrganisationKind.INVESTOR,
    "Reed Wetland": OrganisationKind.PROJECT_OWNER,
    "Exchange": OrganisationKind.EXCHANGE,
    "Authority": OrganisationKind.AUTHORITY,
}
# The key of every auction here, and its three shares.
SECRET = bytes(range(32))
OPENING_KEY = sealed_bids.public_key(SECRET)
(SHARES,) = shamir_mnemonic.generate_mnemonics(1, [(2, 3)], SECRET, iteration_exponent=0)

_ROLES = {OrganisationKind.EXCHANGE: Role.EXCHANGE_STAFF, OrganisationKind.AUTHORITY: Role.OFFICER}


def uscc(count: int) -> str:
    """Make a well-formed unified social credit code."""
    body = f"91310000MA1FL{count:04d}"
    return body + identity.uscc_check_sign(body)


@dataclass
class Stage:
    """The cast by name and everything the tests of the market do with it."""

    cast: dict[str, Actor] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: periods.instant(MONDAY, time(10)))
    counts: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def key(self) -> str:
        """Make an idempotency key that has not been used."""
        return f"test-key-{next(self.counts):08d}"

    def at(self, clock: time, day: date = MONDAY) -> None:
        """Set the clock."""
        self.now = periods.instant(day, clock)

    def open(self) -> None:
        """Register the cast, open accounts and instruments."""
        for count, (name, kind) in enumerate(KINDS.items(), 1):
            roles = frozenset({_ROLES.get(kind, Role.TRADER)})
            self.cast[name] = Actor(f"P-{count:06d}-00", uscc(count), kind, roles, REGION)
        drafts = [
            members.OrganisationDraft(actor.organisation, name, name, actor.kind, REGION)
            for name, actor in self.cast.items()
        ]
        members.register_organisations(SYSTEM, drafts=drafts, key=self.key(), now=self.now)
        registry.open_region(REGION, now=self.now)
        registry.open_accounts([draft for actor in self.cast.values() for draft in self._accounts(actor)], now=self.now)
        cash = AssetKey("CNY", AssetKind.CASH, "CNY", None, "", "")
        registry.ensure_assets([FREE, OWN, CREDIT, cash], now=self.now)
        market.open_instruments(self.cast["Exchange"], region=REGION, key=self.key(), now=self.now)

    def account(self, name: str, type_: AccountType) -> str:
        """Give the number of somebody's account of a type."""
        return accounts.account_of(self.cast[name].organisation, type_)

    def issue(self, name: str, quantity_t: int, asset: AssetKey = FREE) -> None:
        """Give somebody units out of nothing."""
        is_credit = asset.kind is AssetKind.CREDIT
        type_ = TransferType.ISSUE_CREDITS if is_credit else TransferType.ALLOCATE
        target = self.account(name, AccountType.PROJECT if is_credit else AccountType.HOLDING)
        source = accounts.system_account(REGION, AccountType.ISSUANCE)
        draft = registry.TransferDraft(type_, (Leg(source, target, asset.code, quantity_t),), "P-1", "P-2")
        registry.post([draft], now=self.now)

    def fund(self, name: str, amount_fen: int) -> None:
        """Book somebody's money as received from the bank."""
        source = accounts.system_account(REGION, AccountType.BANK)
        leg = Leg(source, self.account(name, AccountType.CLIENT_CASH), "CNY", amount_fen)
        draft = registry.TransferDraft(TransferType.CASH_IN, (leg,), "P-1", subject=self.key())
        registry.post([draft], now=self.now)

    def order(
        self,
        name: str,
        side: Side,
        price_fen_per_t: int,
        quantity_t: int,
        *,
        asset: str = FREE.code,
        instrument: str = "SHEA",
        shown_total_fen: int | None = None,
    ) -> Answer:
        """Place an order; without a shown total, with the one the page would show."""
        if shown_total_fen is None:
            shown_total_fen = market_queries.total_fen(
                instrument, side=side, price_fen_per_t=price_fen_per_t, quantity_t=quantity_t, on=MONDAY
            ).whole
        return market.place_order(
            self.cast[name],
            instrument=instrument,
            side=side,
            price_fen_per_t=price_fen_per_t,
            quantity_t=quantity_t,
            shown_total_fen=shown_total_fen,
            asset=asset if side is Side.SELL else "",
            key=self.key(),
            now=self.now,
        )

    def propose(
        self,
        name: str,
        side: Side,
        price_fen_per_t: int,
        quantity_t: int,
        *,
        to: str = "",
        answers: str = "",
        asset: str = FREE.code,
    ) -> str:
        """Propose a deal to somebody, or to everybody, and give its number."""
        total = market_queries.total_fen(
            "SHEA", side=side, price_fen_per_t=price_fen_per_t, quantity_t=quantity_t, on=MONDAY
        )
        answer = market.propose_deal(
            self.cast[name],
            instrument="SHEA",
            side=side,
            price_fen_per_t=price_fen_per_t,
            quantity_t=quantity_t,
            shown_total_fen=total.whole,
            asset=asset if side is Side.SELL else "",
            counterparty=self.cast[to].organisation if to else "",
            answers=answers,
            key=self.key(),
            now=self.now,
        )
        return str(answer["deal"])

    def accept(self, name: str, deal: str, *, asset: str = "") -> Answer:
        """Accept a proposal with the total the page would show."""
        row = market_queries.deal(deal, organisation=self.cast[name].organisation)
        total = market_queries.total_fen(
            row.instrument,
            side=deals.opposite(row.side),
            price_fen_per_t=row.price_fen_per_t,
            quantity_t=row.quantity_t,
            on=MONDAY,
        )
        return market.accept_deal(
            self.cast[name], deal=deal, shown_total_fen=total.whole, asset=asset, key=self.key(), now=self.now
        )

    def announce(self, kind: AuctionKind, quantity_t: int, *, opens: time = time(9, 30), day: date = MONDAY) -> Answer:
        """Propose an auction, approve it as somebody else, and announce it."""
        officer = self.cast["Authority"]
        opens_at, closes_at = periods.instant(day, opens), periods.instant(day, time(11, 30))
        payload: dict[str, Json] = {"region": REGION, "kind": str(kind), "year": 2026, "quantity_t": quantity_t}
        payload |= {"opens_at": periods.iso(opens_at), "closes_at": periods.iso(closes_at), "opening_key": OPENING_KEY}
        approval = self.approved("market.announce_auction", payload)
        return market.announce_auction(
            officer,
            region=REGION,
            kind=kind,
            year=2026,
            quantity_t=quantity_t,
            opens_at=opens_at,
            closes_at=closes_at,
            opening_key=OPENING_KEY,
            approval=approval,
            key=self.key(),
            now=self.now,
        )

    def approved(self, kind: str, payload: dict[str, Json]) -> str:
        """Propose as one officer, approve as another, and give the number of the approval."""
        officer = self.cast["Authority"]
        proposed = members.propose(officer, kind=kind, payload=payload, key=self.key(), now=self.now)
        approval, digest = str(proposed["approval"]), str(proposed["digest"])
        second = replace(officer, person="P-999999-99")
        members.approve(second, approval=approval, digest=digest, key=self.key(), now=self.now)
        return approval

    def bid(
        self, name: str, auction: str, price_fen_per_t: int, quantity_t: int, *, deposit_fen: int | None = None
    ) -> str:
        """Seal a bid, place it with a deposit that covers it unless another is given, and give its number."""
        deposit_fen = price_fen_per_t * quantity_t if deposit_fen is None else deposit_fen
        mark = f"{next(self.counts):032x}"
        envelope = sealed_bids.seal(
            Offer(price_fen_per_t, quantity_t),
            sealed_bids.context(auction, mark=mark, deposit_fen=deposit_fen),
            opening_key=OPENING_KEY,
            ephemeral=hashlib.sha256(mark.encode()).digest(),
        )
        answer = market.place_bid(
            self.cast[name],
            auction=auction,
            envelope=envelope.hex(),
            mark=mark,
            deposit_fen=deposit_fen,
            key=self.key(),
            now=self.now,
        )
        return str(answer["bid"])

    def hand_in_shares(self, auction: str) -> None:
        """Have all bids counted under a checkpoint, then hand in two shares, as the authority and the exchange."""
        market.count_bids(SYSTEM, auction=auction, key=self.key(), now=self.now)
        journal.integrate(now=self.now)
        journal.publish_checkpoint(now=self.now)
        for name, words in zip(("Authority", "Exchange"), SHARES, strict=False):
            market.hand_in_share(self.cast[name], auction=auction, words=words, key=self.key(), now=self.now)

    def close_auction(self, auction: str) -> Answer:
        """Open and clear an auction as the exchange."""
        self.hand_in_shares(auction)
        return self.clear_auction(auction)

    def clear_auction(self, auction: str) -> Answer:
        """Open and clear an auction whose shares have been handed in."""
        return market.close_auction(self.cast["Exchange"], auction=auction, key=self.key(), now=self.now)

    def close_day(self, day: date = MONDAY) -> Answer:
        """Close a day as the exchange."""
        return market.close_day(self.cast["Exchange"], region=REGION, day=day, key=self.key(), now=self.now)

    def holding(self, account: str, asset: str) -> tuple[int, int]:
        """Total and held of one asset in an account."""
        for row in accounts.holdings(account):
            if row.asset.code == asset:
                return row.total, row.held
        return 0, 0

    def units(self, name: str, asset: str = FREE.code) -> tuple[int, int]:
        """Total and held of one asset in somebody's holding account."""
        return self.holding(self.account(name, AccountType.HOLDING), asset)

    def cash(self, name: str) -> tuple[int, int]:
        """Total and held of somebody's cash, fen."""
        return self.holding(self.account(name, AccountType.CLIENT_CASH), "CNY")

    def system(self, type_: AccountType, asset: str) -> int:
        """Total of one asset in an account of the region's own."""
        return self.holding(accounts.system_account(REGION, type_), asset)[0]

    def traders(self) -> frozenset[str]:
        """Name those who have accounts."""
        return frozenset(name for name, actor in self.cast.items() if Role.TRADER in actor.roles)

    def _accounts(self, actor: Actor) -> Iterator[registry.AccountDraft]:
        if Role.TRADER not in actor.roles:
            return
        yield registry.AccountDraft(AccountType.CLIENT_CASH, REGION, actor.organisation)
        yield registry.AccountDraft(AccountType.HOLDING, REGION, actor.organisation)
        if actor.kind is OrganisationKind.PROJECT_OWNER:
            yield registry.AccountDraft(AccountType.PROJECT, REGION, actor.organisation)
