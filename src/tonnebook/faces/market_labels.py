"""What people read for the codes of the market: orders, phases of a day, auctions and bids."""

from django.utils.translation import gettext_noop

MARKET_LABELS: dict[str, dict[str, str]] = {
    "Side": {"BUY": gettext_noop("buy"), "SELL": gettext_noop("sell")},
    "OrderState": {
        "OPEN": gettext_noop("open"),
        "FILLED": gettext_noop("filled"),
        "CANCELLED": gettext_noop("withdrawn"),
        "EXPIRED": gettext_noop("expired at the close"),
    },
    "Phase": {
        "PRE_OPEN": gettext_noop("before the opening"),
        "CALL": gettext_noop("opening call"),
        "CONTINUOUS": gettext_noop("in session"),
        "BREAK": gettext_noop("break"),
        "CLOSED": gettext_noop("closed"),
        "HALTED": gettext_noop("halted"),
    },
    "ParticipantClass": {
        "COVERED": gettext_noop("covered entity"),
        "INSTITUTION": gettext_noop("institution"),
        "BANK": gettext_noop("bank"),
        "NATURAL_PERSON": gettext_noop("natural person"),
        "FOREIGN": gettext_noop("foreign investor"),
    },
    "AdmissionState": {
        "ASKED": gettext_noop("asked for"),
        "ADMITTED": gettext_noop("admitted"),
        "SUSPENDED": gettext_noop("suspended"),
        "REFUSED": gettext_noop("refused"),
        "ENDED": gettext_noop("ended"),
    },
    "SuitabilityQuestion": {
        "KNOWS_THE_RULES": gettext_noop("We have read the rules of the exchange and know them."),
        "BEARS_THE_RISK": gettext_noop("We understand the risks of trading and can bear the losses."),
        "OWN_MONEY": gettext_noop("We trade with our own money, and its origin is lawful."),
        "TRAINED_STAFF": gettext_noop("Those who trade for us have been trained for it."),
        "NO_BARRED_PEOPLE": gettext_noop("Nobody who must not trade stands behind us or acts for us."),
    },
    "HaltGround": {
        "STAFF": gettext_noop("by the exchange"),
        "BREAKER": gettext_noop("by the circuit breaker"),
    },
    "DealState": {
        "PROPOSED": gettext_noop("proposed"),
        "SETTLED": gettext_noop("agreed and settled"),
        "ANSWERED": gettext_noop("answered by another proposal"),
        "DECLINED": gettext_noop("declined"),
        "WITHDRAWN": gettext_noop("withdrawn by who proposed it"),
        "EXPIRED": gettext_noop("nobody accepted it by the close"),
        "VOID": gettext_noop("void: its reserve was taken"),
    },
    "AuctionKind": {
        "EARLY": gettext_noop("early auction"),
        "LAST_RESORT": gettext_noop("last-resort auction before the surrender deadline"),
    },
    "AuctionState": {
        "ANNOUNCED": gettext_noop("announced"),
        "OPEN": gettext_noop("takes bids"),
        "CLOSED": gettext_noop("closed, not yet cleared"),
        "CLEARED": gettext_noop("cleared"),
        "CANCELLED": gettext_noop("cancelled"),
    },
    "BidState": {
        "STANDING": gettext_noop("standing"),
        "WITHDRAWN": gettext_noop("withdrawn by the bidder"),
        "FILLED": gettext_noop("awarded in full"),
        "PARTLY_FILLED": gettext_noop("awarded in part"),
        "UNFILLED": gettext_noop("not awarded"),
        "VOID": gettext_noop("void"),
        "CANCELLED": gettext_noop("set free: the auction was cancelled"),
    },
    "VoidReason": {
        "RESERVE_LOST": gettext_noop("its reserve was taken"),
        "UNREADABLE": gettext_noop("its envelope does not open"),
        "BELOW_FLOOR": gettext_noop("below the floor price"),
        "BELOW_SIZE": gettext_noop("below the smallest quantity"),
        "ABOVE_DEPOSIT": gettext_noop("above its deposit"),
        "ABOVE_LIMIT": gettext_noop("above the bidder's limit"),
        "ABOVE_GROUP_LIMIT": gettext_noop("above the limit of the bidder's group"),
    },
}
