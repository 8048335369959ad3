"""Check signs catch a wrong or swapped sign."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import identity


@pytest.mark.parametrize("code", ["91330100799655058B", "9144030071526726XG"])
def test_published_credit_codes_are_accepted(code: str) -> None:
    assert identity.is_uscc(code)


@pytest.mark.parametrize(
    "code", ["91330100799655058A", "91330100799655085B", "9133010079965505", "91330100799655058I", ""]
)
def test_wrong_credit_codes_are_rejected(code: str) -> None:
    assert not identity.is_uscc(code)


def test_check_sign_needs_seventeen_allowed_signs() -> None:
    with pytest.raises(ValueError, match="17 signs"):
        identity.uscc_check_sign("913301007996550O8")


@given(st.integers(0, 999_999), st.integers(7, 12), st.integers(1, 9))
def test_one_wrong_digit_in_a_number_is_caught(count: int, place: int, shift: int) -> None:
    number = identity.numbered("SH-100", count)
    assert identity.is_numbered(number)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert not identity.is_numbered(wrong)


def test_foreign_codes_name_operators_of_the_european_registry_only() -> None:
    assert identity.is_organisation_code("EU-100000", region="eu")
    assert not identity.is_organisation_code("EU-100000", region="shanghai")
    assert not identity.is_organisation_code("EU-", region="eu")
    assert not identity.is_organisation_code("EU-1000000000000000", region="eu")
