"""The matrix of the account book: every transaction, what it may touch, who begins it, and what goes for it.

One table, `MATRIX`. The book decides by it, a test walks every cell of it, and `docs/matrix.md` is printed from it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from tonnebook.core.ledger.kinds import (
    AccountType,
    AssetKind,
    HoldReason,
    HoldType,
    StateType,
    TransactionType,
    TransferType,
)
from tonnebook.core.roles import MAY, Act, Role


class Effect(StrEnum):
    """What a transaction does to the book."""

    TRANSFER = "TRANSFER"
    HOLD = "HOLD"
    RELEASE = "RELEASE"
    STATE = "STATE"


class Delay(StrEnum):
    """When a transaction takes effect: at once, or by the working-day clock unless the other side is trusted."""

    AT_ONCE = "AT_ONCE"
    WORKING_DAYS = "WORKING_DAYS"


@dataclass(frozen=True, slots=True)
class Lane:
    """One permitted way: any of these assets from any of these account types to any of those.

    A hold leaves its units where they are: its lanes name accounts on the debit side only.
    """

    debits: frozenset[AccountType]
    credits: frozenset[AccountType]
    kinds: frozenset[AssetKind]


@dataclass(frozen=True, slots=True)
class Row:
    """A transaction and everything that goes for it.

    Attributes:
        type: which transaction.
        effect: what it does.
        act: what its initiator must be allowed to do.
        served_by: the command that does it, such as "market.place_order"; a room alone when that room brings it later.
        lanes: what it may touch; none when it changes a state only.
        approval_act: what the second person, without whom nothing happens, must be allowed to do; None when one is
            enough.
        delay: when it takes effect.
        reversal_days: working days within which a correction may take it back; 0 when it stands at once.
        stays_open: whether it goes on under a freeze switch and in suspended or restricted accounts.
        takes_restricted: whether units that only their holder may surrender can be its object.
        reason: why a quantity is set aside, for holds and releases.
        draws: the hold it may be paid out of, for transfers.
    """

    type: TransactionType
    effect: Effect
    act: Act
    served_by: str
    lanes: tuple[Lane, ...] = ()
    approval_act: Act | None = None
    delay: Delay = Delay.AT_ONCE
    reversal_days: int = 0
    stays_open: bool = False
    takes_restricted: bool = True
    reason: HoldReason | None = None
    draws: HoldReason | None = None

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that may begin it."""
        return MAY[self.act]

    @property
    def approvers(self) -> frozenset[Role]:
        """The roles of the second person; none when one is enough."""
        return MAY[self.approval_act] if self.approval_act else frozenset()


# Names that stand for several in the table below.
_GROUPS = {
    "UNITS": "ALLOWANCE CREDIT",
    "TRADED": "HOLDING TRADING",
    "OWNED": "HOLDING TRADING PROJECT",
    "KEPT": "HOLDING TRADING PROJECT RESERVE AUCTION INCLUSION_POOL PLEDGE_CUSTODY",
    "MONEY": "CLIENT_CASH TREASURY FEES CLEARING GUARANTEE",
}

# Working days in which a wrong booking can be noticed and taken back (design choice, no legal source).
REVERSAL_DAYS = 5

