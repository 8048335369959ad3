"""Forms of a verification: the plan, a finding, how it ends, the conclusion; and a company's answer."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy

from tonnebook.core.errors import Refusal
from tonnebook.core.reporting import FindingKind, ReportingRefusal, Verdict
from tonnebook.core.verification import Duty, Settlement, VerificationRefusal, VisitMode
from tonnebook.emissions import services as emissions
from tonnebook.faces import labels
from tonnebook.faces.forms import RefusableForm

Choices = Sequence[tuple[str, str]]
_AREA = forms.Textarea(attrs={"rows": 3})


class VerificationPlanForm(RefusableForm):
    """Who verifies a report and whether the place is visited."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType(
        {
            VerificationRefusal.TEAM_TOO_SMALL: "members",
            VerificationRefusal.VISIT_WITHOUT_REASON: "reason",
            VerificationRefusal.NOT_SIMPLIFIABLE: "mode",
        }
    )

    leader = forms.ChoiceField(label=gettext_lazy("Leader of the team"))
    members = forms.MultipleChoiceField(label=gettext_lazy("Others of the team"), required=False)
    reviewer = forms.ChoiceField(label=gettext_lazy("Technical reviewer"))
    signatory = forms.ChoiceField(label=gettext_lazy("Signs for the firm"))
    mode = forms.ChoiceField(
        label=gettext_lazy("Visit"), choices=lambda: [(one.value, labels.label(one)) for one in VisitMode]
    )
    reason = forms.CharField(label=gettext_lazy("Why there is no visit"), widget=_AREA, required=False, max_length=2000)

    def __init__(self, *args: object, people: Mapping[Duty, Choices], **kwargs: object) -> None:
        """Offer for each duty those who are registered for it."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        places = {
            "leader": Duty.LEADER,
            "members": Duty.MEMBER,
            "reviewer": Duty.TECHNICAL_REVIEWER,
            "signatory": Duty.SIGNATORY,
        }
        for name, duty in places.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = people.get(duty, ())

    def draft(self, report: str) -> emissions.PlanDraft:
        """Give the plan the service takes; every source line is sampled."""
        told = dict(self.cleaned_data)
        mode, members = VisitMode(told.pop("mode")), tuple(told.pop("members"))
        return emissions.PlanDraft(report, **told, mode=mode, members=members)


class FindingForm(RefusableForm):
    """Something found about a report."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Finding"), choices=lambda: [(one.value, labels.label(one)) for one in FindingKind]
    )
    text = forms.CharField(label=gettext_lazy("What was found"), widget=_AREA, max_length=2000)
    reference = forms.CharField(label=gettext_lazy("Line or document"), max_length=200, required=False)
    effect_t = forms.IntegerField(label=gettext_lazy("Wrong by about (t)"), initial=0)
    is_material = forms.BooleanField(label=gettext_lazy("Material"), required=False)

    def finding(self) -> emissions.Finding:
        """Give the finding the service takes."""
        told = dict(self.cleaned_data)
        return emissions.Finding(FindingKind(told.pop("kind")), **told)


class SettlementForm(RefusableForm):
    """How a finding ends."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType(
        {
            VerificationRefusal.NO_ANSWER_YET: "settlement",
            VerificationRefusal.NOT_CORRECTED: "settlement",
            VerificationRefusal.ESTIMATE_UNFIT: "added_t",
        }
    )

    finding = forms.CharField(widget=forms.HiddenInput)
    settlement = forms.ChoiceField(
        label=gettext_lazy("How it ends"), choices=lambda: [(one.value, labels.label(one)) for one in Settlement]
    )
    added_t = forms.IntegerField(label=gettext_lazy("Added by an estimate (t)"), initial=0, min_value=0)
    note = forms.CharField(label=gettext_lazy("Reason"), max_length=2000, required=False)


class ConclusionForm(RefusableForm):
    """The verdict on a report; its figure is derived and only confirmed."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType(
        {
            ReportingRefusal.FIGURE_DIFFERS: "verdict",
            ReportingRefusal.FINDING_MISSING: "verdict",
            VerificationRefusal.MISSTATED_MATERIALLY: "verdict",
        }
    )

    verdict = forms.ChoiceField(
        label=gettext_lazy("Opinion"), choices=lambda: [(one.value, labels.label(one)) for one in Verdict]
    )
    verified_t = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class FindingAnswerForm(RefusableForm):
    """What a company says to a finding."""

    finding = forms.CharField(widget=forms.HiddenInput)
    text = forms.CharField(label=gettext_lazy("Your answer"), widget=_AREA, max_length=2000)
    evidence_digest = forms.RegexField(
        r"^[0-9a-f]{64}$", label=gettext_lazy("SHA-256 of the evidence, if any"), required=False
    )
