"""The market of a story in memory: core alone, on `core.ledger.Book`, without database, journal or services."""

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime, time

from tests.market_stage import KINDS, MONDAY, REGION

from tonnebook import rulebook
from tonnebook.core import auction, awards, book, clearing, ledger, periods, sealed_bids, sessions, units
from tonnebook.core.auction import AuctionKind, Round, Unsold
from tonnebook.core.awards import Bid
from tonnebook.core.book import Command, CommandKind, Fill, Outcome, Side, Ticket
from tonnebook.core.ledger import Account, AccountType, AssetKey, AssetKind, Hold, HoldReason, Leg, TransferType
from tonnebook.core.sealed_bids import Offer, Opened

_ASSETS = {
    code: AssetKey(code, AssetKind.ALLOWANCE, "SHEA", 2026, "PAID", use)
    for code, use in (("SHEA-2026", ""), ("SHEA-2026-PAID", ""), ("SHEA-2026-OWN", "OWN_SURRENDER"))
} | {"CNY": AssetKey("CNY", AssetKind.CASH, "CNY", None, "", "")}


@dataclass
class Placed:
    """An order with what it has done so far."""

    name: str
    side: Side
    price_fen_per_t: int
    quantity_t: int
    asset: str
    hold: str
    filled_t: int = 0
    turnover_fen: int = 0
    fee_fen: int = 0


