"""Rows of news that moves the market, and of those who know of it before it is out."""

from django.db import models

from tonnebook.core.embargo import NewsState
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book

_REGION = "region = {region}"


class News(Book):
    """News of the authority, kept until its release; the log holds a commitment to every word from the first day."""

    tenancy_rule = tenancy.Tenant(region=_REGION)

    number = models.CharField(max_length=20, unique=True)
    region = models.CharField(max_length=20)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    text_zh = models.TextField()
    text_en = models.TextField()
    state = models.CharField(max_length=9, choices=[(one.value, one.value) for one in NewsState])
    kept_by = models.CharField(max_length=20)
    kept_at = models.DateTimeField()
    release_at = models.DateTimeField()
    # When its insiders may trade again, as the sessions of the day of the release say.
    window_opens_at = models.DateTimeField()

    class Meta:
        db_table = "members_news"
        indexes = [
            models.Index(
                fields=["release_at"],
                condition=models.Q(state__in=["KEPT", "RELEASED"]),
                name="members_news_due",
            )
        ]


class Insider(Book):
    """A person or an organisation that knows of news before it is out, and does not trade while it does."""

    tenancy_rule = tenancy.Tenant(
        "subject {mine} OR subject = {person}", "news_id IN (SELECT number FROM members_news WHERE region = {region})"
    )

    news = models.ForeignKey(News, on_delete=models.PROTECT, to_field="number", related_name="+")
    subject = models.CharField(max_length=20)
    named_by = models.CharField(max_length=20)
    named_at = models.DateTimeField()
    is_barred = models.BooleanField(default=True)

    class Meta:
        db_table = "members_insider"
        constraints = [models.UniqueConstraint(fields=["news", "subject"], name="members_insider_once")]
        indexes = [models.Index(fields=["subject"], condition=models.Q(is_barred=True), name="members_insider_barred")]
