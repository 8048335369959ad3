"""Let instructions into the market, each by itself, or say why not."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from tonnebook import rulebook
from tonnebook.core import book, listed_agreement, periods, phases, sessions
from tonnebook.core.admission import TradingWay
from tonnebook.core.book import CommandKind, Instruction, MarketRefusal, Mode, OrderType, Outcome, Side, Ticket
from tonnebook.core.errors import Refused
from tonnebook.core.ledger import AssetKind
from tonnebook.core.phases import Phase, PhaseRefusal
from tonnebook.core.standing import Standing
from tonnebook.market.models import Instrument, Order
from tonnebook.market.services import live, resale, reserves, standing
from tonnebook.market.services.instruments import TradingAccounts
from tonnebook.market.services.live import LiveOrder, LiveTrade
from tonnebook.members import queries as members
from tonnebook.registry import queries as holdings


@dataclass(frozen=True, slots=True)
class Told:
    """An instruction, who gave it, and the accounts that an order of it draws on."""

    instruction: Instruction
    organisation: str
    person: str
    accounts: TradingAccounts


@dataclass(frozen=True, slots=True)
class Market:
    """A region's market under its lock, at one instant.

    Attributes:
        region: region code.
        instruments: locked rows, by code.
        terms: rules of listed trading today.
        cash: code of the money.
        today: in the region's zone.
        now: when.
    """

    region: str
    instruments: dict[str, Instrument]
    terms: book.Terms
    cash: str
    today: date
    now: datetime

    def terms_of(self, instrument: Instrument) -> book.Terms:
        """Give the terms of an instrument: while it is in a call, its orders meet at the end of that."""
        return replace(self.terms, mode=Mode.CALL) if instrument.phase == Phase.CALL else self.terms


@dataclass(slots=True)
class Entry:
    """An instruction that was let in.

    Attributes:
        place: among those of its step.
        kind: what it asks for.
        order: the order placed, amended (with its new price and quantity) or cancelled.
        person: who gave it.
        held: what its order has set aside, and once it is reserved for with what it has spent, tonnes or fen.
        outcome: what became of it.
        left_t: tonnes that rest, or that were cancelled.
        trades: that it made.
    """

    place: int
    kind: CommandKind
    order: LiveOrder
    person: str
    held: int = 0
    outcome: Outcome = Outcome.RESTS
    left_t: int = 0
    trades: list[LiveTrade] = field(default_factory=list)


def enter(instruments: Sequence[Instrument], *, now: datetime) -> Market:
    """Enter a market whose instruments are locked.

    Args:
        instruments: locked rows of one region, at least one.
        now: when.
    """
    region, today = instruments[0].region, periods.day_of(now)
    rules = rulebook.at(region, on=today)
    found = {row.code: row for row in instruments}
    return Market(region, found, book.terms(rules), rules.text("region.cash"), today, now)


@dataclass(frozen=True, slots=True)
class _Sort:
    # What orders have in common that name the same: `place` holds what is sold, `group` is that of a buyer whose tonnes
    # are limited, `frame` what the market asks of them, and `edge` the price of those that bring none.
    instrument: Instrument
    side: Side
    place: resale.Place
    group: int | None
    conditions: book.Conditions
    frame: book.Frame | None
    edge_fen_per_t: int


class Gate:
    """What is asked once for all instructions of a step, and whether one of them is let in.

    Args:
        market: under its lock.
        told: the instructions of the step.
    """

    def __init__(self, market: Market, told: Sequence[Told]) -> None:
        self._market = market
        self._orders = _named(market, [one.instruction.order for one in told if one.instruction.order])
        sold = {(one.accounts.units, one.instruction.asset) for one in told if one.instruction.asset}
        sold |= {(row.unit_account, row.asset) for row in self._orders.values() if row.asset}
        self._sellable_t = {} if market.terms.same_day_resale else resale.sellable_t(market.today, sold)
        self._schemes: dict[str, str] = {}
        self._usual: dict[tuple[str, str], book.Conditions] = {}
        self._sorts: dict[tuple[str | OrderType, ...], _Sort] = {}
        self._employers: dict[str, str] = {}
        self._standings: dict[str, Standing] = {}
        if asking := [one for one in told if one.instruction.kind is not CommandKind.CANCEL]:
            self._employers = members.employers(one.person for one in asking)
            parties = [one.organisation for one in asking] + [*self._employers.values()]
            self._standings = standing.standings(market.region, parties, now=market.now)
        self._headroom_t = {one.group: one.headroom_t for one in self._standings.values()}
        self._calendar = rulebook.calendar(market.region)
        self._hours = phases.hours(rulebook.at(market.region, on=market.today))
        self._opens_at = sessions.next_opening_at(market.terms.sessions, self._calendar, market.now)

    def entry(self, place: int, told: Told) -> Entry:
        """Let one instruction in.

        Args:
            place: among those of the step.
            told: the instruction.

        Raises:
            Refused: why the orders of the organisation, or of the member that gives them for it, are refused
                altogether; NO_SUCH_INSTRUMENT; NO_SUCH_ORDER, also for an order of somebody else; ORDER_NOT_OPEN;
                ASSET_UNKNOWN; what `core.book.check_ticket` refuses; AMENDED_BELOW_FILLED.
        """
        kind = told.instruction.kind
        if kind is CommandKind.PLACE:
            return Entry(place, kind, self._placed(told), told.person)
        if kind is CommandKind.AMEND:
            self._require_standing(told)
        order = self._orders.get(told.instruction.order)
        if order is None or order.organisation != told.organisation:
            raise Refused(MarketRefusal.NO_SUCH_ORDER, order=told.instruction.order)
        if not order.is_open:
            raise Refused(MarketRefusal.ORDER_NOT_OPEN, order=order.number, state=order.state)
        held = reserves.needed(order, self._market.terms.fee_share)
        if kind is CommandKind.AMEND:
            self._amend(order, told.instruction)
        return Entry(place, kind, order, told.person, held)

    # Whoever trades for a client needs a standing, too: a member that is stopped is stopped for its clients as well.
    def _require_standing(self, told: Told) -> None:
        for organisation in (told.organisation, self._employers.get(told.person, told.organisation)):
            if refusal := self._standings[organisation].refusal:
                raise refusal

    def _placed(self, told: Told) -> LiveOrder:
        asked, accounts = told.instruction, told.accounts
        about = (asked.instrument, asked.side, asked.order_type, asked.asset)
        key = (*about, told.organisation, told.person, accounts.units)
        sort = self._sorts.get(key)
        if sort is None:
            sort = self._sorts[key] = self._sort_placed(told)
        price_fen_per_t = sort.edge_fen_per_t or asked.price_fen_per_t
        self._check(sort, price_fen_per_t, asked.quantity_t, asked.shown_total_fen)
        # By place, in the order of the columns: this runs for every order.
        of_whom = (told.organisation, told.person, accounts.units, accounts.cash, asked.asset)
        terms = (price_fen_per_t, asked.quantity_t, self._market.today, self._market.now)
        return LiveOrder(sort.instrument, asked.side.value, asked.order_type.value, *of_whom, *terms)

    def _sort_placed(self, told: Told) -> _Sort:
        market, asked, edge_fen_per_t = self._market, told.instruction, 0
        self._require_standing(told)
        instrument = market.instruments.get(asked.instrument)
        if instrument is None:
            raise Refused(MarketRefusal.NO_SUCH_INSTRUMENT, instrument=asked.instrument)
        listed_agreement.check_type(market.terms.mode, asked.order_type)
        if asked.order_type is not OrderType.LIMIT and instrument.phase == Phase.CALL:
            raise Refused(PhaseRefusal.CALL_TAKES_LIMITS, instrument=instrument.code)
        if asked.order_type is OrderType.MARKET_TO_LIMIT:
            # Whatever the best price is, it lies within today's band: its end is what must be reserved for.
            band = book.band(instrument.previous_close_fen_per_t, market.terms)
            edge_fen_per_t = band.high_fen_per_t if asked.side is Side.BUY else band.low_fen_per_t
        place = (told.accounts.units, asked.asset)
        return self._sort(instrument, asked.side, told.organisation, place, edge_fen_per_t=edge_fen_per_t)

    def _amend(self, order: LiveOrder, instruction: Instruction) -> None:
        sort = self._sort(order.instrument, Side(order.side), order.organisation, (order.unit_account, order.asset))
        price_fen_per_t, quantity_t = instruction.price_fen_per_t, instruction.quantity_t
        self._check(sort, price_fen_per_t, quantity_t, instruction.shown_total_fen, own_t=order.quantity_t)
        if quantity_t <= order.filled_t:
            raise Refused(MarketRefusal.AMENDED_BELOW_FILLED, order=order.number, filled=order.filled_t)
        order.price_fen_per_t, order.quantity_t = price_fen_per_t, quantity_t

    def _sort(
        self, instrument: Instrument, side: Side, organisation: str, place: resale.Place, *, edge_fen_per_t: int = 0
    ) -> _Sort:
        own, asset = self._standings[organisation], place[1]
        own.check(TradingWay.LISTED, side, AssetKind(instrument.kind))
        conditions = self._conditions(instrument, asset)
        is_limited = instrument.kind == AssetKind.ALLOWANCE and side is Side.BUY
        frame = book.frame(side, asset, self._market.terms, conditions)
        return _Sort(instrument, side, place, own.group if is_limited else None, conditions, frame, edge_fen_per_t)

    # An amended order has tonnes of its own in what is used up already: what rests, and what it has traded.
    def _check(self, sort: _Sort, price_fen_per_t: int, quantity_t: int, shown_fen: int, *, own_t: int = 0) -> None:
        sellable_t = self._sellable_t.get(sort.place)
        headroom_t = None if sort.group is None else self._headroom_t[sort.group]
        is_usual = (
            sort.frame is not None
            and (sellable_t is None or quantity_t <= sellable_t + own_t)
            and (headroom_t is None or quantity_t <= headroom_t + own_t)
            and sort.frame.lets_in(price_fen_per_t, quantity_t, shown_fen)
        )
        if not is_usual:
            left_t = [None if tonnes is None else tonnes + own_t for tonnes in (sellable_t, headroom_t)]
            conditions = replace(sort.conditions, sellable_t=left_t[0], headroom_t=left_t[1])
            terms = (price_fen_per_t, quantity_t, sort.place[1], shown_fen)
            book.check_ticket(Ticket(sort.instrument.code, sort.side, *terms), self._market.terms, conditions)
        if sellable_t is not None:
            self._sellable_t[sort.place] = sellable_t + own_t - quantity_t
        if headroom_t is not None and sort.group is not None:
            self._headroom_t[sort.group] = headroom_t + own_t - quantity_t

    # The same for all orders of a step that name the same, but for what their owners may still buy or sell.
    def _conditions(self, instrument: Instrument, asset: str) -> book.Conditions:
        key, market = (instrument.code, asset), self._market
        if key not in self._usual:
            if asset and asset not in self._schemes:
                self._schemes[asset] = _scheme(asset)
            phase = (Phase(instrument.phase), instrument.phase_at)
            self._usual[key] = book.Conditions(
                day=market.today,
                is_day_closed=instrument.closed_on is not None and instrument.closed_on >= market.today,
                is_open=phases.takes_orders(*phase, self._hours, self._calendar, market.now),
                opens_at=self._opens_at,
                is_halted=instrument.is_halted,
                previous_close_fen_per_t=instrument.previous_close_fen_per_t,
                tradable=frozenset({asset} if self._schemes.get(asset) == instrument.scheme else ()),
                sellable_t=None,
            )
        return self._usual[key]


def _named(market: Market, numbers: Sequence[str]) -> dict[str, LiveOrder]:
    if not numbers:
        return {}
    named = live.read(Order.objects.filter(number__in=numbers), market.instruments.values())
    return {order.number: order for order in named}


# The scheme of units that may be sold; none for those that may only be surrendered.
def _scheme(asset: str) -> str:
    found = holdings.asset(asset)
    return "" if found.use_restriction else found.scheme
