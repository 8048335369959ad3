"""What a command would do, in words: every argument with its name, and every value as people read it.

Two people sign what stands here, so nothing is left out: a long text and a long list are shown whole, folded up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tonnebook.core import identity
from tonnebook.faces import formats, labels
from tonnebook.faces.templatetags import tonnebook as tags
from tonnebook.members import queries as members

# Arguments whose values are codes of an enum of the core.
_ENUM_OF = {
    "application_kind": "ApplicationKind",
    "organisation_kind": "OrganisationKind",
    "rights": "Right",
    "roles": "Role",
    "batch": "Batch",
    "stage": "Stage",
    "kind": "AuctionKind",
    "paper_kind": "PaperKind",
    "status": "Status",
    "verdict": "Verdict",
    "scope": "FreezeScope",
    "state": "AccountState",
    "barred": "TransactionType",
}
# Arguments whose values are sectors, which the rule book of the region names.
_SECTORS = frozenset({"sector", "sectors"})
# What is longer than one line is folded up.
_LINE_MAX = 120


@dataclass(frozen=True, slots=True)
class Fact:
    """One argument in words.

    Attributes:
        name: of the argument, as it enters the digest.
        label: what it is called.
        text: its value, or how much there is below.
        lines: the whole of a long text or list; empty where `text` says all.
    """

    name: str
    label: str
    text: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    # What names values: the organisations among them by code, and the region whose words are used.
    organisations: Mapping[str, str]
    region: str


def told(payload: Mapping[str, object]) -> tuple[Fact, ...]:
    """Say every argument of a command in the current language.

    Args:
        payload: arguments by name, plain values as an approval keeps them.

    Returns:
        One fact for each argument, in their order.
    """
    known = _Known(_organisations(payload.values()), str(payload.get("region", "national")))
    return tuple(_fact(name, value, known) for name, value in payload.items())


def _fact(name: str, value: object, known: _Known) -> Fact:
    label = labels.label(name, "argument")
    if isinstance(value, Mapping):
        inner = [_fact(str(one), held, known) for one, held in value.items()]
        lines = tuple(f"{one.label}: {one.text}" + "".join(f"\n{line}" for line in one.lines) for one in inner)
        return Fact(name, label, str(len(lines)), lines)
    if isinstance(value, Sequence) and not isinstance(value, str):
        lines = tuple(_item(name, one, known) for one in value)
        return Fact(name, label, str(len(lines)), lines)
    text = _value(name, value, known)
    if len(text) > _LINE_MAX or "\n" in text:
        return Fact(name, label, formats.grouped(len(text)), (text,))
    return Fact(name, label, text)


def _item(name: str, value: object, known: _Known) -> str:
    if isinstance(value, Mapping):
        inner = (_fact(str(one), held, known) for one, held in value.items())
        return " · ".join(f"{one.label}: {' / '.join(one.lines) or one.text}" for one in inner)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " | ".join(_item(name, one, known) for one in value)
    return _value(name, value, known)


def _value(name: str, value: object, known: _Known) -> str:
    if value is None or value == "":
        return tags.EMPTY
    text, language = str(value), tags.language()
    if text in known.organisations:
        return f"{known.organisations[text]} · {text}"
    if name in _SECTORS:
        return f"{tags.sector_word(text, known.region)} · {text}"
    if name == "region":
        return tags.region_name(text)
    if isinstance(value, int) and not isinstance(value, bool):
        return _amount(name, value, language)
    if name.endswith("_at"):
        return formats.moment(datetime.fromisoformat(text)).text
    return labels.label(text, _ENUM_OF.get(name, name))


def _amount(name: str, amount: int, language: str) -> str:
    if name.endswith("_fen_per_t"):
        return _exact(formats.yuan_per_t(amount, language))
    if name.endswith("_fen"):
        return _exact(formats.yuan(amount, language))
    return _exact(formats.tonnes(amount, language)) if name.endswith("_t") else str(amount)


# What is signed is shown exactly, never shortened.
def _exact(figure: formats.Figure) -> str:
    return figure.exact or figure.text


def _organisations(values: Iterable[object]) -> dict[str, str]:
    codes = [text for value in values for text in _texts(value) if identity.is_uscc(text)]
    return {code: tags.name(row) for code, row in members.organisations_named(codes).items()} if codes else {}


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for held in value.values():
            yield from _texts(held)
    elif isinstance(value, Sequence):
        for held in value:
            yield from _texts(held)
