"""The rows of consultations: what was circulated, which department was sent what, what it said, what was answered."""

from django.db import models

from tonnebook.core.consultations import ConsultationSubject, OpinionKind
from tonnebook.journal import tenancy
from tonnebook.journal.models import Book, InsertOnly


class Consultation(InsertOnly, Book):
    """A draft that was circulated, known by its digest; its days are those of the rules when it was."""

    tenancy_rule = tenancy.Tenant(
        "id IN (SELECT consultation_id FROM compliance_consulted WHERE department_id {mine})", "region = {region}"
    )

    number = models.CharField(max_length=24, unique=True)
    region = models.CharField(max_length=20)
    year = models.IntegerField()
    subject = models.CharField(max_length=10, choices=[(one.value, one.value) for one in ConsultationSubject])
    digest = models.CharField(max_length=64)
    words = models.TextField(blank=True)
    answer_until = models.DateField()
    asked_by = models.CharField(max_length=40)
    asked_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["region", "year"], name="compliance_consultation_year")]


class Consulted(InsertOnly, Book):
    """A department that is asked, and the lines of the draft it was sent: those of its sectors and no others'."""

    tenancy_rule = tenancy.Tenant("department_id {mine}", "region = {region}")

    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="consulted")
    department = models.ForeignKey("members.Organisation", models.PROTECT, to_field="uscc", related_name="+")
    region = models.CharField(max_length=20)
    sent = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consultation", "department"], name="compliance_consulted_once")]


class Opinion(InsertOnly, Book):
    """What a department said."""

    tenancy_rule = tenancy.rows_through("consulted_id", "compliance_consulted")

    consulted = models.OneToOneField(Consulted, models.PROTECT, related_name="opinion")
    kind = models.CharField(max_length=8, choices=[(kind.value, kind.value) for kind in OpinionKind])
    words = models.TextField(blank=True)
    given_by = models.CharField(max_length=40)
    given_at = models.DateTimeField()


class OpinionAnswer(InsertOnly, Book):
    """What became of an opinion, and why."""

    tenancy_rule = tenancy.rows_through("opinion_id", "compliance_opinion")

    opinion = models.OneToOneField(Opinion, models.PROTECT, related_name="answer")
    is_accepted = models.BooleanField()
    reason = models.TextField(blank=True)
    answered_by = models.CharField(max_length=40)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_accepted=True) | ~models.Q(reason=""), name="compliance_opinion_declined_why"
            )
        ]
