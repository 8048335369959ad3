"""Holds: who may let a quantity go, what ends by itself, and what happens when two claims want the same units.

A claim that finds enough free units never meets another. `CONFLICTS` says what happens when it does not: one table,
read by `Book.place` and printed in `docs/holds.md`. Claims that may wait do so in order of their rank; whatever becomes
free in the account goes to the first in the queue before anybody else can use it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from tonnebook.core.ledger.kinds import Hold, HoldReason, HoldState


class Claim(StrEnum):
    """What somebody wants with units that are set aside."""

    SURRENDER = "SURRENDER"
    SALE = "SALE"
    PLEDGE = "PLEDGE"
    COURT = "COURT"
    RECALL = "RECALL"


class Meeting(StrEnum):
    """What becomes of a claim for which too little is free."""

    REFUSED = "REFUSED"
    WAITS = "WAITS"
    TAKES_PRECEDENCE = "TAKES_PRECEDENCE"


class HoldOwner(StrEnum):
    """Who may release a hold."""

    HOLDER = "HOLDER"
    PLEDGEE = "PLEDGEE"
    COURT = "COURT"
    AUTHORITY = "AUTHORITY"
    OTHER_REGISTRY = "OTHER_REGISTRY"


@dataclass(frozen=True, slots=True)
class HoldTerms:
    """What goes for all holds of one reason.

    Attributes:
        claim: what it is in the table of conflicts.
        owner: who may release it.
        ends_by_itself: whether its expiry sets the units free; what does not end is only overdue.
        exceeds: whether it may be for more than the account has, and so wait for what is still to come.
    """

    claim: Claim
    owner: HoldOwner
    ends_by_itself: bool = True
    exceeds: bool = False


TERMS: Mapping[HoldReason, HoldTerms] = MappingProxyType(
    {
        HoldReason.ORDER: HoldTerms(Claim.SALE, HoldOwner.HOLDER),
        HoldReason.BID: HoldTerms(Claim.SALE, HoldOwner.HOLDER),
        # A transfer that waits for its hour: nothing has left yet.
        HoldReason.DELIVERY: HoldTerms(Claim.SALE, HoldOwner.HOLDER),
        HoldReason.SURRENDER: HoldTerms(Claim.SURRENDER, HoldOwner.HOLDER),
        # A freeze that its court does not continue in time lapses.
        HoldReason.COURT: HoldTerms(Claim.COURT, HoldOwner.COURT, exceeds=True),
        # The end of the secured debt is for the pledgee to say.
        HoldReason.PLEDGE: HoldTerms(Claim.PLEDGE, HoldOwner.PLEDGEE, ends_by_itself=False),
        # What stands for these units circulates elsewhere; it ranks as a pledge does, and ends when that is withdrawn.
        HoldReason.BRIDGE: HoldTerms(Claim.PLEDGE, HoldOwner.OTHER_REGISTRY, ends_by_itself=False),
        HoldReason.RECALL: HoldTerms(Claim.RECALL, HoldOwner.AUTHORITY, ends_by_itself=False, exceeds=True),
    }
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """One cell of the table: the outcome, why in both languages, and where that comes from."""

    meeting: Meeting
    zh: str
    en: str
    source: str = "design choice"


_REFUSED, _WAITS, _FIRST = Meeting.REFUSED, Meeting.WAITS, Meeting.TAKES_PRECEDENCE
_ONCE = Conflict(
    _REFUSED,
    "已提交清缴的单位在撤回前不得再次提交、出售或质押。",
    "Units submitted for surrender cannot be submitted again, sold or pledged until the surrender is withdrawn.",
)
_RESTING = Conflict(
    _REFUSED,
    "挂单中的单位须先撤单，方可清缴、再次出售或质押。",
    "Units resting in an order are free for another use once the order is cancelled, not before.",
)
_PLEDGED = Conflict(
    _REFUSED,
    "质押期间未经质权人解除，不得清缴或出售。",
    "Pledged units are neither surrendered nor sold until the pledgee releases them.",
    "S75 Art. 443, 444",
)
_FROZEN = Conflict(
    _REFUSED,
    "司法冻结期间持有人不得清缴、出售或质押。",
    "What a court has frozen its holder neither surrenders nor sells nor pledges.",
    "S76 Art. 24",
)
_CLAIMED = Conflict(
    _REFUSED,
    "主管部门已决定收回的配额不得清缴、出售或质押。",
    "Units that the authority takes back are neither surrendered nor sold nor pledged.",
)
_SURRENDER_STANDS = Conflict(
    _WAITS,
    "已提交的清缴照常确认；撤回后单位依次转入冻结或收回。",
    "A submitted surrender stands; if it is withdrawn, its units fall to whoever waits.",
)
_COURT_FIRST = Conflict(
    _FIRST,
    "冻结优先于未成交的挂单和投标，该挂单或投标失效。",
    "A freeze comes before an order or bid that has met no other: the order or bid is void.",
    "S76 Art. 24",
)
_RECALL_FIRST = Conflict(
    _FIRST,
    "收回优先于未成交的挂单，该挂单失效。",
    "A recall comes before an order that has met no other: the order is void.",
)
_PLEDGE_STANDS = Conflict(
    _WAITS,
    "质权在先；质押解除后，按顺位转入后来的冻结或收回。",
    "The pledge was first; once it is released, the units fall to the later claim in order of rank.",
    "S75 Art. 386",
)
_SECOND_PLEDGE = Conflict(
    _WAITS,
    "同一单位可再次质押，按登记先后排序，前一质押解除后生效。",
    "A later pledge of the same units ranks behind the earlier one and takes effect when that is released.",
    "S75 Art. 414",
)
_QUEUED_FREEZE = Conflict(
    _WAITS,
    "轮候冻结：在先冻结解除后，按顺位自动生效。",
    "A later freeze waits behind the earlier one and takes effect by itself when that is lifted.",
    "S76 Art. 26",
)
_BEHIND_COURT = Conflict(
    _WAITS,
    "司法冻结在先；冻结解除后单位转入收回。",
    "The court was first; what it lets go is then taken back.",
)
_BEHIND_RECALL = Conflict(
    _WAITS,
    "已决定收回的配额先行收回，冻结及于其余和以后的单位。",
    "What is being taken back goes back first; a later freeze or recall gets what remains and what comes.",
)

# By (what is there, what comes).
CONFLICTS: Mapping[tuple[Claim, Claim], Conflict] = MappingProxyType(
    {
        (Claim.SURRENDER, Claim.SURRENDER): _ONCE,
        (Claim.SURRENDER, Claim.SALE): _ONCE,
        (Claim.SURRENDER, Claim.PLEDGE): _ONCE,
        (Claim.SURRENDER, Claim.COURT): _SURRENDER_STANDS,
        (Claim.SURRENDER, Claim.RECALL): _SURRENDER_STANDS,
        (Claim.SALE, Claim.SURRENDER): _RESTING,
        (Claim.SALE, Claim.SALE): _RESTING,
        (Claim.SALE, Claim.PLEDGE): _RESTING,
        (Claim.SALE, Claim.COURT): _COURT_FIRST,
        (Claim.SALE, Claim.RECALL): _RECALL_FIRST,
        (Claim.PLEDGE, Claim.SURRENDER): _PLEDGED,
        (Claim.PLEDGE, Claim.SALE): _PLEDGED,
        (Claim.PLEDGE, Claim.PLEDGE): _SECOND_PLEDGE,
        (Claim.PLEDGE, Claim.COURT): _PLEDGE_STANDS,
        (Claim.PLEDGE, Claim.RECALL): _PLEDGE_STANDS,
        (Claim.COURT, Claim.SURRENDER): _FROZEN,
        (Claim.COURT, Claim.SALE): _FROZEN,
        (Claim.COURT, Claim.PLEDGE): _FROZEN,
        (Claim.COURT, Claim.COURT): _QUEUED_FREEZE,
        (Claim.COURT, Claim.RECALL): _BEHIND_COURT,
        (Claim.RECALL, Claim.SURRENDER): _CLAIMED,
        (Claim.RECALL, Claim.SALE): _CLAIMED,
        (Claim.RECALL, Claim.PLEDGE): _CLAIMED,
        (Claim.RECALL, Claim.COURT): _BEHIND_RECALL,
        (Claim.RECALL, Claim.RECALL): _BEHIND_RECALL,
    }
)

# What keeps units from every use without retiring them, for somebody other than a court.
IMMOBILISING = frozenset({HoldReason.PLEDGE, HoldReason.BRIDGE})

STANDING = frozenset({HoldState.ACTIVE, HoldState.WAITING})


def meets(there: HoldReason, comes: HoldReason) -> Conflict:
    """Give what happens when a claim comes upon units that are set aside for another."""
    return CONFLICTS[TERMS[there].claim, TERMS[comes].claim]


def is_ranked(reason: HoldReason) -> bool:
    """Say whether holds of a reason may wait for one another or push others aside, and so have a rank."""
    own = TERMS[reason].claim
    return any(rule.meeting is not Meeting.REFUSED for (_, comes), rule in CONFLICTS.items() if comes is own)


def next_rank(standing: Iterable[Hold]) -> int:
    """Give the rank of a claim that comes after all that stand already; the first has rank 1."""
    return 1 + max((hold.rank for hold in standing), default=0)


def overridden(comes: Hold, standing: Iterable[Hold], *, missing: int) -> tuple[tuple[Hold, int], ...]:
    """Choose the holds that a claim pushes aside.

    Args:
        comes: the claim.
        standing: holds of the same account and asset.
        missing: how much more than what is free is wanted, tonnes or fen.

    Returns:
        Holds with what is taken of each, the newest first, as few as it takes; none when nothing is missing. A hold
        gives way as a whole, a reserve of many orders by as much as is missing.

    Source: S75, S76 and design choices, each in `CONFLICTS`.
    """
    chosen = []
    for hold in sorted(standing, key=lambda one: one.number, reverse=True):
        if missing <= 0:
            break
        if hold.remaining and meets(hold.reason, comes.reason).meeting is Meeting.TAKES_PRECEDENCE:
            taken = min(hold.remaining, missing) if hold.is_reserve else hold.remaining
            chosen.append((hold, taken))
            missing -= taken
    return tuple(chosen)


def may_wait(comes: Hold, standing: Iterable[Hold]) -> int:
    """Give the most of a claim that may wait: all of it, what others hold that it may wait behind, or nothing.

    Args:
        comes: the claim.
        standing: holds of the same account and asset.

    Returns:
        Tonnes or fen.

    Source: S75, S76 and design choices, each in `CONFLICTS`.
    """
    if TERMS[comes.reason].exceeds:
        return comes.remaining
    standing = tuple(standing)
    ahead = sum(hold.remaining for hold in standing if meets(hold.reason, comes.reason).meeting is Meeting.WAITS)
    return max(0, ahead - sum(hold.waiting for hold in standing))


def fill(waiting: Iterable[Hold], free: int) -> tuple[Hold, ...]:
    """Give what is free to the holds that wait, the lowest rank first.

    Args:
        waiting: holds of one account and asset.
        free: tonnes or fen.

    Returns:
        The holds that got something, as they are afterwards.

    Example:
        >>> first = Hold("H-1", "A", "X", 0, HoldReason.COURT, HoldState.WAITING, waiting=30, rank=1)
        >>> [(hold.remaining, hold.waiting) for hold in fill([first], 20)]
        [(20, 10)]
    """
    filled = []
    for hold in sorted((one for one in waiting if one.waiting), key=lambda one: (one.rank, one.number)):
        if free <= 0:
            break
        part = min(hold.waiting, free)
        free -= part
        left = hold.waiting - part
        filled.append(replace(hold, remaining=hold.remaining + part, waiting=left, state=HoldState.ACTIVE))
    return tuple(filled)
