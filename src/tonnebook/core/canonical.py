"""One way to write a value as bytes, so that two programs always hash the same thing.

The form is RFC 8785 (JSON canonicalisation) with one tightening: whole numbers become decimal strings, because JSON
readers disagree above 2⁵³, and binary fractions are refused. Days and instants become ISO text, exact decimals text.
"""

import dataclasses
import functools
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from itertools import groupby
from typing import TypeAlias, cast

from tonnebook.core import periods

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

_quoted = json.encoder.encode_basestring
_write = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def text(value: object) -> str:
    """Write a value as canonical JSON text.

    Args:
        value: None, bool, int, text, Decimal, date, aware datetime, Enum, dataclass, mapping with text keys, sequence
            or set of these.

    Returns:
        JSON with sorted keys and no spaces; whole numbers are decimal strings.

    Raises:
        ValueError: when the value holds a float, bytes, a naive datetime, a key that is no text or a lone surrogate.

    Source: RFC 8785; whole numbers as strings are a design choice, no legal source.

    Example:
        >>> text({"t": 5, "on": date(2026, 7, 1)})
        '{"on":"2026-07-01","t":"5"}'
    """
    # Exact types first, and in one pass: this runs for every field of every leaf.
    kind = type(value)
    if kind is str:
        return _quoted(value)  # type: ignore[arg-type]
    if kind is int:
        return f'"{value}"'
    if kind is dict:
        return _members([(name, value[key]) for key, name in _names(tuple(value))])  # type: ignore[index,arg-type]
    if kind is list or kind is tuple:
        return f"[{','.join(map(text, value))}]"  # type: ignore[call-overload]
    if isinstance(value, Enum):
        return text(value.value)
    if _is_record(value):
        return _members([(name, getattr(value, field)) for field, name in _names_of(kind)])
    return _write(_plain(value, str))


# What `text` does with words and numbers stands here once more: nearly all members are one or the other.
def _members(found: list[tuple[str, object]]) -> str:
    written = [
        name + (_quoted(one) if type(one) is str else f'"{one}"' if type(one) is int else text(one))
        for name, one in found
    ]
    return f"{{{','.join(written)}}}"


def texts(rows: Iterable[Mapping[str, object]]) -> list[str]:
    """Write many values as canonical JSON text, field by field: thousands that have the same fields in a second.

    Args:
        rows: mappings; as for `text`.

    Returns:
        The `text` of each.

    Raises:
        ValueError: as for `text`.
    """
    written: list[str] = []
    for keys, alike in groupby(rows, tuple):
        found, names = list(alike), _names(keys)
        form = f"{{{','.join(name.replace('%', '%%') + '%s' for _, name in names)}}}"
        columns = [_column([row[key] for row in found]) for key, _ in names]
        written += map(form.__mod__, zip(*columns, strict=True)) if columns else ["{}"] * len(found)
    return written


def _column(values: list[object]) -> Iterable[str]:
    kinds = set(map(type, values))
    if kinds == {str}:
        return map(_quoted, cast(list[str], values))
    if kinds == {int}:
        return map('"%d"'.__mod__, cast(list[int], values))
    return map(text, values)


def encode(value: object) -> bytes:
    """Write a value as canonical JSON bytes (UTF-8); what it takes and refuses stands at `text`."""
    return text(value).encode()


def digest(value: object) -> str:
    """Hash a value: SHA-256 of its canonical bytes, 64 hexadecimal digits."""
    return hashlib.sha256(encode(value)).hexdigest()


def plain(value: object) -> Json:
    """Turn a value into plain JSON values, as `text` does but with whole numbers kept as numbers.

    Args:
        value: as for `text`.

    Returns:
        A value that JSON storage gives back unchanged, with the same `digest` as the one handed in.

    Raises:
        ValueError: as for `text`.
    """
    return _plain(value, int)


def _plain(value: object, whole: Callable[[int], Json]) -> Json:
    # Exact types first: this runs for every field of every leaf.
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value  # type: ignore[return-value]
    if kind is int:
        return whole(value)  # type: ignore[arg-type]
    if kind is dict:
        return _object(value, whole)  # type: ignore[arg-type]
    if kind is list or kind is tuple:
        return [_plain(item, whole) for item in value]  # type: ignore[attr-defined]
    return _less_common(value, whole)


def _less_common(value: object, whole: Callable[[int], Json]) -> Json:
    if isinstance(value, Enum):
        return _plain(value.value, whole)
    if isinstance(value, (date, Decimal)):
        return _scalar(value)
    if _is_record(value):
        return {field: _plain(getattr(value, field), whole) for field, _ in _names_of(type(value))}
    if isinstance(value, Mapping):
        return _object(value, whole)
    if isinstance(value, Set):
        return sorted((_plain(item, whole) for item in value), key=_write)
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        return [_plain(item, whole) for item in value]
    raise ValueError(f"no canonical form for {type(value).__name__}: {value!r}")


def _is_record(value: object) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


# Thousands of leaves have the same keys, and the instructions of a command the same fields.
@functools.lru_cache(maxsize=1_024)
def _names(keys: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(key, f"{_quoted(key)}:") for key in _sorted_keys(dict.fromkeys(keys))]


_NAMES: dict[type, list[tuple[str, str]]] = {}


def _names_of(kind: type) -> list[tuple[str, str]]:
    if kind not in _NAMES:
        _NAMES[kind] = _names(tuple(field.name for field in dataclasses.fields(kind)))
    return _NAMES[kind]


def _scalar(value: date | Decimal) -> str:
    if isinstance(value, datetime):
        return periods.iso(value)
    if isinstance(value, date):
        return value.isoformat()
    if not value.is_finite():
        raise ValueError(f"not a finite number: {value}")
    return format(value, "f")


def _object(value: Mapping[object, object], whole: Callable[[int], Json]) -> dict[str, Json]:
    return {key: _plain(value[key], whole) for key in _sorted_keys(value)}


def _sorted_keys(value: Mapping[object, object]) -> list[str]:
    keys = cast(Mapping[str, object], value)
    try:
        is_ascii = "".join(keys).isascii()
    except TypeError as error:
        raise ValueError(f"a key must be text: {list(value)!r}") from error
    # RFC 8785 sorts by UTF-16 code units, which differs from code points outside the basic plane.
    return sorted(keys) if is_ascii else sorted(keys, key=lambda key: key.encode("utf-16-be"))
