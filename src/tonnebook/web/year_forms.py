"""What officers type about a compliance year: figures replaced, penalty files and their steps."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy

from tonnebook.compliance.queries import Deadline
from tonnebook.core.carry_over import CarryOverRefusal
from tonnebook.core.coverage import Stage
from tonnebook.core.coverage_list import ListRefusal
from tonnebook.core.deadlines import DeadlineRefusal
from tonnebook.core.errors import Refusal
from tonnebook.core.penalty import PenaltyRefusal, PenaltyStep
from tonnebook.core.redetermination import RedeterminationRefusal
from tonnebook.faces import labels
from tonnebook.faces.forms import RefusableForm
from tonnebook.faces.templatetags import tonnebook as tags

_FEN_PER_YUAN = 100
_WORDS_MAX = 1000


class RedetermineForm(RefusableForm):
    """The figure that takes the place of a determined one."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType(
        {
            RedeterminationRefusal.SAME_FIGURE: "determined_t",
            RedeterminationRefusal.FIGURE_WRONG: "direct_t",
            RedeterminationRefusal.REASON_MISSING: "reason",
        }
    )
    determined_t = forms.IntegerField(label=gettext_lazy("Emission determined anew (t)"), min_value=0)
    direct_t = forms.IntegerField(label=gettext_lazy("of it direct (t)"), min_value=0)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=_WORDS_MAX, widget=forms.Textarea)
    evidence = forms.CharField(label=gettext_lazy("Paper it rests on"), max_length=100)


class LineForm(RefusableForm):
    """The new stage of an entity on a published list."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType(
        {ListRefusal.LINE_UNCHANGED: "stage", ListRefusal.GROUND_MISSING: "ground"}
    )
    stage = forms.ChoiceField(
        label=gettext_lazy("Stage"), choices=lambda: [(one.value, labels.label(one)) for one in Stage]
    )
    ground = forms.CharField(
        label=gettext_lazy("Why the line is corrected"), max_length=_WORDS_MAX, widget=forms.Textarea
    )


class CancellationsForm(RefusableForm):
    """The list of another registry."""

    file = forms.FileField(label=gettext_lazy("List of the other registry (CSV)"))


class MoveForm(RefusableForm):
    """A deadline moved by notice."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType(
        {
            DeadlineRefusal.NO_SUCH_DEADLINE: "name",
            DeadlineRefusal.SAME_DAY: "to_on",
            DeadlineRefusal.DAY_OVER: "to_on",
            DeadlineRefusal.NOT_A_WORKING_DAY: "to_on",
            DeadlineRefusal.OUT_OF_ORDER: "to_on",
        }
    )
    name = forms.ChoiceField(label=gettext_lazy("Deadline"))
    to_on = forms.DateField(label=gettext_lazy("New day"), widget=forms.DateInput(attrs={"type": "date"}))
    notice = forms.CharField(label=gettext_lazy("Number of the notice"), max_length=100)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=_WORDS_MAX)

    def __init__(self, *arguments: object, deadlines: Sequence[Deadline] = (), **options: object) -> None:
        """Offer the deadlines of the year."""
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.fields["name"].choices = [(f"{one.code}_on", tags.words(one)) for one in deadlines]  # type: ignore[attr-defined]


class CarryOverForm(RefusableForm):
    """Tonnes asked to be carried over."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType({CarryOverRefusal.ABOVE_LIMIT: "quantity_t"})
    quantity_t = forms.IntegerField(label=gettext_lazy("Quantity (t)"), min_value=1)


class PenaltyForm(RefusableForm):
    """How a breach was found."""

    ground = forms.CharField(label=gettext_lazy("How the breach was found"), max_length=_WORDS_MAX)


class StepForm(RefusableForm):
    """The next step of a penalty file."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType(
        {
            PenaltyRefusal.STEP_NOT_NEXT: "step",
            PenaltyRefusal.GROUND_MISSING: "ground",
            PenaltyRefusal.OUTSIDE_RANGE: "fine_yuan",
        }
    )
    step = forms.ChoiceField(label=gettext_lazy("Step"))
    ground = forms.CharField(
        label=gettext_lazy("What happened, or on what ground of discretion it is decided"),
        max_length=_WORDS_MAX,
        widget=forms.Textarea,
    )
    document = forms.CharField(label=gettext_lazy("Number of the paper"), max_length=60, required=False)
    fine_yuan = forms.DecimalField(
        label=gettext_lazy("Fine (yuan), for a decision"), required=False, min_value=0, max_digits=16, decimal_places=2
    )

    def __init__(self, *arguments: object, following: Sequence[PenaltyStep] = (), **options: object) -> None:
        """Offer the steps that may come next."""
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.fields["step"].choices = [(one.value, labels.label(one)) for one in following]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, object]:
        """Ask for a fine with a decision, and for none with any other step."""
        told = dict(super().clean() or {})
        is_decision = told.get("step") == PenaltyStep.DECIDED
        if is_decision != (told.get("fine_yuan") is not None):
            self.add_error("fine_yuan", gettext_lazy("A decision names its fine, and nothing else does."))
        return told

    @property
    def fine_fen(self) -> int | None:
        """The fine of a decision, fen."""
        fine = self.cleaned_data["fine_yuan"]
        return None if fine is None else int(fine * _FEN_PER_YUAN)