@dataclass
class MemoryMarket:
    """The same words as the stage on the database, spoken by core."""

    books: ledger.Book = field(default_factory=ledger.Book)
    placed: dict[int, Placed] = field(default_factory=dict)
    bids: dict[int, tuple[Bid, str]] = field(default_factory=dict)
    holds: int = 0
    now: datetime = field(default_factory=lambda: periods.instant(MONDAY, time(10)))

    def __post_init__(self) -> None:
        """Open every account there can be."""
        self.rules = rulebook.at(REGION, on=MONDAY, year=2026)
        self.terms = book.terms(self.rules)
        previous_close = self.rules.integer("trading.reference_price_fen_per_t")
        self.resting = book.Book(book.band(previous_close, self.terms), tick_fen=self.terms.tick_fen)
        self.books.assets.update(_ASSETS)
        names = [f"{name}/{type_}" for name in KINDS for type_ in (AccountType.HOLDING, AccountType.CLIENT_CASH)]
        for name in [*names, *(f"/{type_}" for type_ in AccountType)]:
            self.books.accounts[name] = Account(name, AccountType(name.split("/")[1]), region=REGION)

    def at(self, clock: time) -> None:
        """Set the clock."""
        self.now = periods.instant(MONDAY, clock)

    def issue(self, name: str, quantity_t: int) -> None:
        """Give somebody allowances out of nothing."""
        self.books.apply(TransferType.ALLOCATE, [Leg("/ISSUANCE", f"{name}/HOLDING", "SHEA-2026", quantity_t)])

    def fund(self, name: str, amount_fen: int) -> None:
        """Book somebody's money as received from the bank."""
        self.books.apply(TransferType.CASH_IN, [Leg("/BANK", f"{name}/CLIENT_CASH", "CNY", amount_fen)])

    def order(self, name: str, side: Side, price_fen_per_t: int, quantity_t: int, *, asset: str) -> None:
        """Place an order and settle what it meets."""
        sold = asset if side is Side.SELL else ""
        ticket = Ticket("SHEA", side, price_fen_per_t, quantity_t, sold, 0)
        total_fen = book.total_fen(ticket, self.terms).whole
        ticket = Ticket("SHEA", side, price_fen_per_t, quantity_t, sold, total_fen)
        book.check_ticket(ticket, self.terms, self._conditions())
        placed = Placed(name, side, price_fen_per_t, quantity_t, sold, "")
        placed.hold = self._hold_for(placed, self._needed(placed))
        group = list(KINDS).index(name)
        matched = self.resting.apply(
            Command(CommandKind.PLACE, side, group=group, price_fen_per_t=price_fen_per_t, quantity_t=quantity_t)
        )
        self.placed[matched.number] = placed
        for fill in matched.fills:
            self._settle(placed, self.placed[fill.maker], fill)
        self._free_surplus(placed, matched.left_t if matched.outcome is Outcome.RESTS else 0)

    def announce(self, kind: AuctionKind, quantity_t: int) -> None:
        """Announce an auction and issue what it offers."""
        self.auction_terms = auction.terms(self.rules, kind)
        mean = self.rules.number("trading.reference_price_fen_per_t")
        floor = auction.floor_price(mean, self.auction_terms.floor_multiplier, self.auction_terms.floor_ceiling)
        opens_at, closes_at = (periods.instant(MONDAY, clock) for clock in (time(9, 30), time(11, 30)))
        self.round = Round("A", floor.whole, opens_at, closes_at)
        self.asset = "SHEA-2026-OWN" if self.auction_terms.own_surrender_only else "SHEA-2026-PAID"
        self.offered_t = quantity_t
        self.books.apply(TransferType.ISSUE_TO_AUCTION, [Leg("/ISSUANCE", "/AUCTION", self.asset, quantity_t)])

    def bid(self, name: str, price_fen_per_t: int, quantity_t: int) -> None:
        """Bid and set the amount aside."""
        auction.check_bidder(self.round, self.auction_terms, organisation=name, kind=KINDS[name], now=self.now)
        bid = Bid(len(self.bids) + 1, name, price_fen_per_t, quantity_t)
        hold = self._hold(f"{name}/CLIENT_CASH", "CNY", price_fen_per_t * quantity_t, HoldReason.BID)
        self.bids[bid.seq] = (bid, hold)

    def close_auction(self) -> None:
        """Clear the auction, deliver, and dispose of the rest."""
        auction.check_clearing(self.round, now=self.now)
        self.round = dataclasses.replace(self.round, is_cleared=True)
        floor = self.round.floor_price_fen_per_t
        void = sealed_bids.void(map(self._opened, self.bids), floor_price_fen_per_t=floor)
        asked = [bid for bid, _ in self.bids.values() if bid.seq not in void]
        outcome = awards.clear(asked, quantity_t=self.offered_t, floor_price_fen_per_t=floor)
        for award in outcome.awards:
            assert outcome.price is not None
            name, due_fen = award.organisation, outcome.price.whole * award.quantity_t
            legs = [
                Leg("/AUCTION", f"{name}/HOLDING", self.asset, award.quantity_t),
                Leg(f"{name}/CLIENT_CASH", "/TREASURY", "CNY", due_fen, self.bids[award.seq][1]),
            ]
            self.books.apply(TransferType.DELIVER_AUCTION, legs)
        for _, hold in self.bids.values():
            if self.books.holds[hold].remaining:
                self.books.release(hold)
        if outcome.unsold_t:
            target = "/RESERVE" if self.auction_terms.unsold is Unsold.RESERVE else "/CANCELLATION"
            leg = Leg("/AUCTION", target, self.asset, outcome.unsold_t)
            self.books.apply(TransferType.RETURN_UNSOLD, [leg])

    def holding(self, account: str, asset: str) -> tuple[int, int]:
        """Total and held of an asset in an account named `name/TYPE`."""
        position = self.books.positions.get((account, asset), ledger.Position())
        return position.total, position.held

    def balances(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Total and held by account and asset, wherever there is anything."""
        return {place: (one.total, one.held) for place, one in self.books.positions.items() if one.total}

    def _opened(self, seq: int) -> Opened:
        bid, _ = self.bids[seq]
        limit_t = auction.bidder_limit_t(self.auction_terms, KINDS[bid.organisation], offered_t=self.offered_t)
        deposit_fen = bid.price_fen_per_t * bid.quantity_t
        return Opened(bid.seq, bid.organisation, Offer(bid.price_fen_per_t, bid.quantity_t), deposit_fen, limit_t)

    def _conditions(self) -> book.Conditions:
        calendar = rulebook.calendar(REGION)
        return book.Conditions(
            day=MONDAY,
            is_day_closed=False,
            is_open=sessions.is_open(self.terms.sessions, calendar, self.now),
            opens_at=sessions.next_opening_at(self.terms.sessions, calendar, self.now),
            is_halted=False,
            previous_close_fen_per_t=self.rules.integer("trading.reference_price_fen_per_t"),
            tradable=frozenset(code for code, key in _ASSETS.items() if not key.use_restriction),
            sellable_t=None,
        )

    def _hold(self, account: str, asset: str, quantity: int, reason: HoldReason) -> str:
        self.holds += 1
        self.books.place(Hold(f"H{self.holds}", account, asset, quantity, reason))
        return f"H{self.holds}"

    def _hold_for(self, placed: Placed, quantity: int) -> str:
        name, is_buy = placed.name, placed.side is Side.BUY
        account, asset = (f"{name}/CLIENT_CASH", "CNY") if is_buy else (f"{name}/HOLDING", placed.asset)
        return self._hold(account, asset, quantity, HoldReason.ORDER)

    def _needed(self, placed: Placed) -> int:
        left_t = placed.quantity_t - placed.filled_t
        if placed.side is Side.SELL:
            return left_t
        return clearing.reserve_fen(
            price_fen_per_t=placed.price_fen_per_t,
            quantity_t=left_t,
            filled_fen=placed.turnover_fen,
            share=self.terms.fee_share,
        )

    def _settle(self, incoming: Placed, resting: Placed, fill: Fill) -> None:
        buy, sell = (incoming, resting) if incoming.side is Side.BUY else (resting, incoming)
        amount_fen = units.amount_fen(price_fen_per_t=fill.price_fen_per_t, quantity_t=fill.quantity_t)
        fees = [self._fill(one, fill.quantity_t, amount_fen) for one in (buy, sell)]
        buyer, seller = buy.name, sell.name
        legs = [
            Leg(f"{seller}/HOLDING", f"{buyer}/HOLDING", sell.asset, fill.quantity_t, sell.hold),
            Leg(f"{buyer}/CLIENT_CASH", f"{seller}/CLIENT_CASH", "CNY", amount_fen, buy.hold),
            Leg(f"{buyer}/CLIENT_CASH", "/FEES", "CNY", fees[0], buy.hold),
            Leg(f"{seller}/CLIENT_CASH", "/FEES", "CNY", fees[1]),
        ]
        self.books.apply(TransferType.DELIVER_TRADE, [leg for leg in legs if leg.quantity])

    def _fill(self, placed: Placed, quantity_t: int, amount_fen: int) -> int:
        share = self.terms.fee_share
        fee_fen = clearing.fee_of_fill_fen(filled_before_fen=placed.turnover_fen, amount_fen=amount_fen, share=share)
        placed.filled_t += quantity_t
        placed.turnover_fen += amount_fen
        placed.fee_fen += fee_fen
        return fee_fen

    def _free_surplus(self, placed: Placed, rest_t: int) -> None:
        needed = self._needed(placed) if rest_t else 0
        if self.books.holds[placed.hold].remaining > needed:
            self.books.release(placed.hold)
            if needed:
                placed.hold = self._hold_for(placed, needed)
