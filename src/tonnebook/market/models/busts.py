"""The rows of trades that were taken back: each names its trade, and the trade in its place if there is one."""

from django.db import models

from tonnebook.core.busts import BustGround
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly
from tonnebook.market.models.listed import Trade


class Bust(InsertOnly, Book):
    """One trade taken back by two people: on what ground, by which transfer, and which trade replaces it."""

    tenancy_rule = tenancy.Shared("which trades were taken back is published with the tape", is_public=True)

    number = models.CharField(max_length=40, unique=True)
    trade = models.OneToOneField(Trade, models.PROTECT, related_name="bust")
    # The trade at the right price or quantity; null when there is none.
    replacement = models.OneToOneField(Trade, models.PROTECT, null=True, related_name="corrects")
    ground = models.CharField(max_length=16, choices=[(ground.value, ground.value) for ground in BustGround])
    transfer = models.CharField(max_length=40)
    initiator = models.CharField(max_length=40)
    approver = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(initiator=models.F("approver")), name="market_bust_two_people"),
            models.CheckConstraint(
                condition=models.Q(replacement=None) | ~models.Q(replacement=models.F("trade")),
                name="market_bust_replaced_by_another",
            ),
        ]
