"""Re-check the market against the registry: what was traded or awarded is what moved, and what rests is reserved.

Trades and bids name their transfers, orders and bids their holds; whatever the registry moved or holds for the market
without a trade, an award, an open order or a standing bid is a break as well.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg

from tonnebook_audit import batches, busts, openings, proceeds, rows, sales, sealed, traces
from tonnebook_audit.report import AuditReport
from tonnebook_audit.sealed import Envelope

_Legs = dict[str, Counter[tuple[str, ...]]]


@dataclass
class _Auction:
    # One cleared auction: what was offered, and what the market says came of it.
    number: str
    quantity_t: int
    floor_fen: int
    price_fen: int | None
    sold_t: int
    unsold_t: int
    demand_t: int
    bidders: int
    opening_key: str
    opened_with: str
    shortage: str
    tie_break: str
    bidders_min: int
    bid_t_min: int
    pricing: str
    proceeds_fen: int

    @property
    def offer(self) -> sealed.Offer:
        rule = (self.shortage, self.tie_break, self.bidders_min, self.bid_t_min, self.pricing)
        return sealed.Offer(self.quantity_t, self.floor_fen, *rule)


def check(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    """Check trades, orders, closes, auctions and bids."""
    if not (rows.exists(connection, "market_trade") and rows.exists(connection, "registry_transfer")):
        return
    moved = _moved(connection)
    _check_trades(connection, moved["DELIVER_TRADE"], report)
    if rows.exists(connection, "market_batch"):
        batches.check(connection, report)
    busts.check(connection, moved["BUST_TRADE"], report)
    openings.check(connection, report)
    _check_orders(connection, report)
    _check_clients(connection, report)
    _check_closes(connection, report)
    _check_awards(connection, moved["DELIVER_AUCTION"], report)
    _check_auctions(connection, report)
    sales.check(connection, report)
    proceeds.check(connection, report)
    _check_offers(connection, moved["ISSUE_TO_AUCTION"], moved["RETURN_UNSOLD"], report)
    _check_holds(connection, report)


# Legs by type and transfer; accounts of the system go by their type, money by its kind.
def _moved(connection: psycopg.Connection[Any]) -> dict[str, _Legs]:
    moved: dict[str, _Legs] = defaultdict(lambda: defaultdict(Counter))
    for type_, number, debit, credit, asset, quantity in rows.stream(connection, _MOVED):
        moved[type_][number][debit, credit, asset, str(quantity)] += 1
    return moved


# A transfer settles one trade or deal, or all trades of a batch: together they are what it moved.
def _check_trades(connection: psycopg.Connection[Any], moved: _Legs, report: AuditReport) -> None:
    settled: _Legs = defaultdict(Counter)
    named: dict[str, str] = {}
    outside: dict[str, _Limits] = {}
    for row in rows.stream(connection, _TRADES):
        number, transfer, asset, price_fen, quantity_t, buyer_fee_fen, seller_fee_fen, *rest = row
        buyer, buyer_cash, buy_limit_fen, seller, seller_cash, sell_limit_fen, *orders = rest
        legs = [(seller, buyer, asset, quantity_t), (buyer_cash, seller_cash, "CASH", price_fen * quantity_t)]
        fees = ((buyer_cash, buyer_fee_fen), (seller_cash, seller_fee_fen))
        legs += [(payer, "FEES", "CASH", fee_fen) for payer, fee_fen in fees if fee_fen]
        settled[transfer].update(_counted(legs))
        named[transfer] = number if transfer not in named else f"{named[transfer].partition(' … ')[0]} … {number}"
        if not sell_limit_fen <= price_fen <= buy_limit_fen:
            outside[number] = _Limits(price_fen, sell_limit_fen, buy_limit_fen, *orders)
    _check_limits(connection, outside, report)
    for transfer, expected in settled.items():
        found = moved.get(transfer, Counter())
        subject = named[transfer]
        report.compare("trade", subject, expected=_listed(expected - found), found=_listed(found - expected))
    for transfer in sorted(moved.keys() - settled.keys()):
        report.compare("trade", transfer, expected="a trade that it settles", found="none")


@dataclass(frozen=True)
class _Limits:
    # What a trade was made at, and what its two orders allow today; deals have no orders.
    price_fen: int
    sell_fen: int
    buy_fen: int
    buy_order: str | None
    sell_order: str | None


# An order may have been given another limit since it traded. Then the log tells the limit it had, and that of today.
def _check_limits(connection: psycopg.Connection[Any], outside: dict[str, _Limits], report: AuditReport) -> None:
    if not outside:
        return
    orders = {order for one in outside.values() for order in (one.buy_order, one.sell_order)}
    told_fen: dict[str | None, int] = {}
    within: set[str] = set()
    lines = (line for (text,) in rows.stream(connection, _TOLD) for line in text.split("\n"))
    for facts in (json.loads(line)["facts"] for line in lines):
        if facts.get("order") in orders and "price_fen_per_t" in facts:
            told_fen[facts["order"]] = int(facts["price_fen_per_t"])
        one = outside.get(facts.get("trade", ""))
        # An order the log knows nothing of allows nothing.
        if one and told_fen.get(one.sell_order, one.price_fen + 1) <= one.price_fen <= told_fen.get(one.buy_order, 0):
            within.add(facts["trade"])
    for number, one in outside.items():
        today = (told_fen.get(one.sell_order), told_fen.get(one.buy_order))
        if number not in within or today != (one.sell_fen, one.buy_fen):
            report.compare("trade price", number, expected=f"{one.sell_fen} to {one.buy_fen}", found=one.price_fen)


# What trades add up to is what their orders say they have had: what they met in the book, taken back or not.
def _check_orders(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    for number, *figures in rows.stream(connection, _ORDERS):
        report.compare("order", number, expected=tuple(figures[:3]), found=tuple(figures[3:]))


# Whoever gives an order for another organisation belongs to a member that it had agreed to be a client of. That it was
# over since is no break: what was sent before may be picked up after.
def _check_clients(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    for order, client, member, is_agreed in connection.execute(_FOREIGN_ORDERS):
        report.compare("client", order, expected=(member, client, True), found=(member, client, is_agreed))


def _check_closes(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    for code, day, close_fen, trace, *figures in rows.stream(connection, _CLOSES):
        subject = f"{code} {day}"
        report.compare("close", subject, expected=tuple(figures[:3]), found=tuple(figures[3:]))
        traces.check({"close": trace}, "close", subject=subject, stored=close_fen, report=report)


# A transfer settles an award, or all awards of an auction.
def _check_awards(connection: psycopg.Connection[Any], moved: _Legs, report: AuditReport) -> None:
    settled: _Legs = defaultdict(Counter)
    named: dict[str, str] = {}
    for number, auction, transfer, awarded_t, price_fen, asset, units, cash in rows.stream(connection, _AWARDS):
        legs = [("AUCTION", units, asset, awarded_t), (cash, "TREASURY", "CASH", price_fen * awarded_t)]
        settled[transfer].update(_counted(legs))
        named[transfer] = number if transfer not in named else auction
    for transfer, expected in settled.items():
        found = moved.get(transfer, Counter())
        listed = (_listed(expected - found), _listed(found - expected))
        report.compare("award", named[transfer], expected=listed[0], found=listed[1])
    for transfer in sorted(moved.keys() - settled.keys()):
        report.compare("award", transfer, expected="a bid that it settles", found="none")


def _check_auctions(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    bids: dict[str, list[tuple[str, Envelope, tuple[object, ...]]]] = defaultdict(list)
    for auction, number, price_fen, quantity_t, void_reason, awarded_t, *placed in rows.stream(connection, _BIDS):
        bids[auction].append((number, Envelope(*placed), (price_fen, quantity_t, void_reason, awarded_t)))
    for *facts, floor, price in rows.stream(connection, _AUCTIONS):
        auction = _Auction(*facts)
        traces.check({"floor": floor}, "floor", subject=auction.number, stored=auction.floor_fen, report=report)
        if price is not None:
            traces.check({"price": price}, "price", subject=auction.number, stored=auction.price_fen, report=report)
        _check_auction(auction, bids[auction.number], report)


# Envelopes opened again; price before time, one price for all: that of the lowest bid that got anything.
def _check_auction(
    auction: _Auction, bids: list[tuple[str, Envelope, tuple[object, ...]]], report: AuditReport
) -> None:
    if not sealed.is_key_of(auction.opened_with, auction.opening_key):
        report.compare("auction", auction.number, expected="the key announced", found=auction.opened_with)
        return
    cleared = sealed.clear(
        auction.number,
        [envelope for _, envelope, _ in bids],
        secret=auction.opened_with,
        offer=auction.offer,
    )
    for number, envelope, stored in bids:
        due = cleared.bids[envelope.seq]
        expected_bid = (due.price_fen, due.quantity_t, due.void_reason, due.awarded_t)
        report.compare("auction", number, expected=expected_bid, found=stored)
    expected = (cleared.price_fen, cleared.sold_t, cleared.unsold_t, cleared.demand_t, cleared.bidders)
    found = (auction.price_fen, auction.sold_t, auction.unsold_t, auction.demand_t, auction.bidders)
    report.compare("proceeds", auction.number, expected=cleared.proceeds_fen, found=auction.proceeds_fen)
    report.compare("auction", auction.number, expected=expected, found=found)


# What an auction offered was issued for it, and what nobody bought left its account, each once.
def _check_offers(connection: psycopg.Connection[Any], issued: _Legs, returned: _Legs, report: AuditReport) -> None:
    subjects = dict(rows.stream(connection, _SUBJECTS))
    found = {True: _by_subject(issued, subjects), False: _by_subject(returned, subjects)}
    for number, asset, issued_t, unsold_t in rows.stream(connection, _OFFERS):
        for is_issue, tonnes in ((True, issued_t), (False, unsold_t)):
            expected = {(asset, str(tonnes))} if tonnes else set()
            name = "offer" if is_issue else "unsold"
            report.compare(name, number, expected=sorted(expected), found=sorted(found[is_issue].pop(number, [])))
    for is_issue, rest in found.items():
        for subject in rest:
            report.compare("offer" if is_issue else "unsold", subject, expected="an auction", found="none")
    has_moves = rows.exists(connection, "compliance_reservemove")
    for asset, kept_t, there_t in rows.stream(
        connection, _KEPT.replace("-- moves", _RESERVE_MOVES if has_moves else "")
    ):
        report.compare("carried", asset, expected=kept_t, found=there_t)


def _by_subject(moved: _Legs, subjects: dict[str, str]) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for transfer, legs in moved.items():
        found[subjects[transfer]] += [(asset, quantity) for _, _, asset, quantity in legs.elements()]
    return found


# Every open order, standing proposal, standing bid and standing request to an intervention is reserved in full, orders
# of one account and asset together, and nothing else is held for the market. What a buyer has reserved on top of the
# amount is the fee. What a court or the authority took away is reserved no longer; of a reserve it may be a part, until
# the market has voided the orders that rested on it.
def _check_holds(connection: psycopg.Connection[Any], report: AuditReport) -> None:
    has_requests = rows.exists(connection, "compliance_interventionrequest")
    wanted = _RESERVED.replace("-- requests", _REQUESTED if has_requests else "")
    for number, hold, *expected, account, asset, remaining, is_buy in rows.stream(connection, wanted):
        place, needed = tuple(expected[:2]), expected[2]
        is_enough = remaining is not None and (remaining == needed or (is_buy and remaining > needed))
        if place != (account, asset) or not is_enough:
            subject = number or f"hold {hold}"
            report.compare("reserved", subject, expected=(*place, needed), found=(account, asset, remaining))
        else:
            report.count("reserved")


def _counted(legs: Iterable[tuple[str, str, str, int]]) -> Counter[tuple[str, ...]]:
    return Counter((debit, credit, asset, str(quantity)) for debit, credit, asset, quantity in legs)


def _listed(legs: Counter[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return sorted(legs.elements())


_MOVED = """
SELECT transfer.type, transfer.number,
       CASE WHEN debit.organisation_id IS NULL THEN debit.type ELSE debit.number END,
       CASE WHEN credit.organisation_id IS NULL THEN credit.type ELSE credit.number END,
       CASE WHEN asset.kind = 'CASH' THEN asset.kind ELSE asset.code END, posting.quantity
