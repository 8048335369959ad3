"""What people do on the market: cash in, order, bid; exchange staff open and close days and auctions."""

import hashlib
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import shamir_mnemonic

from tonnebook import rulebook
from tonnebook.core import book, periods, sealed_bids, units
from tonnebook.core.auction import AuctionKind
from tonnebook.core.book import Side
from tonnebook.core.ledger import AccountType
from tonnebook.core.roles import SYSTEM, Actor
from tonnebook.demo.population import Company
from tonnebook.demo.steps import banking
from tonnebook.demo.world import World
from tonnebook.emissions import queries as emissions
from tonnebook.journal import services as journal
from tonnebook.market import queries as quotes
from tonnebook.market import services as market
from tonnebook.registry import queries as accounts
from tonnebook.registry import services as registry
from tonnebook.registry.queries import Holding

_LARGEST_ORDER_T = 90_000
_MARGIN = Decimal("1.12")


@dataclass(frozen=True, slots=True)
class Wish:
    """One order somebody will place: whose, which side, how much, of which asset (sellers), at which price."""

    actor: Actor
    side: Side
    quantity_t: int
    price_fen_per_t: int
    asset: str = ""


def trade_quietly(world: World, day: date) -> None:
    """Trade a little between companies that hold the first batch, then close the day."""
    chance = random.Random(f"{world.seed}/{world.region}/{day}")  # noqa: S311 - a demo, not a secret
    level_fen_per_t = _previous_close(_scheme(world)) + chance.randint(-60, 80)
    wishes = []
    for index, company in enumerate(_able_to_sell(world, chance, 12)):
        side = Side.SELL if index % 2 == 0 else Side.BUY
        price_fen_per_t = level_fen_per_t + (chance.randint(-30, 5) if side is Side.SELL else chance.randint(-5, 30))
        wishes.append(_wish(world, company, side, 10 * chance.randint(40, 600), price_fen_per_t))
    _trade(world, _scheme(world), day, wishes)
    close_day(world, day)


