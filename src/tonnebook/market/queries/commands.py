"""What became of what a member has sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from tonnebook.core import periods, runs
from tonnebook.core.book import Instruction, MarketRefusal, instructions
from tonnebook.core.errors import Refused
from tonnebook.core.keys import code_named
from tonnebook.market.models import Command


@dataclass(frozen=True, slots=True)
class ToldRow:
    """One instruction; its answer and why it was refused are None until it has been carried out, and one stays so."""

    instruction: Instruction
    answer: Mapping[str, Any] | None
    refusal: Refused | None


@dataclass(frozen=True, slots=True)
class CommandRow:
    """What was sent under one key; `answers` has one for each instruction, and is None until all are carried out."""

    number: str
    organisation: str
    person: str
    state: str
    received_at: datetime
    done_at: datetime | None
    answers: list[dict[str, Any]] | None
    told: tuple[ToldRow, ...]

    @property
    def refused(self) -> int:
        """How many instructions were refused."""
        return sum(one.refusal is not None for one in self.told)


def command(number: str) -> CommandRow:
    """Find what was sent by its number.

    Raises:
        Refused: NO_SUCH_COMMAND when there is none.
    """
    row = Command.objects.filter(number=number).first()
    if row is None:
        raise Refused(MarketRefusal.NO_SUCH_COMMAND, command=number)
    return _row(row)


def commands(organisation: str, region: str, *, on: date, limit: int = 100) -> tuple[CommandRow, ...]:
    """List what an organisation has sent to the market of a region on a day, newest first."""
    from_at, to_at = (periods.instant(day, time()) for day in (on, on + timedelta(days=1)))
    sent = Command.objects.filter(
        organisation=organisation, region=region, received_at__gte=from_at, received_at__lt=to_at
    )
    return tuple(_row(row) for row in sent.order_by("-id")[:limit])


def _row(row: Command) -> CommandRow:
    asked = instructions.unpacked(row.instructions)
    answers = None if row.answers is None else runs.unpacked(row.answers)
    each: Sequence[Mapping[str, Any] | None] = [None] * len(asked) if answers is None else answers
    told = tuple(_told(*pair) for pair in zip(asked, each, strict=True))
    terms = (row.number, row.organisation, row.person, row.state, row.received_at, row.done_at, answers)
    return CommandRow(*terms, told)


def _told(asked: Instruction, answer: Mapping[str, Any] | None) -> ToldRow:
    refused = None if answer is None else answer.get("refused")
    if refused is None:
        return ToldRow(asked, answer, None)
    return ToldRow(asked, None, Refused(code_named(refused["code"]), **refused["facts"]))