FROM registry_transfer AS transfer
JOIN registry_posting AS posting ON posting.transfer_id = transfer.id
JOIN registry_account AS debit ON debit.id = posting.debit_account_id
JOIN registry_account AS credit ON credit.id = posting.credit_account_id
JOIN registry_asset AS asset ON asset.id = posting.asset_id
WHERE transfer.type IN ('DELIVER_TRADE', 'BUST_TRADE', 'DELIVER_AUCTION', 'ISSUE_TO_AUCTION', 'RETURN_UNSOLD')
"""
_SUBJECTS = """
SELECT number, subject FROM registry_transfer WHERE type IN ('ISSUE_TO_AUCTION', 'RETURN_UNSOLD')
"""
_TRADES = """
SELECT trade.number, trade.transfer, trade.asset, trade.price_fen_per_t, trade.quantity_t, trade.buyer_fee_fen,
       trade.seller_fee_fen, buy.unit_account, buy.cash_account, buy.price_fen_per_t,
       sell.unit_account, sell.cash_account, sell.price_fen_per_t, buy.number, sell.number
FROM market_trade AS trade
JOIN market_order AS buy ON buy.id = trade.buy_order_id
JOIN market_order AS sell ON sell.id = trade.sell_order_id
UNION ALL
SELECT number, transfer, asset, price_fen_per_t, quantity_t, buyer_fee_fen, seller_fee_fen,
       CASE WHEN side = 'BUY' THEN unit_account ELSE taker_unit_account END,
       CASE WHEN side = 'BUY' THEN cash_account ELSE taker_cash_account END,
       coalesce(high_fen_per_t, price_fen_per_t),
       CASE WHEN side = 'BUY' THEN taker_unit_account ELSE unit_account END,
       CASE WHEN side = 'BUY' THEN taker_cash_account ELSE cash_account END,
       coalesce(low_fen_per_t, price_fen_per_t), NULL, NULL
