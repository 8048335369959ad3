"""What a company types when it declares a fact of its allowance, by the kind of fact."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar

from django import forms
from django.utils.translation import gettext, gettext_lazy

from tonnebook.compliance import services as compliance
from tonnebook.core.allocation.declarations import FIELDS, DeclarationRefusal, FactKind, Supply
from tonnebook.core.errors import Refusal
from tonnebook.faces import labels
from tonnebook.faces.forms import RefusableForm

_FUELS = ("coal", "oil", "gas")
_FLAGS = frozenset({"is_closed_cooling", "is_clean_coal"})
_OPTIONAL = frozenset({"heat_kj", "heat_gj", "load", "load_share", "emission_t", "facility"})
_LENGTH_MAX = 60


class FactForm(RefusableForm):
    """A fact of one kind: the year and number it goes by, its values and its evidence."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType({DeclarationRefusal.ALREADY_DECLARED: "name"})
    name = forms.CharField(label=gettext_lazy("Number of the certificate, unit or line"), max_length=_LENGTH_MAX)
    evidence = forms.CharField(label=gettext_lazy("Evidence (paper or file it rests on)"), max_length=200)

    def __init__(self, *args: object, kind: FactKind, years: Sequence[int], classes: Sequence[str] = ()) -> None:
        """Offer the years, and the values of the kind with their choices in words.

        Args:
            *args: what was posted.
            kind: kind of fact.
            years: years that may be chosen, the compliance year first.
            classes: classes of the benchmark table that the rules know.
        """
        super().__init__(*args)  # type: ignore[arg-type]
        self.kind = kind
        self.fields["of_year"] = forms.TypedChoiceField(
            label=gettext("Year"), choices=[(year, year) for year in years], coerce=int
        )
        for field in FIELDS[kind]:
            self.fields[field] = _field(field, classes)
        self.order_fields(["of_year", "name", *FIELDS[kind], "evidence"])

    def draft(self) -> compliance.FactDraft:
        """Give the fact the service takes."""
        told = self.cleaned_data
        values = {field: _text(told[field]) for field in FIELDS[self.kind] if told[field] not in ("", False, None)}
        return compliance.FactDraft(told["of_year"], self.kind, told["name"], values, told["evidence"])


def _field(name: str, classes: Sequence[str]) -> forms.Field:
    title = labels.label(name, "fact")
    if name in _FLAGS:
        return forms.BooleanField(label=title, required=False)
    if name == "supply":
        return forms.ChoiceField(label=title, choices=[(one.value, labels.label(one)) for one in Supply])
    if name == "fuel":
        return forms.ChoiceField(label=title, choices=[(one, labels.label(one, "fuel")) for one in _FUELS])
    if name == "kind" and classes:
        return forms.ChoiceField(label=title, choices=[(one, one) for one in classes])
    return forms.CharField(label=title, max_length=_LENGTH_MAX, required=name not in _OPTIONAL)


def _text(value: object) -> str:
    return "yes" if value is True else str(value)
