"""What a bank reports is credited once, to whom it belongs; what nobody can place waits for two people (B16)."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from tests.unit.registry import bank_stage
from tests.unit.registry.bank_stage import BELL, LI, TELLER, BankStage, total_fen
from tests.unit.registry.desk import CLERK, EXCHANGE, STRANGER, WANG, ZHOU, Desk, uscc

from tonnebook.core.bank_entries import EntryState, SuspenseReason
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Actor, OrganisationKind, Role
from tonnebook.demo import bank
from tonnebook.demo.bank import Mischief, Movement
from tonnebook.registry import queries
from tonnebook.registry import services as registry


@pytest.fixture
def stage(desk: Desk) -> BankStage:
    found = BankStage(desk)
    found.open()
    return found


def work_off(stage: BankStage, entry: str, how: EntryState, target: str = "", *, actor: Actor = CLERK) -> None:
    payload: dict[str, Json] = {"region": "shanghai", "entry": entry, "how": how, "target": target}
    approval = stage.by_two("registry.work_off_bank_entry", payload, now=stage.now)
    registry.work_off_bank_entry(
        actor,
        region="shanghai",
        entry=entry,
        how=how,
        target=target,
        approval=approval,
        key=stage.key(),
        now=stage.now,
    )


def only_suspense() -> queries.BankEntryRow:
    (entry,) = queries.suspense("shanghai")
    return entry


def withdraw(stage: BankStage, amount_fen: int) -> str:
    (owned,) = queries.bank_accounts(WANG.organisation, region="shanghai")
    told = registry.withdraw(
        WANG,
        account=stage.desk.red_cash,
        bank_account=owned.number,
        amount_fen=amount_fen,
        key=stage.key(),
        now=stage.now,
    )
    return str(told["pending"])


def pay_out(stage: BankStage, amount_fen: int) -> tuple[Movement, ...]:
    """Withdraw, wait, and order the bank to pay; gives what the bank will do."""
    withdraw(stage, amount_fen)
    stage.now += timedelta(days=7)
    assert registry.carry_out_due(now=stage.now) == 1
    told = registry.order_payments(CLERK, settlement_bank=stage.number, key=stage.key(), now=stage.now)
    return bank.paid(queries.payment_file(str(told["payment_file"]))[1])


def test_money_that_names_a_cash_account_is_credited_to_it(stage: BankStage) -> None:
    answer = stage.day(stage.deposit(1_000_00), stage.deposit(20_00))
    assert (answer["booked"], answer["paid"], answer["suspense"]) == (2, 0, 0)
    assert total_fen(stage.desk.red_cash) == 1_020_00
    balance = stage.balance()
    assert (balance.closing_fen, balance.booked_fen) == (1_020_00, stage.booked_fen())


def test_the_bank_hands_its_file_in_itself_and_nobody_else_s(stage: BankStage) -> None:
    stage.load(stage.file(stage.deposit(1_00)), actor=TELLER)
    other = Actor("P-X", uscc(9), OrganisationKind.SETTLEMENT_BANK, frozenset({Role.BANK_CLERK}), "shanghai")
    for actor, code in ((other, "NOT_YOUR_ORGANISATION"), (WANG, "NOT_PERMITTED"), (ZHOU, "NOT_PERMITTED")):
        with pytest.raises(Refused, match=code):
            stage.load(b"", actor=actor)
    registrar = Actor("P-R", EXCHANGE, OrganisationKind.REGISTRY_BODY, frozenset({Role.REGISTRAR}), "shanghai")
    with pytest.raises(Refused, match="NOT_THE_SETTLEMENT_BODY"):
        stage.load(b"", actor=registrar)
    with pytest.raises(Refused, match="NO_SETTLEMENT_BANK"):
        registry.load_bank_statement(
            CLERK, settlement_bank="SB-0", file="f", content=b"", key=stage.key(), now=stage.now
        )


@pytest.mark.parametrize("mischief", list(Mischief))
def test_nothing_of_a_spoilt_file_counts_and_the_right_one_is_loaded_after_it(
    stage: BankStage, mischief: Mischief
) -> None:
    code = "BANK_FILE_OTHER_ACCOUNT" if mischief is Mischief.OTHER_ACCOUNT else "BANK_"
    with pytest.raises(Refused, match=code):
        stage.load(stage.file(stage.deposit(1_000_00), stage.deposit(20_00), mischief=mischief))
    assert total_fen(stage.desk.red_cash) == 0
    assert queries.bank_statements(stage.number, limit=9) == ()
    stage.day(stage.deposit(1_000_00), stage.deposit(20_00))
    assert total_fen(stage.desk.red_cash) == 1_020_00


def test_a_file_a_day_and_a_payment_count_once(stage: BankStage) -> None:
    content = stage.file(stage.deposit(1_000_00))
    stage.load(content)
    with pytest.raises(Refused, match="BANK_FILE_LOADED"):
        stage.load(content, name="renamed.xml")
    with pytest.raises(Refused, match="BANK_FILE_LOADED"):
        stage.load(content.replace(b"<Cd>TRF</Cd>", b"<Cd>TRX</Cd>"))
    with pytest.raises(Refused, match="BANK_FILE_LOADED"):
        stage.load(content.replace(b"<Id>66661234-20260306</Id>", b"<Id>another</Id>"))
    stage.closing_fen, stage.now = 1_000_00, stage.now + timedelta(days=3)
    again = stage.file(stage.deposit(5_00)).replace(b"66661234-20260309-0001", b"66661234-20260306-0001")
    with pytest.raises(Refused, match="BANK_ENTRY_TWICE"):
        stage.load(again)
    assert total_fen(stage.desk.red_cash) == 1_000_00


def test_a_statement_that_does_not_follow_the_last_waits_for_the_one_between(stage: BankStage) -> None:
    first = stage.file(stage.deposit(1_00))
    stage.closing_fen, stage.now = 1_00, stage.now + timedelta(days=1)
    second = stage.file(stage.deposit(2_00))
    with pytest.raises(Refused, match="BANK_FILE_OUT_OF_ORDER"):
        stage.load(second)
    stage.load(first)
    stage.load(second)
    stage.closing_fen = 3_00
    earlier = stage.file(on=bank_stage.READY.date() - timedelta(days=1))
    with pytest.raises(Refused, match="BANK_FILE_OUT_OF_ORDER"):
        stage.load(earlier)
    assert total_fen(stage.desk.red_cash) == 3_00


def test_what_staff_credited_by_hand_is_not_credited_again(stage: BankStage) -> None:
    def by_hand(reference: str, amount_fen: int) -> None:
        registry.cash_in(
            CLERK,
            account=stage.desk.red_cash,
            amount_fen=amount_fen,
            bank_reference=reference,
            key=stage.key(),
            now=stage.now,
        )

    by_hand("66661234-20260306-0001", 1_000_00)
    by_hand("66661234-20260306-0002", 7_00)
    stage.day(stage.deposit(1_000_00), stage.deposit(20_00))
    assert total_fen(stage.desk.red_cash) == 1_007_00
    assert only_suspense().reason is SuspenseReason.REFERENCE_USED
    with pytest.raises(Refused, match="BANK_REFERENCE_USED"):
        by_hand(only_suspense().reference, 20_00)
    # Two people find that it is another payment under the same number.
    work_off(stage, only_suspense().number, EntryState.ASSIGNED, stage.desk.red_cash)
    assert total_fen(stage.desk.red_cash) == 1_027_00


@pytest.mark.parametrize(
    ("about", "party_account", "reason"),
    [
        ("thank you", "62220001", SuspenseReason.ACCOUNT_NOT_NAMED),
        ("", "62229999", SuspenseReason.PAYER_DIFFERS),
        ("A-999999-99", "62220001", SuspenseReason.ACCOUNT_NOT_NAMED),
    ],
)
def test_money_that_nobody_can_place_waits_until_two_people_have_found_its_owner(
    stage: BankStage, about: str, party_account: str, reason: SuspenseReason
) -> None:
    stage.day(stage.deposit(1_000_00, about=about, party_account=party_account))
    assert only_suspense().reason is reason
    assert (total_fen(stage.desk.red_cash), stage.balance().suspense_fen, stage.balance().booked_fen) == (
        0,
        1_000_00,
        0,
    )
    work_off(stage, only_suspense().number, EntryState.ASSIGNED, stage.desk.red_cash)
    assert total_fen(stage.desk.red_cash) == 1_000_00
    assert (queries.suspense("shanghai"), stage.balance().booked_fen) == ((), 1_000_00)


def test_money_that_names_two_accounts_is_nobody_s(stage: BankStage) -> None:
    stage.day(stage.deposit(1_00, about=f"{stage.desk.red_cash}, {stage.desk.north_cash}"))
    assert only_suspense().reason is SuspenseReason.ACCOUNT_NOT_NAMED


def test_an_account_that_takes_nothing_is_not_credited(stage: BankStage) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE registry_account SET state = 'CLOSED' WHERE number = %s", [stage.desk.red_cash])
    stage.day(stage.deposit(1_00))
    assert only_suspense().reason is SuspenseReason.ACCOUNT_CLOSED


def test_an_entry_is_worked_off_once_and_by_two_people_who_saw_the_same(stage: BankStage) -> None:
    stage.day(stage.deposit(1_00, about="?"))
    entry = only_suspense().number
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        work_off(stage, entry, EntryState.ASSIGNED, stage.desk.red_cash, actor=STRANGER)
    work_off(stage, entry, EntryState.ASSIGNED, stage.desk.red_cash)
    with pytest.raises(Refused, match="ENTRY_NOT_IN_SUSPENSE"):
        work_off(stage, entry, EntryState.RETURNED)
    with pytest.raises(Refused, match="ENTRY_UNKNOWN"):
        work_off(stage, "BE-0", EntryState.RETURNED)
    with pytest.raises(Refused, match="ENTRY_UNKNOWN"):
        queries.bank_entry("BE-0")


def test_money_is_returned_to_its_payer_through_the_bank(stage: BankStage) -> None:
    stage.day(
        stage.deposit(5_00, about="?", party_account="62227777"), stage.deposit(6_00, about="?", party_account="")
    )
    named, unnamed = queries.suspense("shanghai")
    work_off(stage, named.number, EntryState.RETURNED)
    with pytest.raises(Refused, match="PAYER_NOT_NAMED"):
        work_off(stage, unnamed.number, EntryState.RETURNED)
    assert stage.balance().suspense_fen == 11_00
    told = registry.order_payments(CLERK, settlement_bank=stage.number, key=stage.key(), now=stage.now)
    (order,) = bank.paid(queries.payment_file(str(told["payment_file"]))[1])
    assert (order.amount_fen, order.party_account) == (-5_00, "62227777")
    stage.day(order)
    assert (stage.balance().suspense_fen, stage.balance().closing_fen) == (6_00, 6_00)


def test_what_the_bank_took_by_mistake_is_offset_when_it_gives_it_back(stage: BankStage) -> None:
    stage.day(stage.deposit(100_00))
    stage.day(Movement(-3_00, "", "fees", "1"))
    stage.day(Movement(3_00, "correction", "fees", "1"), Movement(4_00, "other", "fees", "1"))
    taken, given, other = queries.suspense("shanghai")
    assert taken.reason is SuspenseReason.NOT_ORDERED
    with pytest.raises(Refused, match="ENTRY_IS_NO_INCOME"):
        work_off(stage, taken.number, EntryState.ASSIGNED, stage.desk.red_cash)
    with pytest.raises(Refused, match="ENTRIES_DO_NOT_OFFSET"):
        work_off(stage, taken.number, EntryState.OFFSET, other.number)
    work_off(stage, taken.number, EntryState.OFFSET, given.number)
    assert only_suspense().number == other.number
    assert stage.balance().booked_fen == stage.booked_fen() == 100_00


def test_a_withdrawal_is_ordered_once_and_noted_when_the_bank_has_paid_it(stage: BankStage) -> None:
    stage.day(stage.deposit(100_00))
    (order,) = pay_out(stage, 40_00)
    assert (order.amount_fen, order.party_account) == (-40_00, "62220001")
    with pytest.raises(Refused, match="NOTHING_TO_PAY"):
        registry.order_payments(CLERK, settlement_bank=stage.number, key=stage.key(), now=stage.now)
    balance = stage.balance()
    assert (balance.closing_fen, balance.unpaid_fen, balance.booked_fen) == (100_00, 40_00, stage.booked_fen())
    answer = stage.day(order)
    assert answer["paid"] == 1
    assert (stage.balance().unpaid_fen, stage.balance().booked_fen) == (0, stage.booked_fen())
    (file,) = queries.payment_files(stage.number, limit=9)
    assert (file.orders, file.open_orders, file.amount_fen) == (1, 0, 40_00)
    # The same order a second time is not ours.
    stage.day(order)
    assert only_suspense().reason is SuspenseReason.NOT_ORDERED


def test_a_payment_that_is_not_what_we_ordered_stays_open(stage: BankStage) -> None:
    stage.day(stage.deposit(100_00))
    (order,) = pay_out(stage, 40_00)
    stage.day(Movement(-40_01, order.about, order.party, order.party_account))
    assert only_suspense().reason is SuspenseReason.AMOUNT_DIFFERS
    assert stage.balance().unpaid_fen == 40_00


def test_a_payment_that_comes_back_is_no_new_income_of_anybody(stage: BankStage) -> None:
    content = stage.file(stage.deposit(1_00)).replace(b"<Sts>", b"<RvslInd>true</RvslInd><Sts>")
    stage.load(content)
    assert only_suspense().reason is SuspenseReason.IS_REVERSAL


def test_money_leaves_only_to_a_bank_account_under_contract(stage: BankStage) -> None:
    stage.day(stage.deposit(100_00))
    number = withdraw(stage, 10_00)
    with pytest.raises(Refused, match="ACCOUNT_UNKNOWN"):
        registry.sign_bank_contract(
            LI,
            account=stage.desk.red_cash,
            bank_account="BA-0",
            settlement_bank=stage.number,
            key=stage.key(),
            now=stage.now,
        )
    registry.end_bank_contract(WANG, contract=stage.contracts[stage.desk.red_cash], key=stage.key(), now=stage.now)
    with pytest.raises(Refused, match="NO_BANK_CONTRACT"):
        withdraw(stage, 10_00)
    stage.now += timedelta(days=7)
    assert registry.carry_out_due(now=stage.now) == 0
    assert queries.pending(number).refusal_en
    with pytest.raises(Refused, match="NOTHING_TO_PAY"):
        registry.order_payments(CLERK, settlement_bank=stage.number, key=stage.key(), now=stage.now)


def test_a_contract_is_the_client_s_wish_and_the_bank_s_confirmation(stage: BankStage) -> None:
    contract = stage.contracts[stage.desk.red_cash]
    (owned,) = queries.bank_accounts(WANG.organisation, region="shanghai")
    told = {"account": stage.desk.red_cash, "bank_account": owned.number, "settlement_bank": stage.number}
    with pytest.raises(Refused, match="CONTRACT_EXISTS"):
        registry.sign_bank_contract(WANG, **told, key=stage.key(), now=stage.now)
    with pytest.raises(Refused, match="CONTRACT_NOT_OPEN"):
        registry.confirm_bank_contract(TELLER, contract=contract, key=stage.key(), now=stage.now)
    registry.end_bank_contract(WANG, contract=contract, key=stage.key(), now=stage.now)
    with pytest.raises(Refused, match="CONTRACT_NOT_OPEN"):
        registry.end_bank_contract(WANG, contract=contract, key=stage.key(), now=stage.now)
    for name, value, code in (
        ("settlement_bank", "SB-0", "NO_SETTLEMENT_BANK"),
        ("bank_account", "BA-0", "BANK_ACCOUNT_UNKNOWN"),
        ("account", stage.desk.red, "TRANSFER_NOT_ALLOWED"),
    ):
        with pytest.raises(Refused, match=code):
            registry.sign_bank_contract(WANG, **{**told, name: value}, key=stage.key(), now=stage.now)
    asked = registry.register_bank_account(WANG, bank="CCB", account_number="777", key=stage.key(), now=stage.now)
    with pytest.raises(Refused, match="BANK_ACCOUNT_NOT_USABLE"):
        registry.sign_bank_contract(
            WANG, **{**told, "bank_account": str(asked["bank_account"])}, key=stage.key(), now=stage.now
        )
    again = registry.sign_bank_contract(WANG, **told, key=stage.key(), now=stage.now)
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        registry.confirm_bank_contract(WANG, contract=str(again["contract"]), key=stage.key(), now=stage.now)
    with pytest.raises(Refused, match="CONTRACT_UNKNOWN"):
        registry.confirm_bank_contract(TELLER, contract="BC-0", key=stage.key(), now=stage.now)
    # Money that comes while the bank has not confirmed is nobody's yet.
    stage.day(stage.deposit(1_00))
    assert only_suspense().reason is SuspenseReason.ACCOUNT_NOT_NAMED


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"organisation": EXCHANGE}, "NOT_A_SETTLEMENT_BANK"),
        ({"organisation": uscc(99)}, "NO_SUCH_ORGANISATION"),
        ({}, "SETTLEMENT_ACCOUNT_EXISTS"),
    ],
)
def test_a_settlement_account_is_entered_once_and_for_a_settlement_bank(
    stage: BankStage, change: dict[str, str], code: str
) -> None:
    payload: dict[str, Json] = {
        "region": "shanghai",
        "organisation": bank_stage.BANK,
        "account_number": bank_stage.ACCOUNT,
        "opening_fen": 0,
        **change,
    }
    approval = stage.by_two("registry.open_settlement_bank", payload, now=stage.now)
    with pytest.raises(Refused, match=code):
        registry.open_settlement_bank(BELL, **payload, approval=approval, key=stage.key(), now=stage.now)  # type: ignore[arg-type]


def test_what_the_files_said_is_never_altered_and_settled_once(stage: BankStage) -> None:
    stage.day(stage.deposit(1_00, about="?"), stage.deposit(2_00))
    for statement in (
        "UPDATE registry_bankstatement SET closing_fen = 0",
        "UPDATE registry_bankentry SET amount_fen = 5",
        "UPDATE registry_bankentry SET state = 'SUSPENSE' WHERE state = 'BOOKED'",
        "DELETE FROM registry_bankentry",
        "UPDATE registry_bankcontract SET bank_account_id = bank_account_id + 1",
    ):
        with (
            pytest.raises(DatabaseError, match=r"A13|B16|permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    with (
        pytest.raises(IntegrityError, match="registry_entry_two_people"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE registry_bankentry SET state = 'RETURNED' WHERE state = 'SUSPENSE'")
