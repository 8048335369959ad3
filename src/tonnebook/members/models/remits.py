"""Which sectors a department of the city looks after."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tonnebook.journal import tenancy
from tonnebook.journal.models import Book


class Remit(Book):
    """The sectors of a department; row-level security reads them to tell which companies its officers may see."""

    tenancy_rule = tenancy.Shared("which department looks after which sector is published")

    department = models.OneToOneField("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    sectors = ArrayField(models.CharField(max_length=40))
    set_at = models.DateTimeField()

    class Meta:
        db_table = "members_remit"
