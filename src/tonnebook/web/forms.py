"""What people type into the shell's forms, read into the plain values the services take."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar

from django import forms
from django.utils.translation import gettext, gettext_lazy

from tonnebook.core import periods
from tonnebook.core.alerts import AlertRefusal
from tonnebook.core.errors import Refusal
from tonnebook.core.mandates import MandateRefusal
from tonnebook.core.methods import Definition
from tonnebook.core.mrv import InputRow, LineKind, MethodLine, OutputRow, SourceLine
from tonnebook.core.papers import PUBLISHED, PaperKind, PaperRefusal
from tonnebook.core.seals import SealRefusal
from tonnebook.core.uploads import UploadRefusal
from tonnebook.emissions import services as emissions
from tonnebook.faces import documents, labels
from tonnebook.faces.forms import RefusableForm
from tonnebook.faces.templatetags import tonnebook as tags

_PARAMETER_KINDS = (
    ("MEASURED", gettext_lazy("measured")),
    ("CALCULATED", gettext_lazy("calculated")),
    ("DEFAULT", gettext_lazy("default value")),
)
_DIGITS_MAX = 24
_PLACES_MAX = 6


class ParameterForm(forms.Form):
    """One parameter of a month."""

    name = forms.CharField(label=gettext_lazy("Parameter"), max_length=120)
    kind = forms.ChoiceField(label=gettext_lazy("How it was found"), choices=_PARAMETER_KINDS, initial="MEASURED")
    value = forms.DecimalField(
        label=gettext_lazy("Value"), max_digits=_DIGITS_MAX, decimal_places=_PLACES_MAX, min_value=0
    )
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=20)

    def row(self) -> emissions.ParameterRow:
        """Give the parameter the service takes."""
        return emissions.ParameterRow(**self.cleaned_data)


class EvidenceForm(forms.Form):
    """The evidence of a month and, when it is late, the reason."""

    evidence = forms.FileField(label=gettext_lazy("Evidence file"))
    reason = forms.CharField(label=gettext_lazy("Reason, if it is late"), max_length=500, required=False)


class AnswerForm(RefusableForm):
    """What somebody says to an alert."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType({AlertRefusal.WORDS_NEEDED: "words"})
    words = forms.CharField(label=gettext_lazy("What has been done or will be done"), max_length=500)


class LooksForm(forms.Form):
    """Whose looks, and of which day."""

    day = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    person = forms.CharField(label=gettext_lazy("Person (number)"), max_length=40, required=False)

    def period(self) -> tuple[datetime, datetime]:
        """Give the first instant of the day and the first instant after it."""
        day = self.cleaned_data["day"]
        midnight = datetime.min.time()
        return periods.instant(day, midnight), periods.instant(day + timedelta(days=1), midnight)


# An input of a method as people write it: "purity = 95 %", "elemental_carbon = 0.55 tC/t".
_INPUT = re.compile(r"([a-z][a-z0-9_]*)\s*=\s*(\d{1,15}(?:\.\d{1,12})?)\s*(\S*)")
_INPUTS_MAX = 1000


