"""What officers type at the factor desk: data of utilities, and a value to be published."""

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar

from django import forms
from django.utils.translation import gettext_lazy

from tonnebook.core.errors import Refusal
from tonnebook.core.factor_desk import FactorRefusal, Scenario, Source
from tonnebook.core.methods import Boundary
from tonnebook.faces import labels
from tonnebook.faces.forms import RefusableForm

_WORDS_MAX = 500
_DIGITS_MAX, _PLACES_MAX = 18, 6
_LINES_MAX = 10_000
# "coal 600 0.9" or "wind 200 0 non-fossil": a name without spaces, a quantity, a factor.
_SOURCE = re.compile(r"(\S+)\s+(\d{1,12}(?:\.\d{1,6})?)\s+(\d{1,6}(?:\.\d{1,9})?)(\s+non-fossil)?")


def _amount(label: object) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,  # type: ignore[arg-type]
        max_digits=_DIGITS_MAX,
        decimal_places=_PLACES_MAX,
        min_value=0,
        initial=0,
    )


class UtilityForm(RefusableForm):
    """A year of the power of an area, as its utilities report it."""

    scenario = forms.ChoiceField(
        label=gettext_lazy("What the factor is for"),
        choices=lambda: [(one.value, labels.label(one)) for one in Scenario],
    )
    generated = forms.CharField(
        label=gettext_lazy("Generated in the area"),
        help_text=gettext_lazy("One line each: name, MWh, tCO2/MWh, and “non-fossil” where it is."),
        max_length=_LINES_MAX,
        widget=forms.Textarea,
    )
    taken_in = forms.CharField(
        label=gettext_lazy("Taken in from other areas"), max_length=_LINES_MAX, required=False, widget=forms.Textarea
    )
    sent_out_mwh = _amount(gettext_lazy("Sent out (MWh)"))
    traded_non_fossil_mwh = _amount(gettext_lazy("Non-fossil power sold on the market (MWh)"))

    def clean_generated(self) -> list[Source]:
        """Read the lines of what was generated."""
        return self._sources("generated")

    def clean_taken_in(self) -> list[Source]:
        """Read the lines of what was taken in."""
        return self._sources("taken_in")

    def _sources(self, name: str) -> list[Source]:
        lines = [line.strip() for line in self.cleaned_data[name].splitlines() if line.strip()]
        found = [_SOURCE.fullmatch(line) for line in lines]
        if not all(found):
            raise forms.ValidationError(gettext_lazy("Write lines such as: coal 600 0.9"))
        return [Source(one[1], Decimal(one[2]), Decimal(one[3]), bool(one[4])) for one in found if one]


class FactorForm(RefusableForm):
    """A value of a factor for years, and the notice it stands in."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType(
        {FactorRefusal.SAME_FACTOR: "value", FactorRefusal.REASON_MISSING: "reason"}
    )
    path = forms.CharField(label=gettext_lazy("Parameter (path)"), max_length=120)
    first_year = forms.IntegerField(label=gettext_lazy("First compliance year"), min_value=2005, max_value=2099)
    last_year = forms.IntegerField(label=gettext_lazy("Last compliance year"), min_value=2005, max_value=2099)
    value = forms.DecimalField(label=gettext_lazy("Value"), max_digits=_DIGITS_MAX, decimal_places=9, min_value=0)
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=20)
    boundary = forms.ChoiceField(
        label=gettext_lazy("Boundary"), choices=lambda: [(one.value, labels.label(one)) for one in Boundary]
    )
    document = forms.CharField(label=gettext_lazy("Number of the notice"), max_length=100)
    article = forms.CharField(label=gettext_lazy("Article or table"), max_length=100)
    zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=200)
    en = forms.CharField(label=gettext_lazy("Name in English"), max_length=200)
    reason = forms.CharField(
        label=gettext_lazy("Why, where it corrects a value"),
        max_length=_WORDS_MAX,
        required=False,
        widget=forms.Textarea,
    )

    def row(self) -> dict[str, str]:
        """Give the row the command takes, every value as text."""
        told = self.cleaned_data
        return {name: format(value, "f") if isinstance(value, Decimal) else str(value) for name, value in told.items()}
