"""Limits of what may leave: per transfer, per account and day, per region and day; the lowest of them wins."""

from dataclasses import dataclass
from enum import StrEnum

from tonnebook.core import units
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.ledger.refusals import CASH_CODE, with_units
from tonnebook.core.rules import RulesAt

_UNITS, _CASH = "transfer.limit.units", "transfer.limit.cash"


class LimitKind(StrEnum):
    """What a limit counts."""

    TRANSFER = "TRANSFER"
    ACCOUNT_DAY = "ACCOUNT_DAY"
    REGION_DAY = "REGION_DAY"


class LimitRefusal(Refusal):
    """Why a quantity is too much."""

    ABOVE_TRANSFER_LIMIT = Sentence(
        zh="{wanted_zh} 超过单笔限额 {room_zh}。",
        en="{wanted_en} is above the limit of one transfer, {room_en}.",
        article="design choice",
    )
    ABOVE_ACCOUNT_LIMIT = Sentence(
        zh="{wanted_zh} 超过账户 {account} 当日（生效日）剩余限额 {room_zh}。",
        en="{wanted_en} is more than the {room_en} left of the daily limit of account {account} on the day it would "
        "take effect.",
        article="design choice",
        transient=True,
    )
    ABOVE_REGION_LIMIT = Sentence(
        zh="{wanted_zh} 超过本地区当日（生效日）剩余限额 {room_zh}。",
        en="{wanted_en} is more than the {room_en} left of the region's daily limit on the day it would take effect.",
        article="design choice",
        transient=True,
    )


_REFUSAL = {
    LimitKind.TRANSFER: LimitRefusal.ABOVE_TRANSFER_LIMIT,
    LimitKind.ACCOUNT_DAY: LimitRefusal.ABOVE_ACCOUNT_LIMIT,
    LimitKind.REGION_DAY: LimitRefusal.ABOVE_REGION_LIMIT,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one asset, tonnes or fen: of one transfer, of an account's day and of a region's day."""

    per_transfer: int
    per_account_day: int
    per_region_day: int


@dataclass(frozen=True, slots=True)
class Used:
    """What is already to leave on the day, tonnes or fen: from the account and from the whole region."""

    account_day: int = 0
    region_day: int = 0


@dataclass(frozen=True, slots=True)
class Room:
    """How much may still leave (tonnes or fen, >= 0), and which limit says so."""

    quantity: int
    by: LimitKind


def read(rules: RulesAt, asset: str) -> Limits:
    """Read the limits of an asset from the rule book.

    Args:
        rules: of the region.
        asset: code; cash has limits in yuan, units in tonnes.

    Returns:
        Tonnes or fen.

    Raises:
        Refused: NO_SUCH_PARAMETER when the region has no such limits; nothing leaves without one.

    Source: design choice, no legal source; by `transfer.limit.*`.
    """
    if asset == CASH_CODE:
        paths = (f"{_CASH}.per_transfer_yuan", f"{_CASH}.per_account_day_yuan", f"{_CASH}.per_region_day_yuan")
        return Limits(*(units.fen_of_yuan(rules.decimal(path)) for path in paths))
    paths = (f"{_UNITS}.per_transfer_t", f"{_UNITS}.per_account_day_t", f"{_UNITS}.per_region_day_t")
    return Limits(*(rules.integer(path) for path in paths))


def room(limits: Limits, used: Used) -> Room:
    """Give how much may still leave: the lowest limit wins, the narrower one where two are equal.

    Example:
        >>> room(Limits(2_000_000, 3_000_000, 9_000_000), Used(account_day=1_500_000, region_day=4_000_000))
        Room(quantity=1500000, by=<LimitKind.ACCOUNT_DAY: 'ACCOUNT_DAY'>)
    """
    left = {
        LimitKind.TRANSFER: limits.per_transfer,
        LimitKind.ACCOUNT_DAY: limits.per_account_day - used.account_day,
        LimitKind.REGION_DAY: limits.per_region_day - used.region_day,
    }
    lowest = min(left, key=lambda kind: left[kind])
    return Room(max(left[lowest], 0), lowest)


def check(quantity: int, *, account: str, asset: str, limits: Limits, used: Used) -> None:
    """Refuse a quantity above the lowest limit.

    Args:
        quantity: tonnes or fen.
        account: number of the account it leaves.
        asset: code.
        limits: of the asset in the region.
        used: what else is to leave on the same day.

    Raises:
        Refused: ABOVE_TRANSFER_LIMIT, ABOVE_ACCOUNT_LIMIT or ABOVE_REGION_LIMIT, whichever leaves least.

    Source: design choice, no legal source; "lowest wins" as the European registry's limits are recalled (S60).
    """
    left = room(limits, used)
    if quantity > left.quantity:
        raise Refused(_REFUSAL[left.by], account=account, **with_units(asset, wanted=quantity, room=left.quantity))
