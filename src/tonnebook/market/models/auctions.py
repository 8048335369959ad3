"""The rows of paid auctions: announcements with their results, shares of the opening key, sealed bids.

Who gets what is decided in `core.auction`.
"""

from django.db import models

from tonnebook.core import sealed_bids
from tonnebook.core.auction import BidState, Unsold
from tonnebook.core.awards import Pricing
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class Auction(Book):
    """A paid allowance auction as announced, and its result once cleared."""

    tenancy_rule = tenancy.Shared("announcements and results are published", is_public=True)

    number = models.CharField(max_length=40, unique=True)
    region = models.CharField(max_length=20)
    kind = models.CharField(max_length=11)
    year = models.IntegerField()
    asset = models.CharField(max_length=40)
    quantity_t = models.BigIntegerField()
    floor_price_fen_per_t = models.BigIntegerField()
    floor_trace = models.JSONField()
    rules_digest = models.CharField(max_length=64)
    # How it is cleared, by the rules of its day.
    shortage = models.CharField(max_length=21)
    tie_break = models.CharField(max_length=8)
    bidders_min = models.IntegerField()
    bid_t_min = models.BigIntegerField()
    pricing = models.CharField(max_length=23, default=Pricing.UNIFORM_LOWEST_ACCEPTED)
    # What becomes of what nobody buys, and how much of the offer earlier auctions had left, tonnes.
    unsold_rule = models.CharField(max_length=12, default=Unsold.RETURN)
    carried_t = models.BigIntegerField(default=0)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    announced_at = models.DateTimeField()
    receipt = models.CharField(max_length=64)
    # What bidders encrypt to; its secret comes together from the officers' shares after the close, and is published.
    opening_key = models.CharField(max_length=64)
    opened_with = models.CharField(max_length=64, blank=True, default="")
    # Leaf that says after the close how many bids there are, and size of the first checkpoint over it and all of them;
    # set before any share is taken.
    count_receipt = models.CharField(max_length=64, blank=True, default="")
    sealed_size = models.BigIntegerField(null=True)
    shares = models.IntegerField(default=0)
    bid_seq = models.BigIntegerField(default=0)
    cleared_at = models.DateTimeField(null=True)
    price_fen_per_t = models.BigIntegerField(null=True)
    price_trace = models.JSONField(null=True)
    sold_t = models.BigIntegerField(null=True)
    unsold_t = models.BigIntegerField(null=True)
    demand_t = models.BigIntegerField(null=True)
    bidders = models.IntegerField(null=True)
    proceeds_fen = models.BigIntegerField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancel_reason = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity_t__gt=0, opens_at__lt=models.F("closes_at")), name="market_auction_proper"
            ),
            models.CheckConstraint(
                condition=models.Q(cleared_at__isnull=True)
                | models.Q(quantity_t=models.F("sold_t") + models.F("unsold_t")),
                name="market_auction_sold_out",
            ),
            models.CheckConstraint(
                condition=models.Q(cancelled_at__isnull=True) | models.Q(cleared_at__isnull=True),
                name="market_auction_one_end",
            ),
            models.CheckConstraint(
                condition=models.Q(carried_t__gte=0, carried_t__lte=models.F("quantity_t")),
                name="market_auction_carried",
            ),
        ]
        indexes = [models.Index(fields=["region", "opens_at"], name="market_auction_region")]


class AuctionPaper(InsertOnly, Book):
    """A published paper of an auction: the authority's announcement, the exchange's notice, or the result."""

    tenancy_rule = tenancy.Shared("announcements and results are published", is_public=True)

    auction = models.ForeignKey(Auction, models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=18)
    paper = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["auction", "kind"], name="market_paper_one_each")]


class KeyShare(InsertOnly, Book):
    """A share of an auction's secret key, in words, handed in by an officer after the close."""

    tenancy_rule = tenancy.Tenant(region="auction_id IN (SELECT id FROM market_auction WHERE region = {region})")

    auction = models.ForeignKey(Auction, models.PROTECT, related_name="+")
    person = models.CharField(max_length=40)
    words = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["auction", "person"], name="market_share_one_each"),
            models.UniqueConstraint(fields=["auction", "words"], name="market_share_once"),
        ]


class Bid(Book):
    """A sealed bid in an auction; nobody reads what is in its envelope before the auction is opened."""

    tenancy_rule = tenancy.Tenant(
        "organisation {mine}", "auction_id IN (SELECT id FROM market_auction WHERE region = {region})"
    )

    number = models.CharField(max_length=40, unique=True)
    auction = models.ForeignKey(Auction, models.PROTECT, related_name="+")
    seq = models.BigIntegerField()
    organisation = models.CharField(max_length=18)
    person = models.CharField(max_length=40)
    unit_account = models.CharField(max_length=40)
    cash_account = models.CharField(max_length=40)
    mark = models.CharField(max_length=32)
    envelope = models.BinaryField(max_length=sealed_bids.ENVELOPE_BYTES)
    # Set aside until the auction is cleared: the most this bid can cost.
    deposit_fen = models.BigIntegerField()
    # Most the bidder could ask for in this auction when it bid, tonnes; null without limit.
    limit_t = models.BigIntegerField(null=True)
    # Numbers of the first bid of the bidder and of its group in this auction: labels that name nobody.
    bidder_seq = models.BigIntegerField()
    group_seq = models.BigIntegerField()
    group_limit_t = models.BigIntegerField(null=True)
    receipt = models.CharField(max_length=64)
    withdrawal = models.CharField(max_length=64, blank=True, default="")
    # What was in the envelope; null before it is opened, and for ever where it does not open.
    price_fen_per_t = models.BigIntegerField(null=True)
    quantity_t = models.BigIntegerField(null=True)
    void_reason = models.CharField(max_length=17, blank=True, default="")
    awarded_t = models.BigIntegerField(default=0)
    state = models.CharField(max_length=13, default=BidState.STANDING)
    hold = models.CharField(max_length=40)
    transfer = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["auction", "seq"], name="market_bid_seq"),
            models.UniqueConstraint(fields=["auction", "mark"], name="market_bid_mark"),
            models.CheckConstraint(
                condition=models.Q(awarded_t=0)
                | models.Q(price_fen_per_t__gt=0, awarded_t__gt=0, awarded_t__lte=models.F("quantity_t")),
                name="market_bid_within",
            ),
            models.CheckConstraint(condition=models.Q(deposit_fen__gt=0), name="market_bid_deposit"),
        ]
        indexes = [models.Index(fields=["organisation", "-at"], name="market_bid_of_organisation")]