FROM market_deal WHERE state = 'SETTLED' OR transfer <> ''
"""
# In the order of the log; what came with a batch is in its lines.
_TOLD = """
SELECT coalesce(batch.lines, leaf.payload)
FROM journal_leaf AS leaf
LEFT JOIN market_batch AS batch ON batch.leaf_hash = encode(leaf.leaf_hash, 'hex')
WHERE leaf.kind IN ('market.batch.done', 'market.order.accepted', 'market.order.amended', 'market.trade.made')
ORDER BY leaf.id
"""
_ORDERS = """
WITH made AS (
    SELECT side.order_id, trade.quantity_t, trade.price_fen_per_t * trade.quantity_t AS amount_fen, side.fee_fen
    FROM market_trade AS trade
    CROSS JOIN LATERAL (
        VALUES (buy_order_id, buyer_fee_fen), (sell_order_id, seller_fee_fen)
    ) AS side (order_id, fee_fen)
    WHERE NOT EXISTS (SELECT FROM market_bust AS bust WHERE bust.replacement_id = trade.id)
), sums AS (
    SELECT order_id, sum(quantity_t)::bigint AS filled_t, sum(amount_fen)::bigint AS turnover_fen,
           sum(fee_fen)::bigint AS fee_fen
    FROM made GROUP BY order_id
)
SELECT placed.number, coalesce(sums.filled_t, 0), coalesce(sums.turnover_fen, 0), coalesce(sums.fee_fen, 0),
       placed.filled_t, placed.turnover_fen, placed.fee_fen
