"""The member of the demo that a program plays."""

import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.signing import make_real
from tests.unit.client.test_client import through
from tests.unit.web import town as towns
from tests.unit.web.program import Program
from tests.unit.web.town import NOW, RED_RIVER

from tonnebook.demo import sandbox


@pytest.mark.django_db
def test_what_is_printed_opens_the_market_to_a_program() -> None:
    towns.open_town()
    (said,) = sandbox.lines("red", now=NOW)
    told = dict(re.findall(r"^export (\w+)=(\S+)$", said, re.MULTILINE))
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(told["TONNEBOOK_SEED"]))
    market = through(Program(told["TONNEBOOK_KEY"], private))
    assert market.get("/me")["organisation"] == RED_RIVER
    assert market.orders()["rows"] == []


@pytest.mark.django_db
@pytest.mark.parametrize("login", ["zhou", "nobody"])
def test_only_a_trader_is_played(login: str) -> None:
    towns.open_town()
    with pytest.raises(sandbox.NoSandbox, match=f"{login} is no trader"):
        list(sandbox.lines(login, now=NOW))


@pytest.mark.django_db
def test_a_real_database_has_nobody_to_play() -> None:
    towns.open_town()
    make_real()
    with pytest.raises(sandbox.NoSandbox, match="no demo database"):
        list(sandbox.lines("red", now=NOW))
