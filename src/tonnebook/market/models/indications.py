"""The rows of the board of surplus and shortfall."""

from django.db import models

from tonnebook.core.indications import Audience, IndicationState
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book
from tonnebook.market.models.listed import Instrument


class Indication(Book):
    """What somebody has to spare or looks for; it reserves nothing and names no price."""

    tenancy_rule = tenancy.Tenant(
        "organisation {mine}", "instrument_id IN (SELECT id FROM market_instrument WHERE region = {region})"
    )

    number = models.CharField(max_length=40, unique=True)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    # SELL for a surplus, BUY for a shortfall.
    side = models.CharField(max_length=4)
    organisation = models.CharField(max_length=18)
    person = models.CharField(max_length=40)
    quantity_t = models.BigIntegerField()
    # Compliance year of the units; null for any.
    vintage = models.IntegerField(null=True)
    audience = models.CharField(max_length=7, choices=[(one.value, one.value) for one in Audience])
    until_on = models.DateField()
    state = models.CharField(
        max_length=9, default=IndicationState.STANDING, choices=[(one.value, one.value) for one in IndicationState]
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity_t__gt=0), name="market_indication_positive"),
            models.UniqueConstraint(
                fields=["instrument", "organisation", "side"],
                condition=models.Q(state="STANDING"),
                name="market_indication_one",
            ),
        ]
        indexes = [models.Index(fields=["instrument", "state", "until_on"], name="market_indication_board")]
