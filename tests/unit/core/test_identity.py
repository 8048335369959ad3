"""Check signs catch a wrong or swapped sign."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import identity
from tonnebook.core.errors import Refused


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


@pytest.mark.parametrize(
    "typed", ["SH-100-000042-97", " sh-100-000042-97 ", "ＳＨ－１００－000042－97", "SH–100–000042–97"]
)
def test_a_number_is_taken_however_it_is_typed(typed: str) -> None:
    assert identity.check_numbered(typed) == "SH-100-000042-97"


@pytest.mark.parametrize("place", [0, 1, 3, 4, 5, 11, 12, 14, 15])
def test_every_single_wrong_sign_of_a_number_is_caught(place: int) -> None:
    number = "SH-100-000042-97"
    for sign in string.digits if number[place].isdigit() else string.ascii_uppercase:
        typed = number[:place] + sign + number[place + 1 :]
        if typed != number:
            with pytest.raises(Refused, match="NUMBER_MISTYPED"):
                identity.check_numbered(typed)


@pytest.mark.parametrize("typed", ["", "-", "--", "SH", "甲-乙-丙", "SH-100-000042"])
def test_what_is_no_number_at_all_is_mistyped(typed: str) -> None:
    with pytest.raises(Refused, match="NUMBER_MISTYPED"):
        identity.check_numbered(typed)