def leave_orders(world: World, day: date) -> None:
    """Leave five prices on each side of the book, so that whoever comes to trade meets somebody."""
    chance = random.Random(f"{world.seed}/{world.region}/{day}")  # noqa: S311 - a demo, not a secret
    level_fen_per_t = _previous_close(_scheme(world))
    wishes = []
    for index, company in enumerate(_able_to_sell(world, chance, 10)):
        side, steps = (Side.SELL, index // 2 + 1) if index % 2 == 0 else (Side.BUY, -(index // 2 + 1))
        wishes.append(_wish(world, company, side, 10 * chance.randint(20, 300), level_fen_per_t + 12 * steps))
    _trade(world, _scheme(world), day, wishes)


def hold_auction(world: World, kind: AuctionKind, day: date) -> None:
    """Announce an auction eight days ahead, take bids in its window and close it."""
    quantity_t = world.rules(day).integer(f"auction.{kind.lower()}.quantity_t")
    opens_at, closes_at = (periods.instant(day, at) for at in (time(9, 30), time(11, 30)))
    # Made off the server in a real market; here from the seed, so that a year runs alike every time.
    secret = _drawn(world, "opening key", kind)
    offer = {
        "region": world.region,
        "kind": kind,
        "year": world.year,
        "quantity_t": quantity_t,
        "opens_at": opens_at,
        "closes_at": closes_at,
        "opening_key": sealed_bids.public_key(secret),
    }
    announced_at = periods.instant(day - timedelta(days=8), time(10, 0))
    announced = world.two_people("market.announce_auction", offer, now=announced_at, by="exchange", second="exchange2")
    number = str(announced["auction"])
    floor_fen_per_t = quotes.auction(number, now=opens_at).floor_price.whole
    for index, (bidder, wanted_t) in enumerate(_bidders(world, kind)):
        chance = random.Random(f"{world.seed}/{kind}/{bidder.organisation}/{world.year}")  # noqa: S311 - a demo
        price_fen_per_t = floor_fen_per_t + chance.randint(0, 350)
        at = opens_at + timedelta(minutes=2, seconds=20 * index)
        _cash_in(
            world,
            bidder.organisation,
            units.amount_fen(price_fen_per_t=price_fen_per_t, quantity_t=wanted_t),
            f"bid-{kind}",
            at,
        )
        _bid(world, bidder, number, sealed_bids.Offer(price_fen_per_t, wanted_t), secret=secret, at=at)
    _open_auction(world, number, secret, at=closes_at + timedelta(minutes=1))
    _receive(world, number, at=periods.instant(day + timedelta(days=1), time(10)))


# The finance bureau has the money on the next day, and spends some of what the first auction brought in.
def _receive(world: World, auction: str, *, at: datetime) -> None:
    finance = world.actor("finance")
    noticed = next((row for row in quotes.proceeds(world.region) if row.auction == auction), None)
    if noticed is None:
        return
    first = f"{world.year}{noticed.cleared_at:%m%d}00001"
    key, day = world.key("receipts", auction), periods.day_of(at)
    market.record_receipts(finance, auction=auction, first=first, received_on=day, key=key, now=at)
    market.state_use(
        finance,
        year=world.year,
        purpose="节能降碳改造补助（模拟） Support for saving energy and carbon (demo)",
        amount_fen=noticed.noticed_fen // 4,
        key=world.key("use", auction),
        now=at,
    )


# What a bidder's browser does: draw a mark, seal the offer to the auction's key, set its amount aside.
def _bid(world: World, bidder: Actor, auction: str, offer: sealed_bids.Offer, *, secret: bytes, at: datetime) -> None:
    deposit_fen = units.amount_fen(price_fen_per_t=offer.price_fen_per_t, quantity_t=offer.quantity_t)
    mark = _drawn(world, "mark", auction, bidder.organisation).hex()[:32]
    envelope = sealed_bids.seal(
        offer,
        sealed_bids.context(auction, mark=mark, deposit_fen=deposit_fen),
        opening_key=sealed_bids.public_key(secret),
        ephemeral=_drawn(world, "ephemeral", auction, bidder.organisation),
    )
    market.place_bid(
        bidder,
        auction=auction,
        envelope=envelope.hex(),
        mark=mark,
        deposit_fen=deposit_fen,
        key=world.key("bid", auction, bidder.organisation),
        now=at,
    )


# After the close: every bid under a signed checkpoint first, then two shares, then the result.
def _open_auction(world: World, auction: str, secret: bytes, *, at: datetime) -> None:
    market.count_bids(SYSTEM, auction=auction, key=world.key("count", auction), now=at)
    journal.integrate(now=at)
    journal.publish_checkpoint(now=at)
    (shares,) = shamir_mnemonic.generate_mnemonics(1, [(2, 3)], secret, iteration_exponent=0)
    for keeper, words in zip(("exchange", "zhou"), shares, strict=False):
        market.hand_in_share(
            world.actor(keeper), auction=auction, words=words, key=world.key("share", auction, keeper), now=at
        )
    market.close_auction(world.actor("exchange"), auction=auction, key=world.key("close", auction), now=at)


def _drawn(world: World, *what: object) -> bytes:
    return hashlib.sha256("/".join(map(str, (world.seed, world.region, world.year, *what))).encode()).digest()


def bring_credits(world: World, now: datetime) -> None:
    """Issue credits of last year to the project owner, by two registrars."""
    owner = accounts.account_of(world.body("project"), AccountType.PROJECT)
    batch = {
        "region": world.region,
        "account": owner,
        "asset": _credit_asset(world),
        "quantity_t": 300_000,
        "project": "绿行公交（模拟） Green Walk Buses (demo)",
    }
    world.two_people("registry.issue_credits", batch, now=now, by="registrar", second="registrar2")


def trade_credits(world: World, day: date) -> None:
    """Sell credits to companies that are short, within what they may use; then close the day."""
    rules, short_t = world.rules(day), _shortfalls_t(world)
    scheme = rules.text("region.credit_scheme")
    share = rules.decimal("surrender.credit_limit_share") * Decimal("0.6")
    determined = emissions.determined(world.region, world.year)
    wanted = [
        (company, min(short_t[company.uscc], int(units.floor(determined[company.uscc].determined_t * share))))
        for company in world.companies[::5]
        if short_t.get(company.uscc, 0) > 0
    ]
    price_fen_per_t = _previous_close(scheme) - 200
    left_t = _free_in_project_t(world)
    wishes: list[Wish] = []
    for company, quantity_t in wanted:
        if 0 < quantity_t <= min(left_t, _LARGEST_ORDER_T):
            left_t -= quantity_t
            wishes.append(Wish(world.actor("project"), Side.SELL, quantity_t, price_fen_per_t, _credit_asset(world)))
            wishes.append(Wish(world.company_actor(company), Side.BUY, quantity_t, price_fen_per_t))
    _trade(world, scheme, day, wishes)
    close_day(world, day)


def trade_gaps(world: World, day: date, *, days_left: int) -> None:
    """Have some of those who are short buy from those who are long, on the last day most of them; close the day."""
    scheme = _scheme(world)
    chance = random.Random(f"{world.seed}/{world.region}/{day}")  # noqa: S311 - a demo, not a secret
    price_fen_per_t = _previous_close(scheme) + chance.randint(-40, 110)
    # A tenth waits for the last-resort auction.
    buyers = [short for index, short in enumerate(_short(world)) if index % 10 and index % days_left == 0]
    buys = [
        Wish(world.company_actor(company), Side.BUY, quantity_t, price_fen_per_t + 20)
        for company, gap_t in buyers
        for quantity_t in _orders(gap_t)
    ]
    needed_t = sum(wish.quantity_t for wish in buys)
    _trade(world, scheme, day, [*_offers(world, price_fen_per_t, needed_t), *buys])
    close_day(world, day)


def close_day(world: World, day: date) -> None:
    """Have the bank report the day and the exchange close it."""
    banking.report_day(world, day)
    market.close_day(
        world.actor("exchange"),
        region=world.region,
        day=day,
        key=world.key("day", day),
        now=periods.instant(day, time(15, 30)),
    )


# What each company lacks (positive) or has over (negative) against its determined emissions.
def _shortfalls_t(world: World) -> dict[str, int]:
    determined = emissions.determined(world.region, world.year)
    held = accounts.holdings_of([company.uscc for company in world.companies], AccountType.HOLDING)
    return {
        company.uscc: determined[company.uscc].determined_t - _usable_t(world, held[company.uscc])
        for company in world.companies
    }


def _usable_t(world: World, held: Sequence[Holding]) -> int:
    # What the next year has brought already is no use for this one.
    return sum(one.free for one in held if (one.asset.vintage_year or world.year) <= world.year)


def _free_in_project_t(world: World) -> int:
    return sum(one.free for one in accounts.holdings(accounts.account_of(world.body("project"), AccountType.PROJECT)))


def _bidders(world: World, kind: AuctionKind) -> Iterator[tuple[Actor, int]]:
    if kind is AuctionKind.LAST_RESORT:
        yield from ((world.company_actor(one), gap_t) for one, gap_t in _short(world))
        return
    # In the early round nobody knows their gap yet: every eighth company bids for one percent of its last emission.
    before = emissions.determined(world.region, world.year - 1)
    for company in world.companies[::8]:
        yield world.company_actor(company), max(100, min(60_000, before[company.uscc].determined_t // 100))
    for name in ("investor1", "investor2"):
        yield world.actor(name), 20_000


def _able_to_sell(world: World, chance: random.Random, count: int) -> list[Company]:
    free_t = _free_t(world, f"{_scheme(world)}-{world.year}")
    able = [company for company in world.companies if free_t.get(company.uscc, 0) > 10_000]
    return chance.sample(able, min(count, len(able)))


def _wish(world: World, company: Company, side: Side, quantity_t: int, price_fen_per_t: int) -> Wish:
    asset = f"{_scheme(world)}-{world.year}" if side is Side.SELL else ""
    return Wish(world.company_actor(company), side, quantity_t, price_fen_per_t, asset)


def _short(world: World) -> list[tuple[Company, int]]:
    gaps = _shortfalls_t(world)
    short = [(company, gaps[company.uscc]) for company in world.companies if gaps[company.uscc] > 0]
    # The last of them never gets round to buying, so that the demo has somebody to chase.
    return short[:-1]


def _offers(world: World, price_fen_per_t: int, needed_t: int) -> Iterator[Wish]:
    # Those with the largest surplus sell first and keep a tenth of it; what is offered covers what is wanted.
    surplus = sorted(((-gap, uscc) for uscc, gap in _shortfalls_t(world).items() if gap < 0), reverse=True)
    named = {company.uscc: company for company in world.companies}
    asset = f"{_scheme(world)}-{world.year}"
    free_t = _free_t(world, asset)
    for over_t, uscc in surplus:
        sold_t = min(over_t * 9 // 10, free_t.get(uscc, 0), needed_t)
        needed_t -= sold_t
        for quantity_t in _orders(sold_t):
            yield Wish(world.company_actor(named[uscc]), Side.SELL, quantity_t, price_fen_per_t, asset)


def _orders(quantity_t: int) -> Iterator[int]:
    while quantity_t > 0:
        yield min(quantity_t, _LARGEST_ORDER_T)
        quantity_t -= _LARGEST_ORDER_T


def _trade(world: World, instrument: str, day: date, wishes: Sequence[Wish]) -> None:
    terms = book.terms(rulebook.at(world.region, on=day))
    totals_fen = [_total_fen(instrument, wish, terms) for wish in wishes]
    _pay_in(world, instrument, day, wishes, totals_fen)
    for index, (wish, total_fen) in enumerate(zip(wishes, totals_fen, strict=True)):
        market.place_order(
            wish.actor,
            instrument=instrument,
            side=wish.side,
            price_fen_per_t=wish.price_fen_per_t,
            quantity_t=wish.quantity_t,
            shown_total_fen=total_fen,
            asset=wish.asset,
            key=world.key("order", instrument, day, index),
            now=periods.instant(day, time(9, 40)) + timedelta(seconds=8 * index),
        )


def _total_fen(instrument: str, wish: Wish, terms: book.Terms) -> int:
    ticket = book.Ticket(instrument, wish.side, wish.price_fen_per_t, wish.quantity_t, wish.asset, 0)
    return book.total_fen(ticket, terms).whole


def _pay_in(world: World, instrument: str, day: date, wishes: Sequence[Wish], totals_fen: Sequence[int]) -> None:
    due_fen: Counter[str] = Counter()
    for wish, total_fen in zip(wishes, totals_fen, strict=True):
        if wish.side is Side.BUY:
            due_fen[wish.actor.organisation] += total_fen
    for uscc, amount_fen in due_fen.items():
        _cash_in(world, uscc, amount_fen, f"{instrument}-{day}", periods.instant(day, time(9, 0)))


def _cash_in(world: World, uscc: str, amount_fen: int, reason: str, at: datetime) -> None:
    # A tenth more than needed, for fees and for the next time.
    registry.cash_in(
        world.actor("exchange"),
        account=world.cash_account(uscc),
        amount_fen=int(units.ceil(amount_fen * _MARGIN)),
        bank_reference=world.key("bank", reason, uscc),
        key=world.key("cash", reason, uscc),
        now=at,
    )


def _free_t(world: World, asset: str) -> dict[str, int]:
    held = accounts.holdings_of([company.uscc for company in world.companies], AccountType.HOLDING)
    return {uscc: sum(one.free for one in rows if one.asset.code == asset) for uscc, rows in held.items()}


def _scheme(world: World) -> str:
    return world.rules(date(world.year, 1, 1)).text("region.scheme")


def _credit_asset(world: World) -> str:
    return f"{world.rules(date(world.year, 1, 1)).text('region.credit_scheme')}-{world.year - 1}"


def _previous_close(instrument: str) -> int:
    return quotes.instrument(instrument).previous_close_fen_per_t
