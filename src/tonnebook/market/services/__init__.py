"""What may be done on the market: open it, place and cancel orders, trade by agreement, hold auctions, close the day.

All of these are commands. While a book changes, the rows of all instruments of its region are locked: one writer per
market. Balances are locked after that, by the registry. `lock_market` is for a room that changes what auctions offer.
"""

from tonnebook.market.services.admissions import ask_admission, decide_admission
from tonnebook.market.services.auction_papers import issue_auction_paper
from tonnebook.market.services.auctions import (
    announce_auction,
    count_bids,
    hand_in_share,
)
from tonnebook.market.services.bids import place_bid, withdraw_bid
from tonnebook.market.services.busts import bust_trade, check_bust, correct_trade
from tonnebook.market.services.checks import check_order
from tonnebook.market.services.clients import acting_for, agree_client, ask_client, end_client
from tonnebook.market.services.commands import only_answer, outcome, send_orders
from tonnebook.market.services.days import close_day
from tonnebook.market.services.deals import accept_deal, decline_deal, propose_deal, withdraw_deal
from tonnebook.market.services.endings import cancel_auction, close_auction
from tonnebook.market.services.exemptions import check_exemption, end_exemption, exempt_holder
from tonnebook.market.services.indications import give_indication, withdraw_indication
from tonnebook.market.services.instruments import accounts_of, open_instruments
from tonnebook.market.services.listed_agreement import take_order
from tonnebook.market.services.locks import lock_market
from tonnebook.market.services.one_way import (
    announce_sale,
    bid_in_sale,
    clear_sale,
    decline_sale,
    offer_sale,
    withdraw_sale,
)
from tonnebook.market.services.opening import turn_phases
from tonnebook.market.services.orders import amend_order, cancel_order, place_order
from tonnebook.market.services.papers import issue_invoice, issue_slip
from tonnebook.market.services.phases import halt, resume
from tonnebook.market.services.proceeds import record_receipts, state_use
from tonnebook.market.services.reconciliation import explain_break, resolve_break
from tonnebook.market.services.supervision import allow_trading, report_holding, stop_trading
from tonnebook.market.services.watches import end_watch, keep_watch

__all__ = [
    "accept_deal",
    "accounts_of",
    "acting_for",
    "agree_client",
    "allow_trading",
    "amend_order",
    "announce_auction",
    "announce_sale",
    "ask_admission",
    "ask_client",
    "bid_in_sale",
    "bust_trade",
    "cancel_auction",
    "cancel_order",
    "check_bust",
    "check_exemption",
    "check_order",
    "clear_sale",
    "close_auction",
    "close_day",
    "correct_trade",
    "count_bids",
    "decide_admission",
    "decline_deal",
    "decline_sale",
    "end_client",
    "end_exemption",
    "end_watch",
    "exempt_holder",
    "explain_break",
    "give_indication",
    "halt",
    "hand_in_share",
    "issue_auction_paper",
    "issue_invoice",
    "issue_slip",
    "keep_watch",
    "lock_market",
    "offer_sale",
    "only_answer",
    "open_instruments",
    "outcome",
    "place_bid",
    "place_order",
    "propose_deal",
    "record_receipts",
    "report_holding",
    "resolve_break",
    "resume",
    "send_orders",
    "state_use",
    "stop_trading",
    "take_order",
    "turn_phases",
    "withdraw_bid",
    "withdraw_deal",
    "withdraw_indication",
    "withdraw_sale",
]
