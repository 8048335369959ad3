"""A numbered check, what it looks at, and what it found."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from tonnebook.core.checks import kinds
from tonnebook.core.checks.kinds import Facts, Silent, Value
from tonnebook.core.rules import Status


class Severity(StrEnum):
    """What a finding does: an error keeps a report from being submitted, a warning is answered, a note informs."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    NOTE = "NOTE"


class Scope(StrEnum):
    """What a check looks at."""

    LINE = "LINE"
    FACILITY = "FACILITY"
    MONTH = "MONTH"
    FILING = "FILING"
    REPORT = "REPORT"
    PRODUCT = "PRODUCT"
    PLAN = "PLAN"
    ENERGY = "ENERGY"
    METER = "METER"


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the catalogue.

    Attributes:
        number: what people see, such as "L101"; never given to another check.
        kind: a key of `kinds.KINDS`.
        severity: what a finding of it does.
        scope: what it looks at.
        zh: message, with places for facts, for what the kind tells and for the settings.
        en: the same in English.
        when: facts that must be so for the check to speak: by name, the words of which one must be met.
        settings: parameters of the kind.
        source: id in `docs/sources.md`.
        article: article or table.
        status: how sure we are of the parameters.
    """

    number: str
    kind: str
    severity: Severity
    scope: Scope
    zh: str
    en: str
    when: Mapping[str, tuple[Value, ...]]
    settings: Facts
    source: str
    article: str
    status: Status


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that is looked at: `place` names it to people ("RR-1 · natural_gas"), `facts` are known of it."""

    scope: Scope
    place: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found at a place, as people read it; `is_waived` when a recorded waiver lets it pass."""

    check: str
    severity: Severity
    scope: Scope
    place: str
    zh: str
    en: str
    is_waived: bool = False


def run(checks: Iterable[Check], subjects: Sequence[Subject]) -> tuple[Finding, ...]:
    """Look at subjects with every check of their scope.

    Args:
        checks: the catalogue, or a part of it.
        subjects: what to look at.

    Returns:
        Findings in the order of the subjects, then of the checks; nothing for a check that lacks a fact.

    Source: design choice, no legal source.
    """
    scopes = by_scope(checks)
    found = (_finding(check, subject) for subject in subjects for check in scopes.get(subject.scope, ()))
    return tuple(one for one in found if one is not None)


def by_scope(checks: Iterable[Check]) -> dict[Scope, list[Check]]:
    """Group checks by what they look at, in their order."""
    scopes: dict[Scope, list[Check]] = defaultdict(list)
    for check in checks:
        scopes[check.scope].append(check)
    return scopes


def _finding(check: Check, subject: Subject) -> Finding | None:
    facts = subject.facts
    if any(facts.get(name) not in words for name, words in check.when.items()):
        return None
    try:
        told = kinds.KINDS[check.kind](check.settings, facts)
    except Silent:
        return None
    if told is None:
        return None
    said = {name: _shown(value) for name, value in {**facts, **check.settings, **told}.items()}
    zh, en = check.zh.format(**said), check.en.format(**said)
    return Finding(check.number, check.severity, check.scope, subject.place, zh, en)


def _shown(value: Value) -> str:
    if isinstance(value, tuple):
        return ", ".join(_shown(one) for one in value)
    return format(value, "f") if isinstance(value, Decimal) else str(value)
