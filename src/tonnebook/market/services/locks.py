"""The locks of this room: the instruments of a region, together and in order, and a single auction.

They are taken before anything the registry locks (`docs/locking.md`). Whoever locks a market is about to change it:
those who show quotes are told when the change is there.
"""

from django.db import connection

from tonnebook.core.auction import AuctionRefusal
from tonnebook.core.book import MarketRefusal
from tonnebook.core.errors import Refused
from tonnebook.market.models import Auction, Instrument
from tonnebook.market.services import quotes


def lock_region(region: str) -> list[Instrument]:
    """Lock all instruments of a region: one writer per market, because a trader's cash is the same in all of them.

    Args:
        region: region code.

    Returns:
        The locked rows in order of id; empty when the market has not been opened.
    """
    rows = list(Instrument.objects.filter(region=region).select_for_update().order_by("id"))
    if rows:
        quotes.tell_change(region, rows[0].order_seq)
    return rows


def lock_market(code: str) -> list[Instrument]:
    """Lock the market that an instrument belongs to.

    Args:
        code: the instrument that is wanted.

    Returns:
        All instruments of its region, locked, in order of id.

    Raises:
        Refused: NO_SUCH_INSTRUMENT when there is none.
    """
    # The region of an instrument never changes, so it may be looked up by the statement that locks.
    wanted = Instrument.objects.filter(code=code).values("region")
    rows = list(Instrument.objects.filter(region__in=wanted).select_for_update(of=("self",)).order_by("id"))
    if not rows:
        raise Refused(MarketRefusal.NO_SUCH_INSTRUMENT, instrument=code)
    quotes.tell_change(rows[0].region, rows[0].order_seq)
    return rows


def lock_auction_open(number: str) -> Auction:
    """Lock one auction for a bid, and its market against being stopped meanwhile: a stop that is under way comes first.

    Bids wait for whoever locks the market, and not for each other.

    Raises:
        Refused: NO_SUCH_AUCTION when there is none.
    """
    with connection.cursor() as cursor:
        cursor.execute(_STAND_STILL, [number])
    return lock_auction(number)


# The region of an auction never changes, so it may be looked up by the statement that locks.
_STAND_STILL = """
SELECT id FROM market_instrument WHERE region = (SELECT region FROM market_auction WHERE number = %s)
ORDER BY id FOR KEY SHARE
"""


def lock_auction(number: str) -> Auction:
    """Lock one auction.

    Raises:
        Refused: NO_SUCH_AUCTION when there is none.
    """
    row = Auction.objects.select_for_update().filter(number=number).first()
    if row is None:
        raise Refused(AuctionRefusal.NO_SUCH_AUCTION, auction=number)
    return row