class LineForm(forms.Form):
    """One source line of an annual report."""

    facility = forms.ChoiceField(label=gettext_lazy("Facility"))
    kind = forms.ChoiceField(label=gettext_lazy("Source"))
    name = forms.CharField(label=gettext_lazy("Fuel, process or supply"), max_length=60)
    quantity = forms.DecimalField(
        label=gettext_lazy("Quantity"), max_digits=_DIGITS_MAX, decimal_places=_PLACES_MAX, min_value=0
    )
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=20)
    method = forms.ChoiceField(label=gettext_lazy("Method (for a line by method)"), required=False)
    inputs = forms.CharField(
        label=gettext_lazy("Further inputs of the method"),
        help_text=gettext_lazy(
            "name = value unit, one after the other with ; such as: purity = 95 %; conversion = 100 %"
        ),
        max_length=_INPUTS_MAX,
        required=False,
    )
    direction = forms.ChoiceField(label=gettext_lazy("Direction"), required=False)
    stream = forms.CharField(
        label=gettext_lazy("Source stream (its number, if registered)"), max_length=40, required=False
    )

    def __init__(
        self,
        *args: object,
        facilities: Sequence[tuple[str, str]] = (),
        methods: Sequence[Definition] = (),
        **kwargs: object,
    ) -> None:
        """Offer the entity's own facilities, the kinds of sources in words, and the methods of the year.

        What a browser chooses by itself is the initial value, so that a line left alone counts as empty.
        """
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        kinds = [(kind.value, labels.label(kind)) for kind in LineKind]
        self.fields["facility"] = _choice(gettext_lazy("Facility"), facilities)
        self.fields["kind"] = _choice(gettext_lazy("Source"), kinds)
        named = [("", "—"), *((one.id, tags.words(one)) for one in methods)]
        ways = sorted({way for one in methods for way in one.directions})
        label = gettext_lazy("Method (for a line by method)")
        self.fields["method"] = forms.ChoiceField(label=label, choices=named, required=False)
        self.fields["direction"] = forms.ChoiceField(
            label=gettext_lazy("Direction"),
            choices=[("", "—"), *((way, labels.label(way, "Direction")) for way in ways)],
            required=False,
        )

    def clean_inputs(self) -> tuple[InputRow, ...]:
        """Read the further inputs; what is no name, value and unit is said beside the field."""
        parts = [part.strip() for part in self.cleaned_data["inputs"].split(";") if part.strip()]
        found = [_INPUT.fullmatch(part) for part in parts]
        if not all(found):
            raise forms.ValidationError(gettext_lazy("Write name = value unit, such as purity = 95 %."))
        return tuple(InputRow(one[1], Decimal(one[2]), one[3] or "") for one in found if one)

    def clean(self) -> None:
        """Ask for the method where the line is computed by one."""
        told = self.cleaned_data
        if told.get("kind") == LineKind.METHOD and not told.get("method"):
            self.add_error("method", gettext_lazy("Choose the method of this line."))

    def line(self) -> emissions.ReportLine:
        """Give the line the service takes."""
        told = self.cleaned_data
        kind, values = LineKind(told["kind"]), (told["name"], told["quantity"], told["unit"])
        if kind is not LineKind.METHOD:
            return emissions.ReportLine(told["facility"], SourceLine(kind, *values), told["stream"])
        further = {"inputs": told["inputs"], "direction": told["direction"]}
        source = MethodLine(kind, *values, method=told["method"], **further)
        return emissions.ReportLine(told["facility"], source, told["stream"])


class OutputForm(forms.Form):
    """How much of a product was made."""

    product = forms.CharField(label=gettext_lazy("Product"), max_length=60)
    quantity = forms.DecimalField(
        label=gettext_lazy("Quantity"), max_digits=_DIGITS_MAX, decimal_places=_PLACES_MAX, min_value=0
    )
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=20)

    def row(self) -> OutputRow:
        """Give the output the service takes."""
        return OutputRow(**self.cleaned_data)


