"""What leaves an account without a trade: who may, after which wait, and where it stands.

Moves between an organisation's own registry and trading account (划转) are at once. A transfer to another holder is
refused where the region says so; elsewhere it is at once to a trusted account and waits to any other. Withdrawals
always wait. What waits can be taken back, and runs exactly as it was asked for, never before its time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tonnebook.core import canonical, periods
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Fault, Refusal, Refused, Sentence
from tonnebook.core.ledger import TransferType
from tonnebook.core.rules import RulesAt

# What makes units and money change hands without a price.
NON_TRADE = (TransferType.MERGE, TransferType.DIVIDE, TransferType.INHERIT, TransferType.COURT_TRANSFER)

_HOLDER_TO_HOLDER = "transfer.holder_to_holder"


class PendingState(StrEnum):
    """Where a transfer that was asked for stands."""

    WAITING = "WAITING"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    REFUSED = "REFUSED"


class BankAccountState(StrEnum):
    """Where a bank account stands; a confirmed one can be paid out to once its wait is over."""

    ASKED = "ASKED"
    CONFIRMED = "CONFIRMED"
    REMOVED = "REMOVED"


class MoveRefusal(Refusal):
    """Why something does not leave an account, in order of precedence."""

    HOLDER_TRANSFER_BARRED = Sentence(
        zh="本地区（{region}）的配额只能通过交易所买卖，持有人之间不得直接转让"
        "（{source} {article_named}，规则库 {path}）。",
        en="In {region} units change hands on the exchange only, never directly between holders ({source} "
        "{article_named}; rule book {path}).",
        article="S06 Art. 22; S30 Art. 23; elsewhere by rule book transfer.holder_to_holder",
    )
    NOT_OWN_ACCOUNTS = Sentence(
        zh="账户 {debit} 与 {credit} 不属于同一单位，不能划转。",
        en="Accounts {debit} and {credit} belong to different organisations, so nothing is moved between them.",
        article="design choice",
    )
    SAME_HOLDER = Sentence(
        zh="账户 {debit} 与 {credit} 属于同一单位；请办理划转。",
        en="Accounts {debit} and {credit} belong to the same organisation; move between own accounts instead.",
        article="design choice",
    )
    NOT_NON_TRADE = Sentence(
        zh="{type} 不是非交易过户的事由。",
        en="{type} is no reason for a transfer without a trade.",
        article="design choice",
        status=422,
    )
    PENDING_UNKNOWN = Sentence(
        zh="没有编号为 {pending} 的待生效转移。",
        en="There is no waiting transfer with number {pending}.",
        article="design choice",
        status=404,
    )
    NOT_WAITING = Sentence(
        zh="{pending} 的状态为 {state}，不能再撤回或执行。",
        en="{pending} is {state}; it can be neither taken back nor carried out.",
        article="design choice",
    )
    NOT_READY = Sentence(
        zh="{pending} 须等到 {ready_at} 才能生效。",
        en="{pending} must wait until {ready_at}.",
        article="design choice",
        transient=True,
    )
    NOT_APPROVED_BY_HOLDER = Sentence(
        zh="{pending} 须由账户的另一名具有“批准”权限的代表批准后才能生效。",
        en="{pending} takes effect only once another representative of the account with the right to approve has "
        "approved it.",
        article="design choice",
        transient=True,
    )
    OWN_REQUEST = Sentence(
        zh="{pending} 由您本人提出，请由另一名具有“批准”权限的代表批准。",
        en="You asked for {pending} yourself; another representative with the right to approve must approve it.",
        article="design choice",
        status=403,
    )
    NOTHING_TO_APPROVE = Sentence(
        zh="{pending} 没有待批准事项，或内容与您所见不同；请重新查看。",
        en="{pending} waits for no approval, or is not what you saw; look at it again.",
        article="design choice",
    )
    ALREADY_TRUSTED = Sentence(
        zh="账户 {trusted} 已在 {account} 的可信名单上。",
        en="Account {trusted} is on the trusted list of {account} already.",
        article="design choice",
    )
    NOT_TRUSTED = Sentence(
        zh="账户 {trusted} 不在 {account} 的可信名单上。",
        en="Account {trusted} is not on the trusted list of {account}.",
        article="design choice",
        status=404,
    )
    BANK_ACCOUNT_UNKNOWN = Sentence(
        zh="没有编号为 {bank_account} 的银行账户。",
        en="There is no bank account with number {bank_account}.",
        article="design choice",
        status=404,
    )
    BANK_ACCOUNT_EXISTS = Sentence(
        zh="尾号 {ending} 的银行账户已经登记。",
        en="The bank account ending in {ending} is registered already.",
        article="design choice",
    )
    BANK_ACCOUNT_NOT_ASKED = Sentence(
        zh="银行账户 {bank_account} 的状态为 {state}，没有待确认事项。",
        en="Bank account {bank_account} is {state}; there is nothing to confirm.",
        article="design choice",
    )
    BANK_ACCOUNT_NOT_USABLE = Sentence(
        zh="银行账户 {bank_account} 尚未由两人确认或已停用，不能出金。",
        en="Bank account {bank_account} has not been confirmed by two people or is no longer in use; nothing can be "
        "paid out to it.",
        article="design choice",
    )
    BANK_ACCOUNT_WAITS = Sentence(
        zh="银行账户 {bank_account} 于 {ready_at} 起可用于出金。",
        en="Bank account {bank_account} can be paid out to from {ready_at} on.",
        article="design choice",
        transient=True,
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """What core needs to know of a transfer that was asked for.

    Attributes:
        number: such as "PT-000001-42".
        state: where it stands.
        payload: exactly what is to be done.
        digest: of the payload when it was asked for.
        ready_at: the instant before which it is not done.
        asked_by: number of the person who asked for it.
        needs_approval: whether another representative of the holder must approve it.
        approved_by: number of the one who did; empty before.
    """

    number: str
    state: PendingState
    payload: Mapping[str, Json]
    digest: str
    ready_at: datetime
    asked_by: str = ""
    needs_approval: bool = False
    approved_by: str = ""


def check_holder_transfer(rules: RulesAt) -> None:
    """Refuse a transfer between holders where the region has none.

    Raises:
        Refused: HOLDER_TRANSFER_BARRED, naming the article; NO_SUCH_PARAMETER where the rule book is silent.

    Source: the region's rules, by `transfer.holder_to_holder`.
    """
    if not rules.flag(_HOLDER_TO_HOLDER):
        origin = rules.origin(_HOLDER_TO_HOLDER)
        facts = {"region": rules.region, "source": origin.source, "article_named": origin.article, "path": origin.path}
        raise Refused(MoveRefusal.HOLDER_TRANSFER_BARRED, **facts)


def check_cancel(waiting: Waiting) -> None:
    """Refuse to take back what no longer waits.

    Raises:
        Refused: NOT_WAITING.
    """
    if waiting.state is not PendingState.WAITING:
        raise Refused(MoveRefusal.NOT_WAITING, pending=waiting.number, state=waiting.state.value)


def check_approval(waiting: Waiting, *, person: str, digest: str) -> None:
    """Refuse the approval of a representative that may not be given.

    Args:
        waiting: what was asked for.
        person: number of who approves.
        digest: of what they saw.

    Raises:
        Refused: NOT_WAITING; NOTHING_TO_APPROVE when none is needed, it was given, or another digest was seen;
            OWN_REQUEST when whoever asked approves.

    Source: design choice, no legal source; the idea is that of the additional representatives of the Union Registry.
    """
    check_cancel(waiting)
    if not waiting.needs_approval or waiting.approved_by or digest != waiting.digest:
        raise Refused(MoveRefusal.NOTHING_TO_APPROVE, pending=waiting.number)
    if person == waiting.asked_by:
        raise Refused(MoveRefusal.OWN_REQUEST, pending=waiting.number)


def check_execution(waiting: Waiting, *, now: datetime) -> None:
    """Refuse to carry out what may not be carried out now.

    Args:
        waiting: what was asked for.
        now: the database's clock.

    Raises:
        Refused: NOT_WAITING when it was done, refused or taken back; NOT_READY before its time;
            NOT_APPROVED_BY_HOLDER when the approval it needs is missing.
        Fault: A13 when what would be done is not what was asked for.

    Source: design choice, no legal source (invariants A12 and A13).
    """
    check_cancel(waiting)
    if now < waiting.ready_at:
        raise Refused(MoveRefusal.NOT_READY, pending=waiting.number, ready_at=periods.wall_clock(waiting.ready_at))
    if waiting.needs_approval and not waiting.approved_by:
        raise Refused(MoveRefusal.NOT_APPROVED_BY_HOLDER, pending=waiting.number)
    if canonical.digest(waiting.payload) != waiting.digest:
        raise Fault("A13", pending=waiting.number)


def check_bank_account(number: str, state: BankAccountState, ready_at: datetime | None, *, now: datetime) -> None:
    """Refuse to pay out to a bank account that two people have not confirmed, or whose wait is not over.

    Args:
        number: of the bank account, ours.
        state: where it stands.
        ready_at: the instant from which it can be paid out to; None before it is confirmed.
        now: when.

    Raises:
        Refused: BANK_ACCOUNT_NOT_USABLE or BANK_ACCOUNT_WAITS.

    Source: design choice, no legal source (invariant A12).
    """
    if state is not BankAccountState.CONFIRMED or ready_at is None:
        raise Refused(MoveRefusal.BANK_ACCOUNT_NOT_USABLE, bank_account=number)
    if now < ready_at:
        facts = {"bank_account": number, "ready_at": periods.wall_clock(ready_at)}
        raise Refused(MoveRefusal.BANK_ACCOUNT_WAITS, **facts)
