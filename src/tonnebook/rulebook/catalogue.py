"""Read the catalogue of numbered checks, each with a case that passes it and one that fails it.

A file of `checks/` is a list of groups. A group states what its checks share (kind, severity, scope, sentences, source,
facts of cases), a check its number and what is its own. Where both state something the check counts, and mappings are
laid one over the other. Numbers are quoted, as everywhere in the rule book. An ill-formed file is a fault.
"""

import functools
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from tonnebook.core.checks import Check, Scope, Severity, Subject, Value
from tonnebook.core.checks.kinds import KINDS
from tonnebook.core.rules import Status

ROOT = Path(__file__).parent / "checks"

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_MAPPINGS = ("when", "settings", "case")
_KEYS = frozenset({"kind", "severity", "scope", "zh", "en", "reference", "status", *_MAPPINGS})
_OWN = _KEYS | {"number", "passes", "fails"}


@dataclass(frozen=True, slots=True)
class Case:
    """A check with a subject that passes it and one that fails it."""

    check: Check
    passes: Subject
    fails: Subject


@functools.cache
def checks() -> Mapping[str, Check]:
    """Give every check by number, in the order of the numbers."""
    return MappingProxyType({case.check.number: case.check for case in cases()})


@functools.cache
def digest() -> str:
    """Give SHA-256 (hex) over the files of the catalogue: by which checks something was looked at."""
    texts = (file.read_bytes() for file in sorted(ROOT.glob("*.yaml")))
    return hashlib.sha256(b"".join(hashlib.sha256(text).digest() for text in texts)).hexdigest()


@functools.cache
def cases() -> tuple[Case, ...]:
    """Give every check with its two cases, in the order of the numbers.

    Raises:
        ValueError: when a file is not well formed or a number stands twice.
    """
    found = [case for file in sorted(ROOT.glob("*.yaml")) for case in read(file.read_text(encoding="utf-8"), file.name)]
    numbers = [case.check.number for case in found]
    twice = sorted({number for number in numbers if numbers.count(number) > 1})
    if twice:
        raise ValueError(f"a number of a check stands twice / 校核编号重复: {', '.join(twice)}")
    return tuple(sorted(found, key=lambda case: case.check.number))


def read(text: str, file: str) -> Iterator[Case]:
    """Read one file of the catalogue.

    Args:
        text: YAML.
        file: its name, for errors.

    Raises:
        ValueError: naming file, check and remedy.
    """
    for group in yaml.safe_load(text):
        common = {name: value for name, value in group.items() if name != "checks"}
        _refuse_keys(common, _KEYS, f"{file}: group")
        for own in group["checks"]:
            _refuse_keys(own, _OWN, f"{file}: {own.get('number', '?')}")
            laid = {name: {**common.get(name, {}), **own.get(name, {})} for name in _MAPPINGS}
            yield _case({**common, **own, **laid}, file)


def _refuse_keys(given: Mapping[str, Any], known: frozenset[str], where: str) -> None:
    unknown = sorted(set(given) - known)
    if unknown:
        raise ValueError(f"{where}: unknown {', '.join(unknown)}; correct or delete it / 未知项，请更正或删除")


def _case(stated: Mapping[str, Any], file: str) -> Case:
    where = f"{file}: {stated.get('number', '?')}"
    lacking = sorted((_OWN - set(_MAPPINGS)) - set(stated))
    if lacking:
        raise ValueError(f"{where}: lacks {', '.join(lacking)}; add it / 缺少，请补充")
    if stated["kind"] not in KINDS:
        raise ValueError(f"{where}: no kind {stated['kind']}; one of {', '.join(KINDS)} / 没有该校核类型")
    when = {name: _words(value) for name, value in stated["when"].items()}
    check = Check(
        number=stated["number"],
        kind=stated["kind"],
        severity=Severity(stated["severity"]),
        scope=Scope(stated["scope"]),
        zh=stated["zh"],
        en=stated["en"],
        when=when,
        settings=_facts(stated["settings"]),
        source=stated["reference"]["source"],
        article=stated["reference"]["article"],
        status=Status(stated["status"]),
    )
    # Facts of the condition need not be written again in the cases.
    begin = {**{name: words[0] for name, words in when.items()}, **_facts(stated["case"])}
    passes, fails = (
        Subject(check.scope, stated["number"], {**begin, **_facts(stated[name])}) for name in ("passes", "fails")
    )
    return Case(check, passes, fails)


def _facts(given: Mapping[str, Any]) -> dict[str, Value]:
    return {name: _value(value) for name, value in given.items() if value is not None}


def _words(value: object) -> tuple[Value, ...]:
    return tuple(_value(one) for one in value) if isinstance(value, list) else (_value(value),)


def _value(value: object) -> Value:
    if isinstance(value, list):
        return tuple(_value(one) for one in value)
    if isinstance(value, bool | date):
        return value
    if not isinstance(value, str):
        raise ValueError(f"{value!r} needs quotes / 请加引号")
    return Decimal(value) if _NUMBER.fullmatch(value) else value
