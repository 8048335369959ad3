"""What became of what a member has sent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tonnebook.core.book import MarketRefusal
from tonnebook.core.errors import Refused
from tonnebook.market.models import Command


@dataclass(frozen=True, slots=True)
class CommandRow:
    """What was sent under one key; `answers` has one for each instruction, and is None until all are carried out."""

    number: str
    organisation: str
    state: str
    received_at: datetime
    done_at: datetime | None
    answers: list[dict[str, Any]] | None


def command(number: str) -> CommandRow:
    """Find what was sent by its number.

    Raises:
        Refused: NO_SUCH_COMMAND when there is none.
    """
    row = Command.objects.filter(number=number).first()
    if row is None:
        raise Refused(MarketRefusal.NO_SUCH_COMMAND, command=number)
    return CommandRow(row.number, row.organisation, row.state, row.received_at, row.done_at, row.answers)