class PlanForm(forms.Form):
    """The sections of a data quality plan."""

    boundary = forms.CharField(
        label=gettext_lazy("Boundary and facilities"), widget=forms.Textarea(attrs={"rows": 4}), max_length=5000
    )
    sources = forms.CharField(
        label=gettext_lazy("Emission sources"), widget=forms.Textarea(attrs={"rows": 4}), max_length=5000
    )
    quantities = forms.CharField(
        label=gettext_lazy("How each quantity is measured"), widget=forms.Textarea(attrs={"rows": 4}), max_length=5000
    )
    missing_data = forms.CharField(
        label=gettext_lazy("What is done when data are missing"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=5000,
    )
    duties = forms.CharField(
        label=gettext_lazy("Who does what: duties per post"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=5000,
        required=False,
    )
    internal_check = forms.CharField(
        label=gettext_lazy("Internal check before anything is filed"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=5000,
        required=False,
    )

    def sections(self) -> dict[str, str]:
        """Give the sections the service takes; `data` is a word that Django's forms keep for themselves."""
        told = dict(self.cleaned_data)
        told["data"] = told.pop("quantities")
        return told


class MandateForm(RefusableForm):
    """A mandate to a report writing firm."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType(
        {
            MandateRefusal.MANDATE_YEARS_UNFIT: "last_year",
            MandateRefusal.MANDATE_OVER_ALREADY: "until_on",
            MandateRefusal.ALREADY_MANDATED: "writer",
            MandateRefusal.WRITER_NOT_INDEPENDENT: "writer",
        }
    )

    writer = forms.ChoiceField(label=gettext_lazy("Report writing firm"))
    first_year = forms.IntegerField(label=gettext_lazy("First compliance year"), min_value=2013, max_value=2100)
    last_year = forms.IntegerField(label=gettext_lazy("Last compliance year"), min_value=2013, max_value=2100)
    until_on = forms.DateField(label=gettext_lazy("Last day it holds"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: object, firms: Sequence[tuple[str, str]], **kwargs: object) -> None:
        """Offer the registered firms of the region."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["writer"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = firms


def _choice(title: object, choices: Sequence[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=str(title), choices=choices, initial=choices[0][0] if choices else "")


class PaperChoiceForm(forms.Form):
    """Which paper is drafted: its kind, whom it is addressed to, and which compliance year it is about."""

    entity = forms.CharField(label=gettext_lazy("Addressee (unified social credit code)"), max_length=18)
    year = forms.IntegerField(label=gettext_lazy("Compliance year"), min_value=2013, max_value=2100)
    field_order = ("kind", "entity", "year", "language")

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer every kind and language in words."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        kinds = [(kind.value, labels.label(kind)) for kind in PaperKind if kind not in PUBLISHED]
        languages = [(code, labels.label(code, "language")) for code in ("zh-hans", "en")]
        self.fields["kind"] = forms.TypedChoiceField(
            label=gettext_lazy("Kind of paper"), choices=kinds, coerce=PaperKind
        )
        self.fields["language"] = forms.ChoiceField(label=gettext_lazy("Language"), choices=languages)
        self.order_fields(self.field_order)


class DraftForm(forms.Form):
    """What the officer writes of a paper; each line of the text is a paragraph."""

    subject = forms.CharField(label=gettext_lazy("Title"), max_length=120)
    text = forms.CharField(
        label=gettext_lazy("Text, one paragraph a line"), widget=forms.Textarea(attrs={"rows": 8}), max_length=8000
    )

    def clean(self) -> None:
        """Refuse signs that the font of the papers cannot draw, before anybody signs."""
        super().clean()
        for name in ("subject", "text"):
            missing = sorted(set(str(self.cleaned_data.get(name, ""))) - documents.signs() - set("\r\n"))
            if missing:
                self.add_error(name, gettext("The font has no sign for: %(signs)s") % {"signs": " ".join(missing)})

    def paragraphs(self) -> tuple[str, ...]:
        """Give the text as a draft has it."""
        lines = (line.strip() for line in self.cleaned_data["text"].splitlines())
        return tuple(filter(None, lines))


class SealForm(RefusableForm):
    """The signature that is the electronic seal, made where the body keeps its key."""

    field_of = {SealRefusal.SEAL_WRONG: "signature", SealRefusal.NO_SEAL_KEY: "signature"}

    signature = forms.CharField(
        label=gettext_lazy("Signature (Base64)"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000
    )


class PrintForm(RefusableForm):
    """The scan of a stamped print, and the digest that stands on it."""

    field_of = {PaperRefusal.PRINT_DIFFERS: "printed", **{code: "scan" for code in UploadRefusal}}

    printed = forms.CharField(
        label=gettext_lazy("First 16 signs of the digest, as the print shows them"), max_length=80
    )
    scan = forms.FileField(label=gettext_lazy("Scan of the stamped print (PDF, PNG or JPEG)"))