# One entry per transaction: effect and type | act of the initiator, with ">" that of the second person where it is
# another | command, or the room that brings it | terms.
# Below it its lanes: from > to: assets. A hold has no "to".
_TABLE = """
# of the authority
TRANSFER ALLOCATE | ISSUE_BATCH | compliance.issue_batch | two people, open
    ISSUANCE RESERVE > HOLDING: ALLOWANCE
TRANSFER TRUE_UP | ISSUE_BATCH | compliance.issue_batch | two people, open
    ISSUANCE RESERVE > HOLDING: ALLOWANCE
TRANSFER RECALL | ISSUE_BATCH | compliance.issue_batch | two people, reversible, open, draws RECALL
    HOLDING > RESERVE CANCELLATION: ALLOWANCE
TRANSFER FILL_RESERVE | STABILISE | compliance.set_aside | two people, open
    ISSUANCE AUCTION > RESERVE: ALLOWANCE
TRANSFER RELEASE_RESERVE | STABILISE | compliance.settle_intervention | two people, draws BID
    RESERVE > TRADED AUCTION: ALLOWANCE
    CLIENT_CASH > TREASURY: CASH
TRANSFER BUY_BACK | STABILISE | compliance.settle_intervention | two people, unrestricted, draws BID
    TRADED > RESERVE: ALLOWANCE
    TREASURY > CLIENT_CASH: CASH
TRANSFER SURRENDER | SUBMIT_SURRENDER > CONFIRM_SURRENDER | compliance.confirm_surrenders | open, draws SURRENDER
    HOLDING > SURRENDER: UNITS
TRANSFER FORCE_SURRENDER | FORCE_SURRENDER | compliance.force_surrender | two people, open, draws RECALL
    TRADED > SURRENDER: ALLOWANCE
TRANSFER CARRY_OVER | CARRY_OVER | compliance.decide_carry_over | two people, open
    TRADED > CANCELLATION: ALLOWANCE
    ISSUANCE > TRADED: ALLOWANCE
TRANSFER CANCEL | CARRY_OVER | compliance.carry_over | two people, open, draws RECALL
    KEPT > CANCELLATION: UNITS
TRANSFER EXPIRE | CARRY_OVER | compliance | two people
    KEPT > CANCELLATION: UNITS
TRANSFER CONVERT | CARRY_OVER | compliance.run_transition | two people
    TRADED > CANCELLATION: ALLOWANCE
    ISSUANCE > TRADED: ALLOWANCE
TRANSFER HAND_OVER | CARRY_OVER | compliance.hand_over | two people
    HOLDING > HANDOVER: ALLOWANCE
TRANSFER ISSUE_CREDITS | ISSUE_CREDITS | registry.issue_credits | two people
    ISSUANCE > HOLDING PROJECT: CREDIT
TRANSFER ISSUE_POOLED | ISSUE_CREDITS | inclusion | two people
    ISSUANCE > INCLUSION_POOL: CREDIT
# of the market and its money
TRANSFER ISSUE_TO_AUCTION | ANNOUNCE_AUCTION | market.announce_auction | two people
    ISSUANCE RESERVE > AUCTION: ALLOWANCE
TRANSFER DELIVER_AUCTION | CLOSE_AUCTION | market.close_auction | draws BID
    AUCTION > TRADED: ALLOWANCE
    CLIENT_CASH > TREASURY FEES: CASH
TRANSFER RETURN_UNSOLD | CLOSE_AUCTION | market.close_auction |
    AUCTION > RESERVE CANCELLATION: ALLOWANCE
TRANSFER DELIVER_TRADE | TRADE | market.place_order | unrestricted, draws ORDER
    OWNED > TRADED: UNITS
    CLIENT_CASH > CLIENT_CASH FEES: CASH
TRANSFER BUST_TRADE | SUPERVISE | market.bust_trade | two people, unrestricted
    TRADED > OWNED: UNITS
    CLIENT_CASH FEES > CLIENT_CASH: CASH
TRANSFER DELIVER_POOLED | TRADE | inclusion |
    INCLUSION_POOL > TRADED: CREDIT
    CLIENT_CASH > CLIENT_CASH TREASURY: CASH
TRANSFER CASH_IN | CASH_IN | registry.cash_in | reversible
    BANK > CLIENT_CASH: CASH
TRANSFER CASH_OUT | WITHDRAW | registry.withdraw | working days, draws DELIVERY
    CLIENT_CASH TREASURY FEES > BANK: CASH
TRANSFER CHARGE_FEE | CLOSE_DAY | market | reversible
    CLIENT_CASH > FEES: CASH
TRANSFER COLLECT_NET | CLOSE_DAY | market |
    CLIENT_CASH > CLEARING: CASH
TRANSFER PAY_NET | CLOSE_DAY | market |
    CLEARING > CLIENT_CASH: CASH
TRANSFER PAY_GUARANTEE | CLOSE_DAY | market |
    CLIENT_CASH > GUARANTEE: CASH
TRANSFER RETURN_GUARANTEE | CLOSE_DAY | market | two people
    GUARANTEE > CLIENT_CASH: CASH
TRANSFER USE_GUARANTEE | CLOSE_DAY | market | two people
    GUARANTEE > CLEARING: CASH
# of holders
TRANSFER RETIRE | RETIRE | registry.retire | unrestricted
    HOLDING PROJECT > RETIREMENT: UNITS
TRANSFER MOVE_TO_TRADING | MOVE | registry.move_to_trading | reversible, unrestricted
    HOLDING PROJECT > TRADING: UNITS
TRANSFER MOVE_FROM_TRADING | MOVE | registry.move_from_trading | reversible
    TRADING > HOLDING PROJECT: UNITS
TRANSFER TRANSFER | TRANSFER | registry.transfer_to_holder | working days, reversible, unrestricted, draws DELIVERY
    TRADED > TRADED: UNITS
TRANSFER MERGE | TRANSFER_NON_TRADE | registry.transfer_non_trade | two people, reversible
    OWNED > OWNED: UNITS
    CLIENT_CASH > CLIENT_CASH: CASH
TRANSFER DIVIDE | TRANSFER_NON_TRADE | registry.transfer_non_trade | two people, reversible
    OWNED > OWNED: UNITS
    CLIENT_CASH > CLIENT_CASH: CASH
TRANSFER INHERIT | TRANSFER_NON_TRADE | registry.transfer_non_trade | two people, reversible
    OWNED > OWNED: UNITS
    CLIENT_CASH > CLIENT_CASH: CASH
TRANSFER COURT_TRANSFER | TRANSFER_NON_TRADE | registry.transfer_non_trade | two people, reversible, open, draws COURT
    OWNED PLEDGE_CUSTODY > OWNED: UNITS
    CLIENT_CASH > CLIENT_CASH TREASURY: CASH
# of finance
TRANSFER ENFORCE_PLEDGE | PLEDGE | finance | two people, reversible, unrestricted, draws PLEDGE
    OWNED PLEDGE_CUSTODY > TRADED: UNITS
TRANSFER GIVE_COLLATERAL | PLEDGE | finance | reversible, unrestricted
    TRADED > PLEDGE_CUSTODY: UNITS
TRANSFER RETURN_COLLATERAL | PLEDGE | finance | reversible
    PLEDGE_CUSTODY > TRADED: UNITS
TRANSFER REPO_SELL | TRADE | finance | unrestricted
    TRADED > TRADED: UNITS
    CLIENT_CASH > CLIENT_CASH FEES: CASH
TRANSFER REPO_BUY_BACK | TRADE | finance | unrestricted
    TRADED > TRADED: UNITS
    CLIENT_CASH > CLIENT_CASH FEES: CASH
TRANSFER LEND | TRADE | finance | unrestricted
    TRADED > TRADED: UNITS
TRANSFER RETURN_LOAN | TRADE | finance | unrestricted
    TRADED > TRADED: UNITS
    CLIENT_CASH > CLIENT_CASH: CASH
# of the registry
TRANSFER OPENING_ENTRY | IMPORT | imports.eutl | two people
    ISSUANCE > KEPT: UNITS
    BANK > MONEY: CASH
TRANSFER CORRECTION | CORRECT | registry.reverse | two people, open
    KEPT > KEPT: UNITS
    MONEY > MONEY: CASH
    CLIENT_CASH > BANK: CASH
# holds
HOLD PLACE_ORDER | TRADE | market.place_order | unrestricted, for ORDER
    OWNED: UNITS
    CLIENT_CASH: CASH
RELEASE WITHDRAW_ORDER | TRADE | market.cancel_order | open, for ORDER
    OWNED: UNITS
    CLIENT_CASH: CASH
HOLD PLACE_BID | TRADE | market.place_bid | unrestricted, for BID
    TRADED: ALLOWANCE
    CLIENT_CASH: CASH
RELEASE WITHDRAW_BID | TRADE | market.withdraw_bid | open, for BID
    TRADED: ALLOWANCE
    CLIENT_CASH: CASH
HOLD SUBMIT_SURRENDER | SUBMIT_SURRENDER | compliance.submit_surrender | open, for SURRENDER
    HOLDING: UNITS
RELEASE WITHDRAW_SURRENDER | SUBMIT_SURRENDER | compliance.withdraw_surrender | open, for SURRENDER
    HOLDING: UNITS
HOLD ASK_TRANSFER | TRANSFER | registry.transfer_to_holder | unrestricted, for DELIVERY
    TRADED: UNITS
    CLIENT_CASH: CASH
RELEASE TAKE_BACK_TRANSFER | TRANSFER | registry.cancel_transfer | open, for DELIVERY
    TRADED: UNITS
    CLIENT_CASH: CASH
HOLD PLEDGE | PLEDGE | registry.immobilise | unrestricted, for PLEDGE
    OWNED: UNITS
RELEASE RELEASE_PLEDGE | PLEDGE | registry.release_immobilised | two people, open, for PLEDGE
    OWNED: UNITS
HOLD BRIDGE | PLEDGE | registry.immobilise | unrestricted, for BRIDGE
    OWNED: UNITS
RELEASE RELEASE_BRIDGE | PLEDGE | registry.release_immobilised | two people, open, for BRIDGE
    OWNED: UNITS
HOLD CLAIM_RECALL | FORCE_SURRENDER | compliance.force_surrender | two people, open, for RECALL
    HOLDING TRADING: ALLOWANCE
RELEASE DROP_RECALL | FORCE_SURRENDER | compliance.end_risk | two people, open, for RECALL
    HOLDING TRADING: ALLOWANCE
HOLD COURT_FREEZE | HOLD_FOR_COURT | registry.freeze_by_court | open, for COURT
    OWNED PLEDGE_CUSTODY: UNITS
    CLIENT_CASH: CASH
RELEASE LIFT_COURT_FREEZE | HOLD_FOR_COURT | registry.lift_court_freeze | two people, open, for COURT
    OWNED PLEDGE_CUSTODY: UNITS
    CLIENT_CASH: CASH
# states
STATE OPEN_ACCOUNT | OPEN_ACCOUNT | registry.grant_application | two people, open
STATE RESTRICT_ACCOUNT | RESTRICT | registry.restrict_account | open
STATE REOPEN_ACCOUNT | RESTRICT | registry.reopen_account | two people, open
STATE CLOSE_ACCOUNT | OPEN_ACCOUNT | registry.grant_application | two people, open
STATE SET_FREEZE | FREEZE | registry.freeze | open
STATE LIFT_FREEZE | LIFT_FREEZE | registry.lift_freeze | two people, open
"""