FROM market_order AS placed LEFT JOIN sums ON sums.order_id = placed.id
"""
_CLOSES = """
SELECT instrument.code, closed.day, closed.close_fen_per_t, closed.trace, count(trade.id)::int,
       coalesce(sum(trade.quantity_t), 0)::bigint, coalesce(sum(trade.quantity_t * trade.price_fen_per_t), 0)::bigint,
       closed.trades, closed.volume_t, closed.turnover_fen
FROM market_dayclose AS closed
JOIN market_instrument AS instrument ON instrument.id = closed.instrument_id
LEFT JOIN market_trade AS trade ON trade.instrument_id = closed.instrument_id AND trade.trading_on = closed.day
    AND NOT EXISTS (SELECT FROM market_bust AS bust WHERE bust.trade_id = trade.id)
GROUP BY closed.id, instrument.code
"""
_AWARDS = """
SELECT bid.number, auction.number, bid.transfer, bid.awarded_t,
       CASE WHEN auction.pricing = 'PAY_AS_BID' THEN bid.price_fen_per_t ELSE coalesce(auction.price_fen_per_t, 0) END,
       auction.asset, bid.unit_account, bid.cash_account
FROM market_bid AS bid JOIN market_auction AS auction ON auction.id = bid.auction_id
WHERE bid.awarded_t > 0 OR bid.transfer <> ''
"""
_BIDS = """
SELECT auction.number, bid.number, bid.price_fen_per_t, bid.quantity_t, bid.void_reason, bid.awarded_t, bid.seq,
       bid.bidder_seq, bid.group_seq, bid.mark, bid.deposit_fen, bid.limit_t, bid.group_limit_t, bid.envelope,
       bid.hold NOT IN (SELECT number FROM registry_hold WHERE state = 'OVERRIDDEN')
