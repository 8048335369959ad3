"""Addresses and forms that nobody types: pages answer them as they answer a mistake, and never fail."""

import pytest
from django.test import Client
from tests.unit.web.town import Town

DIGITS = "9" * 5000


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/public/tables?year=%00", 422),
        ("/registry/accounts/%00", 422),
        (f"/public/tables/2026/coverage?page={DIGITS}", 200),
        ("/public/tables/0/coverage", 404),
        ("/public/tables/0000/coverage.csv", 404),
        ("/public/tables/99999/coverage", 404),
        ("/public/tables/2026/%F0%9F%92%A3", 404),
    ],
)
def test_an_odd_address_is_a_mistake_and_no_fault(town: Town, address: str, status: int) -> None:
    assert Client(raise_request_exception=False).get(address).status_code == status


def test_a_form_with_a_sign_that_no_text_holds_is_a_mistake(town: Town) -> None:
    client = Client(raise_request_exception=False)
    assert client.post("/sign-in", {"username": "a\0b", "password": "x"}).status_code == 422
