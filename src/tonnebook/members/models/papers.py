"""Official papers: what everybody may know of them, what they say, and the seals and stamped prints beside them."""

from django.db import models

from tonnebook.core.papers import PaperKind
from tonnebook.core.seals import SealKind
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly
from tonnebook.members.models.people import Organisation


class Paper(InsertOnly, Book):
    """An issued paper as everybody may know it: number, kind, digests and its leaf, and not whom it is addressed to."""

    tenancy_rule = tenancy.Shared(
        "number, digests and leaf, so that anybody can check a paper they were shown", is_public=True
    )

    number = models.CharField(max_length=60, unique=True)
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    year = models.IntegerField()
    count = models.IntegerField()
    kind = models.CharField(max_length=18, choices=[(kind.value, kind.value) for kind in PaperKind])
    digest = models.CharField(max_length=64, unique=True)
    pdf_sha256 = models.CharField(max_length=64, unique=True)
    docx_sha256 = models.CharField(max_length=64, unique=True)
    # Papers issued before there was this form have none.
    ofd_sha256 = models.CharField(max_length=64, null=True)
    ofd_sm3 = models.CharField(max_length=64, null=True)
    issued_at = models.DateTimeField()
    leaf_hash = models.CharField(max_length=64)

    class Meta:
        db_table = "members_paper"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "year", "count"], name="members_paper_once"),
            models.CheckConstraint(condition=models.Q(count__gt=0), name="members_paper_count_positive"),
        ]


class PaperContent(InsertOnly, Book):
    """What a paper says, in every form, for the one it is addressed to and the public bodies of its region."""

    tenancy_rule = tenancy.organisation_rows("addressee_id")

    paper = models.OneToOneField(Paper, models.PROTECT, primary_key=True, related_name="content")
    addressee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    content = models.JSONField()
    pdf = models.BinaryField()
    docx = models.BinaryField()
    ofd = models.BinaryField(null=True)
    notice = models.CharField(max_length=20, unique=True)
    initiator = models.CharField(max_length=20)
    approver = models.CharField(max_length=20)

    class Meta:
        db_table = "members_paper_content"
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(initiator=models.F("approver")), name="members_paper_two_people"
            ),
        ]


class PaperTwin(InsertOnly, Book):
    """A seal or a stamped print of a paper, as everybody may know it; both are about the digest of the paper."""

    tenancy_rule = tenancy.Shared("whether a paper bears a seal or was stamped, without who did it", is_public=True)

    paper = models.ForeignKey(Paper, models.PROTECT, related_name="twins")
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in SealKind])
    digest = models.CharField(max_length=64)
    public_key = models.TextField(blank=True)
    signature = models.TextField(blank=True)
    scan_sha256 = models.CharField(max_length=64, blank=True)
    # Of the OFD file with an electronic seal in it.
    file_sha256 = models.CharField(max_length=64, null=True)
    bound_at = models.DateTimeField()
    leaf_hash = models.CharField(max_length=64)

    class Meta:
        db_table = "members_paper_twin"
        constraints = [models.UniqueConstraint(fields=["paper", "kind"], name="members_paper_twin_once")]