FROM market_bid AS bid JOIN market_auction AS auction ON auction.id = bid.auction_id
WHERE bid.state <> 'WITHDRAWN' AND auction.cleared_at IS NOT NULL
"""
_AUCTIONS = """
SELECT number, quantity_t, floor_price_fen_per_t, price_fen_per_t, sold_t, unsold_t, demand_t, bidders, opening_key,
       opened_with, shortage, tie_break, bidders_min, bid_t_min, pricing, coalesce(proceeds_fen, 0),
       floor_trace, price_trace
FROM market_auction WHERE cleared_at IS NOT NULL
"""
_OFFERS = """
SELECT number, asset, quantity_t - carried_t,
       CASE WHEN unsold_rule = 'NEXT_AUCTION' THEN 0 ELSE coalesce(unsold_t, 0) END
FROM market_auction
"""
# What is offered now, what nobody bought and no later auction has taken, and what came from the reserve to be auctioned
# or went back into it, by asset beside the accounts of auctions.
_KEPT = """
SELECT asset, sum(kept_t)::bigint, sum(there_t)::bigint
FROM (
    SELECT asset,
           CASE WHEN cleared_at IS NULL AND cancelled_at IS NULL THEN quantity_t
                WHEN unsold_rule = 'NEXT_AUCTION' THEN unsold_t ELSE 0 END - carried_t AS kept_t, 0 AS there_t
    FROM market_auction
    -- moves
    UNION ALL
    SELECT asset.code, 0, balance.total
    FROM registry_balance AS balance
    JOIN registry_account AS account ON account.id = balance.account_id AND account.type = 'AUCTION'
    JOIN registry_asset AS asset ON asset.id = balance.asset_id
) AS told
GROUP BY asset
"""
_RESERVE_MOVES = """
    UNION ALL
    SELECT asset, CASE WHEN kind = 'RELEASE' THEN quantity_t ELSE -quantity_t END, 0 FROM compliance_reservemove
