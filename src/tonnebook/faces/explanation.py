"""A trace as people read it: the number, the formula in words, where each parameter stands, one branch per input."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext

from tonnebook.core import trace
from tonnebook.core.trace import Op, Origin, Traced
from tonnebook.faces import formats
from tonnebook.faces.formats import Figure

# A sum over hundreds of lines is told by its count; the branches below still name every line.
_TERMS_SHOWN = 6
_SIGNS = {Op.SUM: " + ", Op.DIFFERENCE: " − ", Op.PRODUCT: " × ", Op.QUOTIENT: " ÷ ", Op.POWER: " ^ "}


@dataclass(frozen=True, slots=True)
class Branch:
    """One number of an explanation.

    Attributes:
        name: what the number is.
        figure: the number with its unit.
        formula: how it was made, in words; empty for a number somebody reported.
        numbers: the same with the numbers put in.
        origin: where a parameter stands.
        inputs: the numbers it was made from.
    """

    name: str
    figure: Figure
    formula: str
    numbers: str
    origin: Origin | None
    inputs: tuple["Branch", ...]


def branch(traced: Traced, language: str) -> Branch:
    """Turn a trace into what a page shows, in one language."""
    zh = formats.is_chinese(language)
    inputs = tuple(branch(part, language) for part in traced.inputs)
    return Branch(
        name=traced.zh if zh else traced.en,
        figure=formats.measure(traced.value, traced.unit, language),
        formula=_formula(traced, [part.name for part in inputs]),
        numbers=_numbers(traced, [_in_full(part.figure) for part in inputs]),
        origin=traced.origin,
        inputs=inputs,
    )


def traced_of(value: Traced | Mapping[str, object]) -> Traced:
    """Take a trace as a core value or as the JSON a room has stored.

    Raises:
        ValueError: when the JSON is no trace.
    """
    return value if isinstance(value, Traced) else trace.from_json(dict(value))


def _formula(traced: Traced, names: list[str]) -> str:
    places = traced.places
    words = {
        Op.GIVEN: "",
        Op.PARAMETER: "",
        Op.SMALLEST: gettext("the smallest of: %(names)s"),
        Op.LARGEST: gettext("the largest of: %(names)s"),
        Op.SAME: gettext("taken over from: %(names)s"),
        Op.FLOOR: gettext("%(names)s, rounded down to %(places)s decimals"),
        Op.CEIL: gettext("%(names)s, rounded up to %(places)s decimals"),
        Op.HALF_UP: gettext("%(names)s, rounded half up to %(places)s decimals"),
    }
    if traced.op in _SIGNS:
        if len(names) > _TERMS_SHOWN:
            return gettext("the sum of %(count)s items below") % {"count": len(names)}
        return _SIGNS[traced.op].join(names)
    if traced.op in (Op.FLOOR, Op.CEIL, Op.HALF_UP) and places == 0:
        return _to_whole(traced.op) % {"names": names[0]}
    return words[traced.op] % {"names": gettext(", ").join(names), "places": places}


def _to_whole(op: Op) -> str:
    if op is Op.FLOOR:
        return gettext("%(names)s, rounded down to a whole number")
    if op is Op.CEIL:
        return gettext("%(names)s, rounded up to a whole number")
    return gettext("%(names)s, rounded half up to a whole number")


# A reader who follows the sum with a pencil needs 127,682 吨, not 12.77万吨; endless decimals stay shortened.
def _in_full(figure: Figure) -> str:
    return figure.exact if "万" in figure.text and figure.exact else figure.text


def _numbers(traced: Traced, figures: list[str]) -> str:
    if traced.op not in _SIGNS or len(figures) > _TERMS_SHOWN:
        return ""
    return _SIGNS[traced.op].join(figures)
