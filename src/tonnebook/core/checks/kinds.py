"""The kinds of checks: what each asks of the facts of one subject, and what it says when they fail.

Every kind is a function of a check's settings and a subject's facts. It gives None when the facts pass, and otherwise
what to put into the message. It raises `Silent` when a fact it needs is not there: nothing is guessed.
"""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, localcontext
from itertools import pairwise
from types import MappingProxyType
from typing import TypeAlias

from tonnebook.core import units

Value: TypeAlias = str | bool | Decimal | date | tuple["Value", ...]
Facts: TypeAlias = Mapping[str, Value]
Told: TypeAlias = Mapping[str, Value] | None


class Silent(Exception):
    """A fact that a check needs is not there, so the check says nothing."""


def is_given(value: Value | None) -> bool:
    """Say whether a fact says anything: an empty text or list does not."""
    return value is not None and value != "" and value != ()


def _fact(facts: Facts, name: str) -> Value:
    value = facts.get(name)
    if value is None or value == "":
        raise Silent
    return value


def _number(facts: Facts, name: str) -> Decimal:
    value = _fact(facts, name)
    if not isinstance(value, Decimal):
        raise TypeError(f"the fact {name} is no number: {value!r}")
    return value


def _day(facts: Facts, name: str) -> date:
    value = _fact(facts, name)
    if not isinstance(value, date):
        raise TypeError(f"the fact {name} is no day: {value!r}")
    return value


def _list(facts: Facts, name: str) -> tuple[Value, ...]:
    value = facts.get(name)
    if value is None:
        raise Silent
    if not isinstance(value, tuple):
        raise TypeError(f"the fact {name} is no list: {value!r}")
    return value


def _word(settings: Facts, name: str) -> str:
    value = settings[name]
    if not isinstance(value, str):
        raise TypeError(f"the setting {name} is no word: {value!r}")
    return value


def _names(settings: Facts, name: str) -> tuple[str, ...]:
    return tuple(str(one) for one in _list(settings, name))


# Something must be there; where nobody could give it yet, the fact itself is missing.
def _present(settings: Facts, facts: Facts) -> Told:
    name = _word(settings, "field")
    if name not in facts:
        raise Silent
    return None if is_given(facts[name]) else {}


# Something has no place here.
def _absent(settings: Facts, facts: Facts) -> Told:
    value = facts.get(_word(settings, "field"))
    return {"value": value} if value is not None and is_given(value) else None


# A word or unit is one of a list.
def _one_of(settings: Facts, facts: Facts) -> Told:
    value, words = _fact(facts, _word(settings, "field")), _list(settings, "words")
    return None if value in words else {"value": value, "words": words}


# A number lies between two bounds, either of which may be left open; the bounds themselves pass.
def _range(settings: Facts, facts: Facts) -> Told:
    value = _number(facts, _word(settings, "field"))
    return _outside(settings, value)


# One number over another lies between two bounds.
def _ratio(settings: Facts, facts: Facts) -> Told:
    above, below = _number(facts, _word(settings, "field")), _number(facts, _word(settings, "over"))
    if below == 0:
        raise Silent
    with localcontext(units.EXACT):
        return _outside(settings, (above / below).quantize(_SHOWN))


def _outside(settings: Facts, value: Decimal) -> Told:
    low, high = settings.get("low"), settings.get("high")
    is_low = isinstance(low, Decimal) and value < low
    is_high = isinstance(high, Decimal) and value > high
    if not (is_low or is_high):
        return None
    return {"value": value, "low": "−∞" if low is None else low, "high": "∞" if high is None else high}


# A number differs from another by at most a share of that other: jumps between months and years, defaults, peers.
def _near(settings: Facts, facts: Facts) -> Told:
    value, other = _number(facts, _word(settings, "field")), _number(facts, _word(settings, "to"))
    share = _number(settings, "share")
    with localcontext(units.EXACT):
        if abs(value - other) <= share * abs(other):
            return None
        return {"value": value, "other": other, "share": _percent(share)}


# Parts add up to their whole, within a number of units or a share of the whole.
def _sum(settings: Facts, facts: Facts) -> Told:
    parts, whole = _list(facts, _word(settings, "parts")), _number(facts, _word(settings, "whole"))
    with localcontext(units.EXACT):
        total = sum((one for one in parts if isinstance(one, Decimal)), Decimal(0))
        return None if abs(total - whole) <= _tolerance(settings, whole) else {"value": total, "whole": whole}


