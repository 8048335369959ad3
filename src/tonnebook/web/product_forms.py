"""What people type about footprints of products and published factors."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy

from tonnebook.core.errors import Refusal
from tonnebook.core.footprints.factors import ProductFactorRefusal
from tonnebook.core.footprints.refusals import FootprintRefusal
from tonnebook.core.footprints.study import DeclaredUnit, GwpSet, LifeStage, Rating, SystemBoundary
from tonnebook.core.methods import Boundary
from tonnebook.emissions import services as emissions
from tonnebook.faces import labels
from tonnebook.faces.forms import RefusableForm

_DIGITS_MAX, _PLACES_MAX = 24, 9
_RATINGS = [(1, "1"), (2, "2"), (3, "3")]


def _number(label: Any, *, is_required: bool = True, least: Decimal | None = Decimal(0)) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, max_digits=_DIGITS_MAX, decimal_places=_PLACES_MAX, min_value=least, required=is_required
    )


class FootprintForm(RefusableForm):
    """A footprint of a product without its inputs."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType(
        {
            FootprintRefusal.PERIOD_UNFIT: "to_on",
            FootprintRefusal.EXEMPTED_UNFIT: "exempted_percent",
            FootprintRefusal.NO_WARMING_SET: "gwp_sets",
        }
    )
    product = forms.SlugField(label=gettext_lazy("Code of the product"), max_length=60)
    name = forms.CharField(label=gettext_lazy("Trade name"), max_length=200)
    description = forms.CharField(label=gettext_lazy("What it is, and how it is made"), max_length=500)
    declared_unit = forms.ChoiceField(label=gettext_lazy("Declared unit"))
    unitary_amount = _number(gettext_lazy("Declared units in the product as it is sold"))
    made = _number(gettext_lazy("Declared units made in the period"))
    mass_kg = _number(gettext_lazy("Mass of a declared unit (kg), for a piece"), is_required=False)
    boundary = forms.ChoiceField(label=gettext_lazy("System boundary"))
    from_on = forms.DateField(
        label=gettext_lazy("First day of the period"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    to_on = forms.DateField(
        label=gettext_lazy("Day after its last"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    fossil_carbon_kg = _number(gettext_lazy("Fossil carbon in a declared unit (kg C)"))
    biogenic_carbon_kg = _number(gettext_lazy("Biogenic carbon in a declared unit (kg C)"))
    exempted_percent = _number(gettext_lazy("Emissions left out (%)"))
    exempted_reason = forms.CharField(label=gettext_lazy("Why they are left out"), max_length=300, required=False)
    gwp_sets = forms.MultipleChoiceField(
        label=gettext_lazy("Warming potentials behind the factors"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer units, boundaries and reports in words."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name, codes in {"declared_unit": DeclaredUnit, "boundary": SystemBoundary, "gwp_sets": GwpSet}.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [(code.value, labels.label(code)) for code in codes]

    def draft(self, inputs: Sequence[emissions.InputDraft]) -> emissions.FootprintDraft:
        """Give the footprint the service takes."""
        told = self.cleaned_data
        chosen = {
            "declared_unit": DeclaredUnit(told["declared_unit"]),
            "boundary": SystemBoundary(told["boundary"]),
            "gwp_sets": tuple(GwpSet(one) for one in told["gwp_sets"]),
        }
        return emissions.FootprintDraft(**{**told, **chosen, "inputs": tuple(inputs)})


class InputForm(forms.Form):
    """One input of a product."""

    stage = forms.ChoiceField(label=gettext_lazy("Stage of life"))
    name = forms.CharField(label=gettext_lazy("Input"), max_length=120)
    quantity = _number(gettext_lazy("Quantity"))
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=20)
    factor = forms.ChoiceField(label=gettext_lazy("Factor"))
    is_primary = forms.BooleanField(label=gettext_lazy("Own or supplier's data"), required=False)

    def __init__(self, *args: object, factors: Sequence[tuple[str, str]] = (), **kwargs: object) -> None:
        """Offer stages and factors in words, and a rating in each respect.

        What a browser chooses by itself is the initial value, so that a line left alone counts as empty.
        """
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        stages = [(stage.value, labels.label(stage)) for stage in LifeStage]
        for name, choices in {"stage": stages, "factor": list(factors)}.items():
            self.fields[name] = forms.ChoiceField(
                label=self.fields[name].label, choices=choices, initial=choices[0][0] if choices else None
            )
        for rating in Rating:
            self.fields[rating.value] = forms.TypedChoiceField(
                label=labels.label(rating), choices=_RATINGS, coerce=int, initial=2
            )

    def draft(self) -> emissions.InputDraft:
        """Give the input the service takes."""
        told = self.cleaned_data
        named = {name: told[name] for name in ("name", "quantity", "unit", "factor", "is_primary")}
        ratings = {rating.value: told[rating.value] for rating in Rating}
        return emissions.InputDraft(stage=LifeStage(told["stage"]), ratings=ratings, **named)


class ProductFactorForm(RefusableForm):
    """A factor of a product that two officers publish."""

    field_of: ClassVar[Mapping[Refusal, str]] = MappingProxyType({ProductFactorRefusal.FACTOR_UNCHANGED: "code"})
    code = forms.CharField(label=gettext_lazy("Code of the factor"), max_length=80)
    name_zh = forms.CharField(label=gettext_lazy("Name in Chinese"), max_length=200)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=200, required=False)
    value = _number(gettext_lazy("Value"))
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=40, initial="kgCO2e/kg")
    place = forms.CharField(label=gettext_lazy("Place it holds for"), max_length=40, initial="CN")
    from_year = forms.IntegerField(label=gettext_lazy("First year it applies to"))
    to_year = forms.IntegerField(label=gettext_lazy("Last year it applies to"), required=False)
    published_year = forms.IntegerField(label=gettext_lazy("Year of publication"))
    publisher = forms.CharField(label=gettext_lazy("Publisher"), max_length=200)
    note = forms.CharField(label=gettext_lazy("Source"), max_length=500)
    boundary = forms.ChoiceField(label=gettext_lazy("What it counts"))
    quality = forms.TypedChoiceField(label=gettext_lazy("Data quality"), choices=_RATINGS, coerce=int)
    uncertainty_percent = _number(gettext_lazy("Uncertainty (%)"), is_required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer the boundaries in words, the life cycle first."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["boundary"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code.value, labels.label(code, "Boundary")) for code in reversed(Boundary)]

    def payload(self, region: str) -> dict[str, object]:
        """Give the arguments that two people approve."""
        half = self.cleaned_data["uncertainty_percent"]
        return {**self.cleaned_data, "region": region, "uncertainty_percent": "" if half is None else str(half)}
