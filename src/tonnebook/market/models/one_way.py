"""The rows of one-way auctions: lots that holders offer, and when bids for them are taken. A bid is a row of deals."""

from django.db import models

from tonnebook.core.one_way import Pricing, SaleState
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book
from tonnebook.market.models.listed import Instrument


class Sale(Book):
    """A lot offered in a one-way auction, what reserves it, and what came of it."""

    tenancy_rule = tenancy.Tenant(
        "organisation {mine}", "instrument_id IN (SELECT id FROM market_instrument WHERE region = {region})"
    )

    number = models.CharField(max_length=40, unique=True)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    organisation = models.CharField(max_length=18)
    person = models.CharField(max_length=40)
    unit_account = models.CharField(max_length=40)
    cash_account = models.CharField(max_length=40)
    hold = models.CharField(max_length=40)
    asset = models.CharField(max_length=40)
    quantity_t = models.BigIntegerField()
    floor_drop = models.DecimalField(max_digits=6, decimal_places=4)
    pricing = models.CharField(max_length=23, choices=[(one.value, one.value) for one in Pricing])
    state = models.CharField(
        max_length=9, default=SaleState.OFFERED, choices=[(one.value, one.value) for one in SaleState]
    )
    offered_at = models.DateTimeField()
    # Why the exchange declined it.
    reason = models.CharField(max_length=500, blank=True)
    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    # Floor and highest bid, by the close before the day; null until the first bid.
    low_fen_per_t = models.BigIntegerField(null=True)
    high_fen_per_t = models.BigIntegerField(null=True)
    bids = models.IntegerField(default=0)
    sold_t = models.BigIntegerField(null=True)
    transfer = models.CharField(max_length=40, blank=True)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity_t__gt=0)
                & (models.Q(sold_t=None) | models.Q(sold_t__gte=0, sold_t__lte=models.F("quantity_t"))),
                name="market_sale_within",
            ),
            models.CheckConstraint(
                condition=models.Q(opens_at=None, closes_at=None) | models.Q(opens_at__lt=models.F("closes_at")),
                name="market_sale_window",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="CLEARED") | models.Q(sold_t__isnull=False, cleared_at__isnull=False),
                name="market_sale_cleared",
            ),
        ]
        indexes = [models.Index(fields=["instrument", "state"], name="market_sale_state")]
