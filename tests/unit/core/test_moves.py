"""What leaves an account without a trade: barred by the region, waiting, done once, never before its time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tonnebook import rulebook
from tonnebook.core import canonical, moves
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Fault, Refused
from tonnebook.core.moves import BankAccountState, MoveRefusal, PendingState, Waiting

READY = datetime(2026, 5, 13, 2, 0, tzinfo=UTC)
PAYLOAD: dict[str, Json] = {"debit": "A", "credit": "B", "asset": "EUA-2026", "quantity": 5}


def waiting(state: PendingState = PendingState.WAITING) -> Waiting:
    return Waiting("PT-1", state, PAYLOAD, canonical.digest(PAYLOAD), READY)


@pytest.mark.parametrize("region", ["national", "shanghai", "tianjin"])
def test_holders_cannot_transfer_to_each_other_in_china_and_the_sentence_says_by_which_rule(region: str) -> None:
    with pytest.raises(Refused) as refused:
        moves.check_holder_transfer(rulebook.at(region, on=date(2026, 9, 1)))
    assert refused.value.code is MoveRefusal.HOLDER_TRANSFER_BARRED
    assert "transfer.holder_to_holder" in refused.value.en
    assert str(refused.value.facts["source"]) in refused.value.zh


def test_holders_can_transfer_to_each_other_in_the_union() -> None:
    moves.check_holder_transfer(rulebook.at("eu", on=date(2026, 9, 1)))


def test_nothing_runs_a_microsecond_before_its_time() -> None:
    moves.check_execution(waiting(), now=READY)
    with pytest.raises(Refused, match="NOT_READY"):
        moves.check_execution(waiting(), now=READY - timedelta(microseconds=1))


def test_what_a_second_representative_must_approve_does_not_run_before() -> None:
    asked = replace(waiting(), asked_by="P-1", needs_approval=True)
    with pytest.raises(Refused, match="NOT_APPROVED_BY_HOLDER"):
        moves.check_execution(asked, now=READY)
    moves.check_approval(asked, person="P-2", digest=asked.digest)
    approved = replace(asked, approved_by="P-2")
    moves.check_execution(approved, now=READY)
    for one in (waiting(), approved):
        with pytest.raises(Refused, match="NOTHING_TO_APPROVE"):
            moves.check_approval(one, person="P-3", digest=one.digest)


@pytest.mark.parametrize("state", [PendingState.DONE, PendingState.CANCELLED, PendingState.REFUSED])
def test_what_no_longer_waits_is_neither_run_nor_taken_back(state: PendingState) -> None:
    with pytest.raises(Refused, match="NOT_WAITING"):
        moves.check_cancel(waiting(state))
    with pytest.raises(Refused, match="NOT_WAITING"):
        moves.check_execution(waiting(state), now=READY)


def test_a_payload_that_was_swapped_is_a_fault() -> None:
    swapped = Waiting("PT-1", PendingState.WAITING, {**PAYLOAD, "credit": "THIEF"}, canonical.digest(PAYLOAD), READY)
    with pytest.raises(Fault, match="A13"):
        moves.check_execution(swapped, now=READY)


@pytest.mark.parametrize(
    ("state", "ready_at", "code"),
    [
        (BankAccountState.ASKED, None, "BANK_ACCOUNT_NOT_USABLE"),
        (BankAccountState.REMOVED, READY, "BANK_ACCOUNT_NOT_USABLE"),
        (BankAccountState.CONFIRMED, READY + timedelta(microseconds=1), "BANK_ACCOUNT_WAITS"),
    ],
)
def test_money_goes_to_confirmed_bank_accounts_after_their_wait_only(
    state: BankAccountState, ready_at: datetime | None, code: str
) -> None:
    moves.check_bank_account("BA-1", BankAccountState.CONFIRMED, READY, now=READY)
    with pytest.raises(Refused, match=code):
        moves.check_bank_account("BA-1", state, ready_at, now=READY)