"""
_REQUESTED = """
    UNION ALL
    SELECT request.number, hold,
           CASE WHEN intervention.kind = 'BUY_BACK' THEN unit_account ELSE cash_account END,
           CASE WHEN intervention.kind = 'BUY_BACK' THEN request.asset ELSE 'CASH' END,
           CASE WHEN intervention.kind = 'BUY_BACK' THEN 1 ELSE request.price_fen_per_t END * request.quantity_t, FALSE
    FROM compliance_interventionrequest AS request
    JOIN compliance_intervention AS intervention ON intervention.id = request.intervention_id
    WHERE request.state = 'STANDING' AND hold NOT IN (SELECT number FROM overridden)
"""
_RESERVED = """
WITH overridden AS (
    SELECT number FROM registry_hold WHERE state = 'OVERRIDDEN'
), wanted AS (
    SELECT number, hold, CASE WHEN side = 'BUY' THEN cash_account ELSE unit_account END AS account,
           CASE WHEN side = 'BUY' THEN 'CASH' ELSE asset END AS asset,
           (quantity_t - filled_t) * CASE WHEN side = 'BUY' THEN price_fen_per_t ELSE 1 END AS needed,
           side = 'BUY' AS is_buy
    FROM market_order WHERE state = 'OPEN' AND hold NOT IN (SELECT number FROM overridden)
    UNION ALL
    SELECT number, hold, CASE WHEN side = 'BUY' THEN cash_account ELSE unit_account END,
           CASE WHEN side = 'BUY' THEN 'CASH' ELSE asset END,
           quantity_t * CASE WHEN side = 'BUY' THEN price_fen_per_t ELSE 1 END, side = 'BUY'
    FROM market_deal WHERE state = 'PROPOSED' AND hold NOT IN (SELECT number FROM overridden)
    UNION ALL
    SELECT number, hold, unit_account, asset, quantity_t, FALSE
    FROM market_sale WHERE state IN ('OFFERED', 'ANNOUNCED') AND hold NOT IN (SELECT number FROM overridden)
    UNION ALL
    SELECT number, hold, cash_account, 'CASH', deposit_fen, FALSE
    FROM market_bid WHERE state = 'STANDING' AND hold NOT IN (SELECT number FROM overridden)
    -- requests
), needed AS (
    SELECT min(number) AS number, hold, account, asset, sum(needed)::bigint AS needed, bool_or(is_buy) AS is_buy
    FROM wanted GROUP BY hold, account, asset
), held AS (
    SELECT hold.number, account.number AS account, hold.remaining + hold.given_way AS remaining,
           CASE WHEN asset.kind = 'CASH' THEN asset.kind ELSE asset.code END AS asset
    FROM registry_hold AS hold
    JOIN registry_account AS account ON account.id = hold.account_id
    JOIN registry_asset AS asset ON asset.id = hold.asset_id
    WHERE hold.state = 'ACTIVE' AND hold.reason IN ('ORDER', 'BID')
)
SELECT needed.number, coalesce(needed.hold, held.number), needed.account, needed.asset, needed.needed,
       held.account, held.asset, held.remaining, coalesce(needed.is_buy, FALSE)
FROM needed FULL JOIN held ON held.number = needed.hold
"""

_FOREIGN_ORDERS = """
SELECT placed.number, placed.organisation, own.uscc, EXISTS (
    SELECT FROM market_client AS client WHERE client.member = own.uscc AND client.client = placed.organisation
    AND client.agreed_at <= placed.at
)
FROM market_order AS placed
JOIN members_person AS person ON person.number = placed.person
JOIN members_organisation AS own ON own.id = person.organisation_id
WHERE own.uscc <> placed.organisation ORDER BY placed.id
"""