_TERMS = {"two people", "working days", "reversible", "open", "unrestricted"} | {
    f"{word} {reason}" for word in ("for", "draws") for reason in HoldReason
}
_TYPES: Mapping[Effect, type[TransferType | HoldType | StateType]] = {
    Effect.TRANSFER: TransferType,
    Effect.HOLD: HoldType,
    Effect.RELEASE: HoldType,
    Effect.STATE: StateType,
}


def _read(table: str) -> Mapping[TransactionType, Row]:
    lines = [line for line in table.splitlines() if line and not line.startswith("#")]
    heads = [index for index, line in enumerate(lines) if not line.startswith(" ")]
    ends = [*heads[1:], len(lines)]
    rows = [_row(lines[head], lines[head + 1 : end]) for head, end in zip(heads, ends, strict=True)]
    return MappingProxyType({row.type: row for row in rows})


def _row(head: str, lanes: Sequence[str]) -> Row:
    names, acts, served_by, terms = (part.strip() for part in head.split("|"))
    effect, type_ = names.split()
    act, _, second = acts.partition(" > ")
    said = {term.strip() for term in terms.split(",")} - {""}
    if unknown := said - _TERMS:
        raise ValueError(f"the matrix has terms that mean nothing: {unknown}")
    return Row(
        type=_TYPES[Effect(effect)](type_),
        effect=Effect(effect),
        act=Act(act),
        served_by=served_by,
        lanes=tuple(_lane(line) for line in lanes),
        approval_act=Act(second or act) if second or "two people" in said else None,
        delay=Delay.WORKING_DAYS if "working days" in said else Delay.AT_ONCE,
        reversal_days=REVERSAL_DAYS if "reversible" in said else 0,
        stays_open="open" in said,
        takes_restricted="unrestricted" not in said,
        reason=_reason("for", said),
        draws=_reason("draws", said),
    )


