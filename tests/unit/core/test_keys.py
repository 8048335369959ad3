"""Idempotency keys, and refusal codes as stored beside them."""

import pytest

from tonnebook.core import keys
from tonnebook.core.errors import Fault, Refused
from tonnebook.core.roles import AccessRefusal


@pytest.mark.parametrize("key", ["", "x" * 201, "line\nbreak", "nul\x00"])
def test_a_key_that_cannot_be_stored_is_refused(key: str) -> None:
    with pytest.raises(Refused) as refused:
        keys.check_key(key)
    assert refused.value.code is keys.KeyRefusal.KEY_MALFORMED


@pytest.mark.parametrize("key", ["x", "x" * 200, "\u949c-1"])
def test_a_key_that_can_be_stored_is_taken(key: str) -> None:
    keys.check_key(key)


def test_a_stored_code_is_found_again() -> None:
    assert keys.name_of(AccessRefusal.NOT_PERMITTED) == "AccessRefusal.NOT_PERMITTED"
    assert keys.code_named("AccessRefusal.NOT_PERMITTED") is AccessRefusal.NOT_PERMITTED


@pytest.mark.parametrize("name", ["AccessRefusal.NO_SUCH_CODE", "NoSuchEnum.NOT_PERMITTED", ""])
def test_a_stored_code_that_nobody_declares_is_a_fault(name: str) -> None:
    with pytest.raises(Fault):
        keys.code_named(name)
