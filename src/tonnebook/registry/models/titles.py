"""The rows of titles: how the holder of an account came by its units."""

from django.db import models

from tonnebook.journal import tenancy
from tonnebook.journal.models import Book
from tonnebook.registry.models.books import Account, Asset


class Lot(Book):
    """Tonnes of an account acquired with one title on one day at one price.

    The lots of an account and asset add up to its balance; the lock of the balance guards them.
    """

    tenancy_rule = tenancy.account_rows("account_id")

    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    asset = models.ForeignKey(Asset, models.PROTECT, related_name="+")
    title = models.CharField(max_length=16)
    acquired_on = models.DateField()
    price_fen_per_t = models.BigIntegerField(null=True)
    quantity_t = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "asset", "title", "acquired_on", "price_fen_per_t"],
                nulls_distinct=False,
                name="registry_lot_once",
            ),
            models.CheckConstraint(condition=models.Q(quantity_t__gt=0), name="registry_lot_positive"),
        ]
