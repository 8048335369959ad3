"""A settlement bank for tests: under contract with both companies of the desk, and a clock of working days."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.unit.registry import desk as desks
from tests.unit.registry.desk import CLERK, NOW, WANG, Desk, uscc

from tonnebook.core import periods
from tonnebook.core.canonical import Json
from tonnebook.core.ledger import AccountType
from tonnebook.core.roles import SYSTEM, Actor, OrganisationKind, Role
from tonnebook.demo import bank
from tonnebook.demo.bank import BankDay, Mischief, Movement
from tonnebook.journal.services import Answer
from tonnebook.members import services as members
from tonnebook.registry import queries
from tonnebook.registry import services as registry

BANK = uscc(5)
ACCOUNT = "3100 6666 1234"
RED_BANK, NORTH_BANK = "6222 0001", "6222 0002"
TELLER = Actor("P-TELLER", BANK, OrganisationKind.SETTLEMENT_BANK, frozenset({Role.BANK_CLERK}), "shanghai")
BELL = Actor("P-BELL", desks.EXCHANGE, OrganisationKind.EXCHANGE, frozenset({Role.EXCHANGE_STAFF}), "shanghai")
LI = Actor("P-LI", desks.NORTH, OrganisationKind.ENTITY, frozenset({Role.REPRESENTATIVE}), "shanghai")
# Four working days after the bank accounts were confirmed.
READY = NOW + timedelta(days=4)


@dataclass
class BankStage:
    """The desk with its bank; `now` moves on a day with every statement."""

    desk: Desk
    number: str = ""
    now: datetime = READY
    closing_fen: int = 0
    count: int = 0
    contracts: dict[str, str] = field(default_factory=dict)

    def key(self) -> str:
        """Make a key that has not been used."""
        self.count += 1
        return f"bank-key-{self.count:06d}"

    def by_two(self, kind: str, payload: dict[str, Json], *, now: datetime) -> str:
        """Have two people of the exchange approve a command."""
        told = members.propose(CLERK, kind=kind, payload=payload, key=self.key(), now=now)
        approval = str(told["approval"])
        members.approve(BELL, approval=approval, digest=str(told["digest"]), key=self.key(), now=now)
        return approval

    def open(self) -> None:
        """Register the bank, enter its account, and sign with both companies."""
        draft = members.OrganisationDraft(BANK, "结算银行", "Bank", OrganisationKind.SETTLEMENT_BANK, "shanghai")
        members.register_organisations(SYSTEM, drafts=[draft], key=self.key(), now=NOW)
        payload: dict[str, Json] = {
            "region": "shanghai",
            "organisation": BANK,
            "account_number": ACCOUNT,
            "opening_fen": 0,
        }
        approval = self.by_two("registry.open_settlement_bank", payload, now=NOW)
        told = registry.open_settlement_bank(CLERK, **payload, approval=approval, key=self.key(), now=NOW)  # type: ignore[arg-type]
        self.number = str(told["settlement_bank"])
        self.sign(WANG, self.desk.red_cash, RED_BANK)
        self.sign(LI, self.desk.north_cash, NORTH_BANK)

    def sign(self, actor: Actor, account: str, written: str) -> None:
        """Register and confirm a bank account, and put it under contract with the bank."""
        told = registry.register_bank_account(actor, bank="ICBC", account_number=written, key=self.key(), now=NOW)
        number = str(told["bank_account"])
        payload: dict[str, Json] = {
            "region": "shanghai",
            "bank_account": number,
            "bank": "ICBC",
            "ending": written[-4:],
        }
        approval = self.by_two("registry.confirm_bank_account", payload, now=NOW)
        registry.confirm_bank_account(CLERK, **payload, approval=approval, key=self.key(), now=NOW)  # type: ignore[arg-type]
        signed = registry.sign_bank_contract(
            actor, account=account, bank_account=number, settlement_bank=self.number, key=self.key(), now=NOW
        )
        self.contracts[account] = str(signed["contract"])
        registry.confirm_bank_contract(TELLER, contract=str(signed["contract"]), key=self.key(), now=NOW)

    def deposit(self, amount_fen: int, *, about: str = "", party_account: str = "62220001") -> Movement:
        """Money that Red River pays in, from its own bank account unless told otherwise."""
        return Movement(amount_fen, about or f"入金 {self.desk.red_cash}", "红河钢铁", party_account)

    def file(self, *movements: Movement, mischief: Mischief | None = None, on: date | None = None) -> bytes:
        """Write the bank's statement of today."""
        day = on or periods.day_of(self.now)
        told = BankDay("310066661234", day, self.closing_fen, movements)
        return bank.statement(told, mischief=mischief)

    def load(self, content: bytes, *, actor: Actor = CLERK, name: str = "day.xml") -> Answer:
        """Load a file."""
        return registry.load_bank_statement(
            actor, settlement_bank=self.number, file=name, content=content, key=self.key(), now=self.now
        )

    def day(self, *movements: Movement) -> Answer:
        """Have the bank report a day, load it, and go on to the next."""
        answer = self.load(self.file(*movements))
        self.closing_fen += sum(one.amount_fen for one in movements)
        self.now += timedelta(days=1)
        return answer

    def balance(self) -> queries.BankBalance:
        """Give what the bank says."""
        (told,) = queries.bank_balances("shanghai", day=periods.day_of(self.now))
        return told

    def booked_fen(self) -> int:
        """Give what the books say lies at the bank."""
        held = queries.holdings(queries.system_account("shanghai", AccountType.BANK))
        return -sum(one.total for one in held)


def total_fen(account: str) -> int:
    """Give what is in a cash account, set aside or not."""
    return sum(held.total for held in queries.holdings(account))