def _reason(word: str, said: Iterable[str]) -> HoldReason | None:
    return next((reason for reason in HoldReason if f"{word} {reason}" in said), None)


def _lane(line: str) -> Lane:
    places, _, kinds = line.partition(":")
    debits, _, credits = places.partition(">")
    return Lane(
        frozenset(AccountType(name) for name in _names(debits)),
        frozenset(AccountType(name) for name in _names(credits)),
        frozenset(AssetKind(name) for name in _names(kinds)),
    )


def _names(text: str) -> Iterable[str]:
    return (name for word in text.split() for name in _GROUPS.get(word, word).split())


MATRIX = _read(_TABLE)

# What goes on under a freeze switch.
STAYS_OPEN: frozenset[TransactionType] = frozenset(type_ for type_, row in MATRIX.items() if row.stays_open)

# The transaction that sets a quantity aside for a reason.
PLACED_BY: Mapping[HoldReason, Row] = MappingProxyType(
    {row.reason: row for row in MATRIX.values() if row.effect is Effect.HOLD and row.reason}
)


def is_allowed(transaction: TransactionType, *, debit: AccountType, credit: AccountType, kind: AssetKind) -> bool:
    """Say whether the matrix has a lane for such a movement."""
    lanes = MATRIX[transaction].lanes
    return any(debit in lane.debits and credit in lane.credits and kind in lane.kinds for lane in lanes)


def may_hold(reason: HoldReason, *, account: AccountType, kind: AssetKind) -> bool:
    """Say whether such assets of such an account may be set aside for a reason."""
    return any(account in lane.debits and kind in lane.kinds for lane in PLACED_BY[reason].lanes)


def may_draw(transfer: TransferType, reason: HoldReason) -> bool:
    """Say whether a hold was made to be used by such a transfer."""
    return MATRIX[transfer].draws is reason
