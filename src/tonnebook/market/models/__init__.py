"""The rows of the market, one file per idea."""

from tonnebook.market.models.auctions import Auction, AuctionPaper, Bid, KeyShare
from tonnebook.market.models.busts import Bust
from tonnebook.market.models.clients import Client
from tonnebook.market.models.commands import Batch, BookMark, Command, EngineLease, Watch
from tonnebook.market.models.days import ClosingStep, DayBreak, MemberNet
from tonnebook.market.models.deals import Deal
from tonnebook.market.models.exemptions import Exemption
from tonnebook.market.models.indications import Indication
from tonnebook.market.models.listed import DayClose, Instrument, Order, Trade
from tonnebook.market.models.one_way import Sale
from tonnebook.market.models.opening import OpeningCall
from tonnebook.market.models.papers import Invoice
from tonnebook.market.models.proceeds import PaymentNotice, TreasuryReceipt, UseOfProceeds
from tonnebook.market.models.quotes import DayBar
from tonnebook.market.models.supervision import Admission, Halt, HoldingReport, Stop

__all__ = [
    "Admission",
    "Auction",
    "AuctionPaper",
    "Batch",
    "Bid",
    "BookMark",
    "Bust",
    "Client",
    "ClosingStep",
    "Command",
    "DayBar",
    "DayBreak",
    "DayClose",
    "Deal",
    "EngineLease",
    "Exemption",
    "Halt",
    "HoldingReport",
    "Indication",
    "Instrument",
    "Invoice",
    "KeyShare",
    "MemberNet",
    "OpeningCall",
    "Order",
    "PaymentNotice",
    "Sale",
    "Stop",
    "Trade",
    "TreasuryReceipt",
    "UseOfProceeds",
    "Watch",
]
