"""Tell the programs of members what became of their orders, trades, bids and proposals; they leave after commit."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from tonnebook.core.notices import NoticeKind
from tonnebook.core.webhooks import MessageDraft, MessageKind
from tonnebook.market.models import Bust, Deal, Order
from tonnebook.market.services.closing_bids import ClosingBid
from tonnebook.market.services.live import LiveOrder, LiveTrade
from tonnebook.members import services as members


def tell_of_orders(orders: Iterable[Order | LiveOrder], trades: Sequence[LiveTrade], *, now: datetime) -> None:
    """Tell of orders that were placed or changed, and of the trades between them.

    Args:
        orders: as they are now.
        trades: in the order in which they were made, with the orders that made them.
        now: when.

    Source: design choice, no legal source.
    """
    changed = list(orders)
    owners = {order.organisation for order in changed}
    owners |= {order.organisation for trade in trades for order in (trade.buy_order, trade.sell_order)}
    asking = members.organisations_told(owners)
    if not asking:
        return
    drafts = [
        MessageDraft(order.organisation, MessageKind.TRADE_MADE, _traded(trade, order))
        for trade in trades
        for order in (trade.buy_order, trade.sell_order)
        if order.organisation in asking
    ]
    drafts += [
        MessageDraft(order.organisation, MessageKind.ORDER_CHANGED, _ordered(order))
        for order in changed
        if order.organisation in asking
    ]
    members.tell_programs(drafts, now=now)


def tell_of_bust(bust: Bust, *, now: datetime) -> None:
    """Tell both parties of a trade that was taken back, people by a notice and programs by a message.

    Args:
        bust: with its trade and what replaces it.
        now: when.

    Source: design choice, no legal source.
    """
    orders = (bust.trade.buy_order, bust.trade.sell_order)
    owners = sorted({order.organisation for order in orders})
    told = {"trade": bust.trade.number}
    members.notify(NoticeKind.TRADE_BUSTED, [members.NoticeDraft(uscc, dict(told)) for uscc in owners], now=now)
    asking = members.organisations_told(owners)
    facts = {"bust": bust.number, "ground": bust.ground, "transfer": bust.transfer, "at": bust.at}
    facts |= {"replacement": bust.replacement.number if bust.replacement else ""}
    drafts = [
        MessageDraft(order.organisation, MessageKind.TRADE_BUSTED, told | {"order": order.number} | facts)
        for order in orders
        if order.organisation in asking
    ]
    members.tell_programs(drafts, now=now)


def tell_of_bids(bids: Sequence[ClosingBid], *, auction: str, now: datetime) -> None:
    """Tell of bids that were decided.

    Args:
        bids: as they are now.
        auction: number.
        now: when.

    Source: design choice, no legal source.
    """
    asking = members.organisations_told({bid.organisation for bid in bids})
    drafts = [
        MessageDraft(bid.organisation, MessageKind.BID_DECIDED, {"auction": auction, **_decided(bid)})
        for bid in bids
        if bid.organisation in asking
    ]
    members.tell_programs(drafts, now=now)


def tell_of_deals(deals: Iterable[Deal], *, now: datetime) -> None:
    """Tell the parties of proposals that were made or decided; of one to everybody, who made it and who accepted it.

    Args:
        deals: as they are now.
        now: when.

    Source: design choice, no legal source.
    """
    parties = [(deal, uscc) for deal in deals for uscc in {deal.organisation, deal.counterparty, deal.taker} if uscc]
    asking = members.organisations_told({uscc for _, uscc in parties})
    drafts = [
        MessageDraft(uscc, MessageKind.DEAL_CHANGED, _negotiated(deal)) for deal, uscc in parties if uscc in asking
    ]
    members.tell_programs(drafts, now=now)


def _negotiated(deal: Deal) -> dict[str, object]:
    return {
        "deal": deal.number,
        "side": deal.side,
        "state": deal.state,
        "price_fen_per_t": deal.price_fen_per_t,
        "quantity_t": deal.quantity_t,
        "reason": deal.reason,
        "transfer": deal.transfer,
    }


def _ordered(order: Order | LiveOrder) -> dict[str, object]:
    return {
        "order": order.number,
        "side": order.side,
        "state": order.state,
        "price_fen_per_t": order.price_fen_per_t,
        "quantity_t": order.quantity_t,
        "filled_t": order.filled_t,
        "turnover_fen": order.turnover_fen,
        "fee_fen": order.fee_fen,
    }


def _traded(trade: LiveTrade, order: LiveOrder) -> dict[str, object]:
    is_buyer = order is trade.buy_order
    return {
        "trade": trade.number,
        "order": order.number,
        "side": order.side,
        "asset": trade.asset,
        "price_fen_per_t": trade.price_fen_per_t,
        "quantity_t": trade.quantity_t,
        "fee_fen": trade.buyer_fee_fen if is_buyer else trade.seller_fee_fen,
        "at": trade.at,
    }


def _decided(bid: ClosingBid) -> dict[str, object]:
    return {
        "bid": bid.number,
        "state": bid.state,
        "price_fen_per_t": bid.price_fen_per_t,
        "quantity_t": bid.quantity_t,
        "awarded_t": bid.awarded_t,
    }
