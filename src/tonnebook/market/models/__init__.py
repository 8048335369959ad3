"""The rows of the market, one file per idea."""

from tonnebook.market.models.auctions import Auction, Bid, KeyShare
from tonnebook.market.models.deals import Deal
from tonnebook.market.models.listed import DayClose, Instrument, Order, Trade
from tonnebook.market.models.quotes import DayBar
from tonnebook.market.models.supervision import Halt, Stop

__all__ = ["Auction", "Bid", "DayBar", "DayClose", "Deal", "Halt", "Instrument", "KeyShare", "Order", "Stop", "Trade"]
