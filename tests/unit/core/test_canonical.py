"""Canonical JSON: the same bytes for the same value, and a refusal for what has no canonical form."""

import dataclasses
import enum
import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import canonical


class Colour(enum.StrEnum):
    """An enum to be written."""

    RED = "RED"


@dataclasses.dataclass(frozen=True)
class Draft:
    """A dataclass to be written."""

    name: str
    quantity_t: int


def test_keys_are_sorted_by_utf16_code_units_as_in_rfc_8785() -> None:
    # The example of RFC 8785 §3.2.3: the emoji (a surrogate pair) stands before U+FB33.
    value = {"\u20ac": "1", "\r": "2", "\ufb33": "3", "1": "4", "\U0001f600": "5", "\x80": "6", "\u00f6": "7"}
    assert list(json.loads(canonical.text(value))) == ["\r", "1", "\x80", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_text_is_escaped_as_in_rfc_8785() -> None:
    assert canonical.text('\u20ac$\x0f\nA\'B"\\\\"/') == '"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'


def test_whole_numbers_become_decimal_text_and_truth_values_do_not() -> None:
    assert canonical.text([2**60, -1, True, None]) == '["1152921504606846976","-1",true,null]'


def test_days_instants_decimals_enums_and_dataclasses_have_one_form() -> None:
    value = {
        "at": datetime(2026, 7, 1, 8, tzinfo=timezone(timedelta(hours=8))),
        "on": date(2026, 7, 1),
        "share": Decimal("0.050"),
        "colour": Colour.RED,
        "draft": Draft("\u7ea2\u6cb3", 5),
        "set": {"b", "a"},
    }
    assert canonical.text(value) == (
        '{"at":"2026-07-01T00:00:00Z","colour":"RED","draft":{"name":"\u7ea2\u6cb3","quantity_t":"5"},'
        '"on":"2026-07-01","set":["a","b"],"share":"0.050"}'
    )


@pytest.mark.parametrize(
    "value",
    [0.5, {"a": [1, 0.5]}, b"bytes", {1: "key"}, datetime(2026, 7, 1), Decimal("NaN"), object()],  # noqa: DTZ001
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"form|text|zone|finite"):
        canonical.text(value)


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(ValueError, match="surrogates"):
        canonical.encode("\ud800")


def test_digest_is_the_hash_of_the_canonical_bytes() -> None:
    assert canonical.digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=10,
)


@given(_JSON)
def test_stored_plain_values_keep_the_digest(value: object) -> None:
    stored = json.loads(json.dumps(canonical.plain(value)))
    assert canonical.digest(stored) == canonical.digest(value)


@given(_JSON)
def test_canonical_text_is_its_own_canonical_form(value: object) -> None:
    text = canonical.text(value)
    assert canonical.text(json.loads(text)) == text


_ROW = st.dictionaries(st.sampled_from(("a", "%s", "\ufb33", "\U0001f600")), st.integers() | st.text('a%"\n') | _JSON)


@given(st.lists(_ROW, max_size=6))
def test_many_texts_at_once_are_those_of_each(rows: list[dict[str, object]]) -> None:
    assert canonical.texts(rows) == [canonical.text(row) for row in rows]
