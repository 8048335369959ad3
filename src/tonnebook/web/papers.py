"""Official papers before they are signed: what a paper of each kind begins with, and how it looks on a page.

Values and tables come from the books and are not typed; the officer writes the subject and the text around them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from django.utils import translation
from django.utils.translation import gettext

from tonnebook.compliance import queries as compliance
from tonnebook.core import papers, trace
from tonnebook.core.canonical import Json
from tonnebook.core.ledger import FreezeScope, HoldReason
from tonnebook.core.papers import Annex, Draft, Figure, PaperKind
from tonnebook.core.trace import Traced
from tonnebook.faces import formats, labels
from tonnebook.faces.templatetags.tonnebook import language, name, words
from tonnebook.members import queries as members
from tonnebook.members.queries import OrganisationRow
from tonnebook.registry import queries as registry

# Of the switches of a region, the ones in force come first; there are never that many.
_FREEZES = 500


@dataclass(frozen=True, slots=True)
class Matter:
    """Whom a paper is about, which compliance year, and the day on which it is drafted."""

    entity: OrganisationRow
    year: int
    today: date


@dataclass(frozen=True, slots=True)
class _Beginning:
    subject: str
    text: str
    figures: tuple[Figure, ...] = ()
    annexes: tuple[Annex, ...] = ()


def begin(kind: PaperKind, matter: Matter, *, language: str) -> Draft:
    """Begin a paper: a subject and a text to work on, with the values and tables the books give.

    Args:
        kind: what it is about.
        matter: whom it concerns.
        language: of its text, "zh-hans" or "en".

    Returns:
        The draft.
    """
    with translation.override(language):
        begun = _BEGINNINGS[kind](matter)
        return Draft(kind, language, begun.subject, (begun.text,), begun.figures, begun.annexes)


def shown(content: Mapping[str, Json]) -> dict[str, object]:
    """Give an issued paper to the template of papers.

    Args:
        content: the fields of `core.papers.Paper`, plain.
    """
    return {**content, **cast(Mapping[str, object], content["draft"])}


def proposed(payload: Mapping[str, object]) -> dict[str, object]:
    """Give a paper that waits for its signature to the template of papers.

    Args:
        payload: the arguments of `members.issue_paper`, plain.
    """
    issuer, addressee = (members.organisation(str(payload[part])) for part in ("issuer", "organisation"))
    with translation.override(str(payload["language"])):
        names = {"issuer_name": name(issuer), "addressee_name": name(addressee)}
    return {**payload, **names, "addressee": addressee.uscc}


def _account_state(matter: Matter) -> _Beginning:
    rows = registry.accounts(matter.entity.uscc)
    columns = gettext("Account"), gettext("Kind"), gettext("State")
    listed = tuple((row.number, labels.label(row.type), labels.label(row.state)) for row in rows)
    return _Beginning(
        gettext("Notice of the state of your accounts"),
        gettext("The state of your accounts in the registry is as the annex says."),
        annexes=(Annex(gettext("Accounts"), columns, listed),),
    )


def _freeze(matter: Matter) -> _Beginning:
    accounts = [row.number for row in registry.accounts(matter.entity.uscc)]
    switches = [
        (row.number, row.subject, gettext("all of it"), labels.label(row.scope))
        for row in registry.freezes(matter.entity.region, limit=_FREEZES)
        if row.lifted_at is None and row.scope is FreezeScope.ACCOUNT and row.subject in accounts
    ]
    holds = [
        (row.number, row.account, f"{formats.grouped(row.quantity)} · {row.asset}", row.owner)
        for account in accounts
        for row in registry.standing_holds(account)
        if row.reason is HoldReason.COURT
    ]
    columns = gettext("Number"), gettext("Account"), gettext("How much"), gettext("By whose order")
    return _Beginning(
        gettext("Notice of freeze"),
        gettext("What the annex lists is frozen until the order is lifted."),
        annexes=(Annex(gettext("Frozen"), columns, tuple(switches + holds)),),
    )


def _allocation(matter: Matter) -> _Beginning:
    rows = compliance.allocation_of(matter.entity.uscc, matter.year)
    columns = (
        gettext("Batch"),
        gettext("Free of charge"),
        gettext("Against payment"),
        gettext("Issued"),
        gettext("State"),
    )
    listed = tuple(
        (labels.label(row.batch), *map(_tonnes, (row.free_t, row.paid_t, row.issue_t)), labels.label(row.state))
        for row in rows
    )
    figures = tuple(_traced(traced, of=labels.label(row.batch)) for row in rows for traced in row.traces.values())
    return _Beginning(
        gettext("Notice of the allowances issued for %(year)s") % {"year": matter.year},
        gettext("The allowances issued to you for the compliance year %(year)s are as below and in the annex.")
        % {"year": matter.year},
        figures,
        (Annex(gettext("Allowances by batch"), columns, listed),),
    )


def _deadline(matter: Matter) -> _Beginning:
    figures = tuple(_day(matter, one) for one in _deadlines(matter) if one.on >= matter.today)
    return _Beginning(
        gettext("Reminder of the deadlines of %(year)s") % {"year": matter.year},
        gettext("The deadlines of the compliance year %(year)s that lie ahead of you are as below.")
        % {"year": matter.year},
        figures,
    )


def _order_to_surrender(matter: Matter) -> _Beginning:
    return _Beginning(
        gettext("Order to surrender for %(year)s") % {"year": matter.year},
        gettext("You have not surrendered in full for %(year)s. Surrender what is missing by the day named here:")
        % {"year": matter.year},
        _missing(matter),
    )


# The range of a fine is law and stands in the rule book; how much it is, and why, two officers write and sign.
def _penalty(matter: Matter) -> _Beginning:
    rules = compliance.rules(matter.entity.region, matter.year, matter.today)
    paths = (path for path in ("penalty.surrender.fine_min_yuan", "penalty.surrender.fine_max_yuan") if rules.has(path))
    return _Beginning(
        gettext("Decision on a penalty for %(year)s") % {"year": matter.year},
        gettext("Facts, ground and amount, and where and until when the decision can be contested:"),
        (*_missing(matter), *(_traced(rules.number(path)) for path in paths)),
    )


_BEGINNINGS: Mapping[PaperKind, Callable[[Matter], _Beginning]] = {
    PaperKind.ACCOUNT_STATE: _account_state,
    PaperKind.FREEZE: _freeze,
    PaperKind.ALLOCATION: _allocation,
    PaperKind.DEADLINE: _deadline,
    PaperKind.ORDER_TO_SURRENDER: _order_to_surrender,
    PaperKind.PENALTY: _penalty,
}


def _missing(matter: Matter) -> tuple[Figure, ...]:
    position = compliance.position(matter.entity.uscc, matter.year, matter.today)
    book = gettext("account book")
    due = Figure(gettext("Still due"), _tonnes(position.due_t), book)
    confirmed = Figure(gettext("Surrendered for good"), _tonnes(position.confirmed_t), book)
    deadlines = (_day(matter, one) for one in _deadlines(matter) if one.code == "surrender")
    duty = (_traced(position.obligation),) if position.obligation else ()
    return (*duty, confirmed, due, *deadlines)


def _deadlines(matter: Matter) -> tuple[compliance.Deadline, ...]:
    return compliance.deadlines(matter.entity.region, matter.year, matter.today)


def _day(matter: Matter, one: compliance.Deadline) -> Figure:
    rules = compliance.rules(matter.entity.region, matter.year, matter.today)
    path = f"deadline.{one.code}_on"
    origin = rules.origin(path if rules.has(path) else f"deadline.{one.code}")
    return Figure(words(one), one.on.isoformat(), f"{origin.source} {origin.article}", origin.status)


def _traced(value: Traced, *, of: str = "") -> Figure:
    origins = trace.origins(value)
    sources = dict.fromkeys(f"{one.source} {one.article}" for one in origins)
    figure = formats.measure(value.value, value.unit, language())
    source = gettext("; ").join(sources) or gettext("account book")
    what = " · ".join(filter(None, (of, words(value))))
    return Figure(what, figure.exact or figure.text, source, papers.least_sure(one.status for one in origins))


# What stands on paper is added up again by its reader: in full, without 万吨.
def _tonnes(quantity_t: int) -> str:
    return gettext("%(quantity)s t") % {"quantity": formats.grouped(quantity_t)}
