"""The table of approved commands: complete, and arguments come back as what the services ask for."""

import enum
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tonnebook import commands
from tonnebook.core import approvals, canonical
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Actor
from tonnebook.journal.services import Answer


class Batch(enum.StrEnum):
    """An enum among the arguments."""

    FIRST = "FIRST"


def service(
    actor: Actor, *, year: int, batch: Batch, on: date, at: datetime, share: Decimal, names: list[str], approval: str
) -> Answer:
    """Ask for one argument of each kind."""
    return {}


def test_every_command_that_two_approve_has_a_service_and_no_other() -> None:
    assert set(commands.COMMANDS) == set(approvals.ACT_OF)


@pytest.mark.parametrize("kind", commands.COMMANDS)
def test_every_command_leads_to_a_service_that_takes_an_approval(kind: str) -> None:
    assert "approval" in commands.service_of(kind).__annotations__


def test_a_command_outside_the_table_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        commands.service_of("os.system")
    assert refused.value.code is approvals.ApprovalRefusal.NOT_FOR_APPROVAL


def test_stored_arguments_come_back_with_their_types_and_the_same_digest() -> None:
    given = {
        "year": 2026,
        "batch": Batch.FIRST,
        "on": date(2026, 7, 1),
        "at": datetime(2026, 7, 1, 8, tzinfo=UTC),
        "share": Decimal("0.050"),
        "names": ["b", "a"],
    }
    stored = canonical.plain(given)
    assert isinstance(stored, dict)
    back = commands.arguments(service, stored)
    assert back == given
    assert type(back["batch"]) is Batch
    assert canonical.digest(back) == canonical.digest(given)
