"""A form in two steps: fill it in, see in words what exactly will happen, confirm; the confirmed values travel back."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from tonnebook.core import units
from tonnebook.core.errors import Refused
from tonnebook.faces import formats
from tonnebook.faces.forms import RefusableForm
from tonnebook.faces.requests import Request
from tonnebook.faces.templatetags.tonnebook import EMPTY, language
from tonnebook.registry.queries import AccountRow


@dataclass(frozen=True, slots=True)
class Lack:
    """What is said where a list of the form has nothing to choose from, and the page that helps."""

    title: str
    hint: str
    action: str
    address: str


@dataclass(frozen=True, slots=True)
class Step:
    """What the pages of a form in two steps say: title, what to know beforehand, the button, and what is said after."""

    title: str
    lead: str
    button: str
    done: str
    lacks: Lack | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of a form: what it is called, how its value is read, and how it travels; a list has many values."""

    name: str
    label: str
    text: str
    values: tuple[str, ...]


def take(request: Request, row: AccountRow, form: RefusableForm, step: Step, act: Callable[[], object]) -> HttpResponse:
    """Show a form, then what exactly will happen, and do it when that was confirmed.

    Args:
        request: GET shows the form; POST with `shown` as the second page gave it does it.
        row: the account it is done with.
        form: bound to the request.
        step: what the pages say.
        act: does it.
    """
    context = {"account": row, "form": form, "step": step, "is_possible": _is_possible(form)}
    if request.method == "GET" or not form.is_valid():
        return render(request, "registry/leave.html", context, status=422 if form.errors else 200)
    facts = [_fact(form, name) for name in form.fields]
    shown = " | ".join(value for fact in facts for value in fact.values)
    if request.POST.get("shown") != shown:
        return render(request, "registry/leave_confirm.html", {**context, "facts": facts, "shown": shown})
    try:
        act()
    except Refused as error:
        return render(request, "registry/leave.html", context, status=form.refuse(error))
    messages.success(request, step.done)
    return redirect("registry:account", number=row.number)


def _is_possible(form: RefusableForm) -> bool:
    lists = (field for field in form.fields.values() if isinstance(field, forms.ChoiceField))
    return all(list(field.choices) for field in lists)  # type: ignore[arg-type]


def _fact(form: RefusableForm, name: str) -> Fact:
    field, value = form.fields[name], form.cleaned_data[name]
    text = str(value)
    if isinstance(field, forms.MultipleChoiceField):
        named = dict(field.choices)  # type: ignore[arg-type]
        return Fact(name, str(field.label), " · ".join(str(named[one]) for one in value) or EMPTY, tuple(value))
    if name.endswith("_t"):
        text = formats.tonnes(value, language()).text
    elif name == "amount":
        text = formats.yuan(units.fen_of_yuan(value), language()).text
    elif isinstance(field, forms.ChoiceField) and name != "asset":
        text = str(dict(field.choices)[value])  # type: ignore[arg-type]
    return Fact(name, str(field.label), text, (str(value),))
