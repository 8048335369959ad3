"""Money leaves to a bank account that two people confirmed, after its wait, and after a wait of its own."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from tests.unit.registry import desk as desks
from tests.unit.registry.desk import CLERK, NOW, STRANGER, WANG, ZHOU, Desk

from tonnebook.core.errors import Refused
from tonnebook.core.moves import BankAccountState, PendingState
from tonnebook.core.roles import Actor, OrganisationKind, Role
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry import services as registry

# Monday 9:00 in Shanghai when offices open; four working days later it is Friday, and then Thursday.
CONFIRMED, PAID = datetime(2026, 3, 6, 1, 0, tzinfo=UTC), datetime(2026, 3, 12, 1, 0, tzinfo=UTC)
MICRO = timedelta(microseconds=1)
BELL = Actor("P-BELL", desks.EXCHANGE, OrganisationKind.EXCHANGE, frozenset({Role.EXCHANGE_STAFF}), "shanghai")


@pytest.fixture
def bank_account(desk: Desk) -> str:
    desk.pay_in(desk.red_cash, 100_000_00, "B-1")
    told = registry.register_bank_account(
        WANG, bank="ICBC Shanghai", account_number="6222 0210 0111 2233", key="b", now=NOW
    )
    return str(told["bank_account"])


def asked_of_two(number: str, *, ending: str = "2233", key: str = "p") -> tuple[dict[str, str], str]:
    told = {"region": "shanghai", "bank_account": number, "bank": "ICBC Shanghai", "ending": ending}
    proposed = members.propose(CLERK, kind="registry.confirm_bank_account", payload=told, key=key, now=NOW)
    approval = str(proposed["approval"])
    members.approve(BELL, approval=approval, digest=str(proposed["digest"]), key=f"{key}a", now=NOW)
    return told, approval


def confirm(number: str, *, key: str = "p") -> None:
    told, approval = asked_of_two(number, key=key)
    registry.confirm_bank_account(CLERK, **told, approval=approval, key=f"{key}c", now=NOW)


def pay_out(desk: Desk, number: str, amount_fen: int, *, now: datetime, key: str = "w", actor: Actor = WANG) -> str:
    answer = registry.withdraw(
        actor, account=desk.red_cash, bank_account=number, amount_fen=amount_fen, key=key, now=now
    )
    return str(answer["pending"])


def free_fen(account: str) -> int:
    return sum(held.free for held in queries.holdings(account))


def test_money_waits_twice_before_it_leaves(desk: Desk, bank_account: str) -> None:
    with pytest.raises(Refused, match="BANK_ACCOUNT_NOT_USABLE"):
        pay_out(desk, bank_account, 1, now=NOW, key="u")
    confirm(bank_account)
    with pytest.raises(Refused, match="BANK_ACCOUNT_WAITS"):
        pay_out(desk, bank_account, 1, now=CONFIRMED - MICRO, key="v")
    number = pay_out(desk, bank_account, 40_000_00, now=CONFIRMED)
    assert queries.pending(number).ready_at == PAID
    assert free_fen(desk.red_cash) == 60_000_00
    assert registry.carry_out_due(now=PAID - MICRO) == 0
    assert registry.carry_out_due(now=PAID) == 1
    assert sum(held.total for held in queries.holdings(desk.red_cash)) == 60_000_00


def test_one_person_confirms_no_bank_account_and_not_what_they_did_not_see(desk: Desk, bank_account: str) -> None:
    told = {"region": "shanghai", "bank_account": bank_account, "bank": "ICBC Shanghai", "ending": "2233"}
    proposed = members.propose(CLERK, kind="registry.confirm_bank_account", payload=told, key="o", now=NOW)
    approval, digest = str(proposed["approval"]), str(proposed["digest"])
    with pytest.raises(Refused, match="SAME_PERSON"):
        members.approve(CLERK, approval=approval, digest=digest, key="oa", now=NOW)
    with pytest.raises(Refused, match="NOT_APPROVED"):
        registry.confirm_bank_account(CLERK, **told, approval=approval, key="oc", now=NOW)
    other, number = asked_of_two(bank_account, ending="9999", key="q")
    with pytest.raises(Refused, match="BANK_ACCOUNT_UNKNOWN"):
        registry.confirm_bank_account(CLERK, **other, approval=number, key="qc", now=NOW)
    assert queries.bank_account(bank_account).state is BankAccountState.ASKED


def test_a_bank_account_is_confirmed_once(desk: Desk, bank_account: str) -> None:
    confirm(bank_account)
    told, approval = asked_of_two(bank_account, key="again")
    with pytest.raises(Refused, match="BANK_ACCOUNT_NOT_ASKED"):
        registry.confirm_bank_account(CLERK, **told, approval=approval, key="ac", now=NOW)


def test_the_holder_confirms_nothing(desk: Desk, bank_account: str) -> None:
    told, approval = asked_of_two(bank_account)
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        registry.confirm_bank_account(WANG, **told, approval=approval, key="c", now=NOW)


def test_a_bank_account_is_registered_once_and_again_after_removal(desk: Desk, bank_account: str) -> None:
    with pytest.raises(Refused, match="BANK_ACCOUNT_EXISTS") as refused:
        registry.register_bank_account(WANG, bank="ICBC", account_number="6222021001112233", key="c", now=NOW)
    assert "6222" not in str(refused.value)
    with pytest.raises(Refused, match="BANK_ACCOUNT_UNKNOWN"):
        registry.remove_bank_account(STRANGER, bank_account=bank_account, key="d", now=NOW)
    registry.remove_bank_account(WANG, bank_account=bank_account, key="e", now=NOW)
    with pytest.raises(Refused, match="BANK_ACCOUNT_NOT_USABLE"):
        registry.remove_bank_account(WANG, bank_account=bank_account, key="f", now=NOW)
    registry.register_bank_account(WANG, bank="ICBC", account_number="6222021001112233", key="g", now=NOW)
    assert len(queries.bank_accounts(desks.RED, region="shanghai")) == 1


def test_nobody_pays_out_to_the_bank_account_or_from_the_account_of_somebody_else(
    desk: Desk, bank_account: str
) -> None:
    confirm(bank_account)
    with pytest.raises(Refused, match="ACCOUNT_UNKNOWN"):
        pay_out(desk, bank_account, 1, now=CONFIRMED, actor=STRANGER)
    with pytest.raises(Refused, match="BANK_ACCOUNT_UNKNOWN"):
        registry.withdraw(
            STRANGER, account=desk.north_cash, bank_account=bank_account, amount_fen=1, key="s", now=CONFIRMED
        )
    with pytest.raises(Refused, match="TRANSFER_NOT_ALLOWED"):
        registry.withdraw(WANG, account=desk.red, bank_account=bank_account, amount_fen=1, key="u", now=CONFIRMED)
    with pytest.raises(Refused, match="BANK_ACCOUNT_UNKNOWN"):
        pay_out(desk, "BA-0", 1, now=CONFIRMED, key="none")


def test_a_withdrawal_to_a_bank_account_that_was_removed_is_refused_when_its_time_comes(
    desk: Desk, bank_account: str
) -> None:
    confirm(bank_account)
    number = pay_out(desk, bank_account, 1_00, now=CONFIRMED)
    registry.remove_bank_account(CLERK, bank_account=bank_account, key="r", now=CONFIRMED)
    assert registry.carry_out_due(now=PAID) == 0
    assert queries.pending(number).state is PendingState.REFUSED
    assert free_fen(desk.red_cash) == 100_000_00


@pytest.mark.parametrize("actor", [WANG, CLERK, ZHOU])
def test_holder_exchange_and_authority_stop_a_withdrawal_that_waits(
    desk: Desk, bank_account: str, actor: Actor
) -> None:
    confirm(bank_account)
    number = pay_out(desk, bank_account, 100_000_00, now=CONFIRMED)
    registry.cancel_transfer(actor, pending=number, key="c", now=CONFIRMED)
    assert free_fen(desk.red_cash) == 100_000_00
    assert queries.pending_in("shanghai", types=(queries.pending(number).type,)) == ()


def alter(assignment: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE registry_bankaccount SET {assignment}")


def test_the_database_keeps_bank_accounts_as_two_people_saw_them(desk: Desk, bank_account: str) -> None:
    with pytest.raises(IntegrityError, match="registry_bank_account_two_people"):
        alter("state = 'CONFIRMED', ready_at = asked_at")
    confirm(bank_account)
    for assignment in ("account_number = '1'", "bank = 'other'", "ready_at = asked_at", "approver = 'P-X'"):
        with pytest.raises(IntegrityError, match="A13"):
            alter(assignment)