# What goes in is what comes out, within a number of units or a share of what goes in.
def _balance(settings: Facts, facts: Facts) -> Told:
    with localcontext(units.EXACT):
        given = sum((_number(facts, name) for name in _names(settings, "given")), Decimal(0))
        taken = sum((_number(facts, name) for name in _names(settings, "taken")), Decimal(0))
        return None if abs(given - taken) <= _tolerance(settings, given) else {"given": given, "taken": taken}


def _tolerance(settings: Facts, whole: Decimal) -> Decimal:
    share, within = settings.get("share", Decimal(0)), settings.get("within", Decimal(0))
    assert isinstance(share, Decimal)
    assert isinstance(within, Decimal)
    return max(within, share * abs(whole))


# A number is at most a multiple of another; the multiple is 1 where none is set.
def _at_most(settings: Facts, facts: Facts) -> Told:
    value, other = _number(facts, _word(settings, "field")), _number(facts, _word(settings, "of"))
    times = settings.get("times", Decimal(1))
    assert isinstance(times, Decimal)
    with localcontext(units.EXACT):
        return None if value <= times * other else {"value": value, "other": other, "times": times}


# Numbers multiplied do not pass a bound: no fuel holds more carbon than its own mass.
def _product(settings: Facts, facts: Facts) -> Told:
    high, product = _number(settings, "high"), Decimal(1)
    with localcontext(units.EXACT):
        for name in _names(settings, "fields"):
            product *= _number(facts, name)
        return None if product <= high else {"value": product.normalize(), "high": high}


# Days come one after the other; two of them may be at most some days apart.
def _in_order(settings: Facts, facts: Facts) -> Told:
    days = [_day(facts, name) for name in _names(settings, "days")]
    most = settings.get("apart_days")
    for first, then in pairwise(days):
        if first > then or (isinstance(most, Decimal) and (then - first).days > most):
            return {"first": first, "then": then}
    return None


# A list has as many members as are asked for.
def _count(settings: Facts, facts: Facts) -> Told:
    return _outside(settings, Decimal(len(_list(facts, _word(settings, "field")))))


# Nothing stands twice in a list.
def _unique(settings: Facts, facts: Facts) -> Told:
    members = _list(facts, _word(settings, "field"))
    twice = tuple(dict.fromkeys(one for one in members if members.count(one) > 1))
    return {"value": twice} if twice else None


# Every member of a list stands in another one.
def _within(settings: Facts, facts: Facts) -> Told:
    members, others = _list(facts, _word(settings, "field")), _list(facts, _word(settings, "of"))
    foreign = tuple(dict.fromkeys(one for one in members if one not in others))
    return {"value": foreign} if foreign else None


# Two facts are the same.
def _equal(settings: Facts, facts: Facts) -> Told:
    value, other = _fact(facts, _word(settings, "field")), _fact(facts, _word(settings, "to"))
    return None if value == other else {"value": value, "other": other}


# Numbers that should vary do not all repeat one another.
def _varies(settings: Facts, facts: Facts) -> Told:
    members, least = _list(facts, _word(settings, "field")), _number(settings, "least")
    if len(members) < least:
        raise Silent
    return {"value": members[0]} if len(set(members)) == 1 else None


# Something is so, or is not.
def _holds(settings: Facts, facts: Facts) -> Told:
    return None if _fact(facts, _word(settings, "field")) is settings["wanted"] else {}


_SHOWN = Decimal("0.000001")


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f} %"


KINDS: Mapping[str, Callable[[Facts, Facts], Told]] = MappingProxyType(
    {
        "PRESENT": _present,
        "ABSENT": _absent,
        "ONE_OF": _one_of,
        "RANGE": _range,
        "RATIO": _ratio,
        "NEAR": _near,
        "SUM": _sum,
        "BALANCE": _balance,
        "AT_MOST": _at_most,
        "PRODUCT": _product,
        "IN_ORDER": _in_order,
        "COUNT": _count,
        "UNIQUE": _unique,
        "WITHIN": _within,
        "EQUAL": _equal,
        "VARIES": _varies,
        "HOLDS": _holds,
    }
)
