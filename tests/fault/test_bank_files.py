"""Many bank files, most of them handled wrongly: sent twice, cut, altered, out of order (B16: 0 double credits).

The bank of this campaign is right in the end: every file it spoils or holds back it sends again as it should have been.
Whatever came in between, the books then show every payment exactly once, to the fen.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from tests import campaigns
from tests.unit.registry import desk as desks
from tests.unit.registry.bank_stage import BankStage, total_fen

from tonnebook.core.bank_entries import EntryState
from tonnebook.core.errors import Refused
from tonnebook.demo.bank import Mischief, Movement
from tonnebook.registry import models, queries

FILES = campaigns.times(15, 1_000)


@pytest.fixture
def stage(db: None) -> BankStage:
    found = BankStage(desks.open_desk())
    found.open()
    return found


def handled_wrongly(
    stage: BankStage, right: bytes, movements: list[Movement], chance: random.Random
) -> Iterator[bytes]:
    """What comes before and after the right file: spoilt ones, cut ones, and the same once more."""
    for mischief in chance.sample(list(Mischief), 2):
        yield stage.file(*movements, mischief=mischief)
    yield right[: chance.randrange(len(right))]
    yield right
    yield right
    yield right + b"\n"


def play(stage: BankStage, chance: random.Random) -> tuple[Counter[str], int]:
    """Have the bank send its files; gives what each client was paid in, and how many files were refused."""
    clients = {
        stage.desk.red_cash: "62220001",
        stage.desk.north_cash: "62220002",
    }
    paid_in, refused = Counter[str](), 0
    for _ in range(FILES):
        movements = []
        for _ in range(chance.randint(1, 4)):
            account = chance.choice(list(clients))
            movements.append(stage.deposit(chance.randint(1, 10**9), about=account, party_account=clients[account]))
            paid_in[account] += movements[-1].amount_fen
        # The order of the entries in a file decides nothing.
        chance.shuffle(movements)
        for content in handled_wrongly(stage, stage.file(*movements), movements, chance):
            try:
                stage.load(content)
            except Refused:
                refused += 1
        stage.closing_fen += sum(one.amount_fen for one in movements)
        stage.now += timedelta(days=chance.randint(1, 3))
    return paid_in, refused


def credited_fen(stage: BankStage) -> dict[str, int]:
    return {account: total_fen(account) for account in (stage.desk.red_cash, stage.desk.north_cash)}


def test_whatever_is_done_to_files_every_payment_is_credited_once(stage: BankStage) -> None:
    paid_in, refused = play(stage, random.Random(campaigns.SEED))  # noqa: S311 - a campaign, not a secret
    assert refused == 5 * FILES
    assert credited_fen(stage) == dict(paid_in)
    assert (queries.suspense("shanghai"), stage.balance().booked_fen) == ((), stage.booked_fen())
    assert models.BankStatement.objects.count() == FILES
    assert not models.BankEntry.objects.exclude(state=EntryState.BOOKED).exists()


def test_control_a_payment_under_another_reference_is_another_payment(stage: BankStage) -> None:
    stage.day(stage.deposit(5_00))
    again = Movement(5_00, stage.desk.red_cash, "", "62220001", reference="66661234-20260306-0001")
    with pytest.raises(Refused, match="BANK_ENTRY_TWICE"):
        stage.load(stage.file(again))
    stage.day(replace(again, reference="another"))
    assert total_fen(stage.desk.red_cash) == 10_00
