"""Who controls an organisation."""

from django.db import models

from tonnebook.journal import tenancy
from tonnebook.journal.models import Book


class Controller(Book):
    """The last controller of an organisation, registered here or not, from one instant on and until it ends."""

    tenancy_rule = tenancy.Shared("who controls a company stands in the public register of companies")

    organisation = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    controller = models.CharField(max_length=18)
    entered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "members_controller"
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=models.Q(ended_at__isnull=True), name="members_controller_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(controller=models.F("organisation")), name="members_controller_is_another"
            ),
        ]
