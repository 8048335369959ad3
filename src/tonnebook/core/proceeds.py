"""Proceeds of auctions as government revenue (政府非税收入): who pays how much, its receipts, and its use.

Bids are paid out of deposits, in the transfer that delivers; what a winner gets afterwards is a notice of what it has
paid into the treasury. The finance bureau records the treasury's receipts and states what the money was used for.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from tonnebook.core.errors import Refusal, Refused, Sentence

# A receipt bears a running number, perhaps with leading zeros (design choice, no legal source).
RECEIPT_DIGITS_MAX = 20


class ProceedsRefusal(Refusal):
    """Why the finance bureau's record is not taken, in order of precedence."""

    NOTHING_TO_RECEIVE = Sentence(
        zh="竞价 {auction} 没有待开票的缴款通知书。",
        en="Auction {auction} has no payment notice that waits for a receipt.",
        article="design choice",
    )
    NOT_A_DAY_OF_RECEIPT = Sentence(
        zh="入库日期须在 {from_on} 至 {to_on} 之间。",
        en="The money was received on a day from {from_on} to {to_on}.",
        article="design choice",
        status=422,
    )
    RECEIPT_NUMBER_WRONG = Sentence(
        zh="票据号“{given}”无效：须为 1 至 20 位数字，且足够编到第 {count} 张。",
        en="“{given}” is no number to begin {count} receipts with: 1 to 20 digits, enough for all of them.",
        article="design choice",
        status=422,
    )
    RECEIPT_NUMBER_TAKEN = Sentence(
        zh="票据号 {first} 至 {last} 中有号码已经使用；请核对。",
        en="A number from {first} to {last} stands on another receipt already.",
        article="design choice",
    )
    BEYOND_RECEIVED = Sentence(
        zh="使用金额（{used_fen} 分，含以前）将超出已入库收入（{received_fen} 分）或低于零。",
        en="What is used ({used_fen} fen with all before) would exceed what was received ({received_fen} fen), or fall "
        "below nothing.",
        article="design choice",
    )


@dataclass(frozen=True, slots=True)
class Due:
    """What one winner receives and pays: unified social credit code, tonnes and fen."""

    organisation: str
    quantity_t: int
    amount_fen: int


def dues(awards: Iterable[tuple[str, int, int]]) -> list[Due]:
    """Add up the awards of each winner.

    Args:
        awards: organisation, tonnes and fen per tonne of each, in any order.

    Returns:
        One for each organisation, by its code.

    Source: design choice, no legal source (feature U11).

    Example:
        >>> dues([("B", 10, 7500), ("A", 5, 7500), ("B", 1, 7400)])
        [Due(organisation='A', quantity_t=5, amount_fen=37500), Due(organisation='B', quantity_t=11, amount_fen=82400)]
    """
    sums: dict[str, tuple[int, int]] = {}
    for organisation, quantity_t, paid_fen_per_t in awards:
        before_t, before_fen = sums.get(organisation, (0, 0))
        sums[organisation] = before_t + quantity_t, before_fen + quantity_t * paid_fen_per_t
    return [Due(organisation, *sums[organisation]) for organisation in sorted(sums)]


def receipt_numbers(first: str, count: int) -> list[str]:
    """Count receipts on from the first, at its width.

    Raises:
        Refused: RECEIPT_NUMBER_WRONG when it is no number, or too short to count so far.

    Source: design choice, no legal source.

    Example:
        >>> receipt_numbers("0098", 3)
        ['0098', '0099', '0100']
    """
    is_number = first.isascii() and first.isdigit() and len(first) <= RECEIPT_DIGITS_MAX
    if not is_number or len(str(int(first) + count - 1)) > len(first):
        raise Refused(ProceedsRefusal.RECEIPT_NUMBER_WRONG, given=first[:80], count=count)
    return [f"{int(first) + place:0{len(first)}d}" for place in range(count)]


def check_use(amount_fen: int, *, used_fen: int, received_fen: int) -> None:
    """Let no more be stated as used than was received; a statement below zero takes an earlier one back.

    Args:
        amount_fen: of this statement, fen.
        used_fen: of all before, fen.
        received_fen: by the treasury, fen.

    Raises:
        Refused: BEYOND_RECEIVED.

    Source: design choice, no legal source (feature U11).
    """
    if not 0 <= used_fen + amount_fen <= received_fen:
        facts = {"used_fen": used_fen + amount_fen, "received_fen": received_fen}
        raise Refused(ProceedsRefusal.BEYOND_RECEIVED, **facts)
