"""Invoices: what was charged in a month, with its tax where the rule book knows the rate; parts that add up.

A fee was charged as it stands in the books, so the tax is inside it. It is worked out once, on the sum, and then shared
over the lines by the largest remainder: rounding each line would leave a difference nobody could book (invariant B14).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tonnebook.core import units
from tonnebook.core.errors import Refusal, Sentence
from tonnebook.core.rules import RulesAt

VAT_SHARE = "fees.vat_share"


class InvoiceRefusal(Refusal):
    """Why no invoice is made, in order of precedence."""

    MONTH_NOT_OVER = Sentence(
        zh="{month} 尚未结束；发票于次月起开具。",
        en="{month} is not over; an invoice is made from the month after on.",
        article="design choice",
        transient=True,
    )
    NOTHING_CHARGED = Sentence(
        zh="{month} 没有收取费用，无须开票。",
        en="Nothing was charged in {month}, so there is nothing to invoice.",
        article="design choice",
    )
    INVOICED_ALREADY = Sentence(
        zh="{month} 的发票已开具（{invoice}）。",
        en="The invoice of {month} is made already ({invoice}).",
        article="design choice",
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what for, how often, and the fen that were charged; below zero where a charge was taken back."""

    what: str
    count: int
    charged_fen: int


@dataclass(frozen=True, slots=True)
class Taxed:
    """A line with the tax inside it, fen; None where the rate is not known."""

    line: Line
    vat_fen: int | None


@dataclass(frozen=True, slots=True)
class Invoice:
    """Lines and their sums; `vat_fen` is None where the rule book knows no rate."""

    lines: tuple[Taxed, ...]
    total_fen: int
    vat_fen: int | None


def split(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Share a whole out in whole parts by weight; what rounding down leaves goes to the largest remainders.

    Args:
        total: what is shared, any unit, >= 0.
        weights: >= 0, not all zero; the earlier of two equal remainders is served first.

    Returns:
        One part per weight; they add up to the total exactly.

    Raises:
        ValueError: when there is nothing to share by.

    Source: design choice, no legal source (largest remainder; invariant B14).

    Example:
        >>> split(100, [1, 1, 1])
        (34, 33, 33)
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError(f"nothing to share by: {weights}")
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda index: (-(total * weights[index] % whole), index))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return tuple(parts)


def invoice(lines: Sequence[Line], *, vat_share: Decimal | None) -> Invoice:
    """Put lines together and find the tax inside them.

    Args:
        lines: what was charged, tax included.
        vat_share: tax as a share of the price without it, such as 0.06; None where the rate is not known.

    Returns:
        The invoice; the tax of the lines adds up to the tax of the sum, which is rounded once, halves up to the fen.

    Source: `fees.vat_share` where a region has it; rounding once is a design choice (invariant B14).

    Example:
        >>> invoice([Line("trades", 3, 106)], vat_share=Decimal("0.06")).vat_fen
        6
    """
    total_fen = sum(line.charged_fen for line in lines)
    if vat_share is None or total_fen <= 0:
        return Invoice(tuple(Taxed(line, None) for line in lines), total_fen, None)
    inside = units.EXACT.divide(units.EXACT.multiply(Decimal(total_fen), vat_share), 1 + vat_share)
    vat_fen = units.whole(units.half_up(units.settled(inside)))
    parts = split(vat_fen, [max(line.charged_fen, 0) for line in lines])
    return Invoice(tuple(Taxed(*one) for one in zip(lines, parts, strict=True)), total_fen, vat_fen)


def vat_share(rules: RulesAt) -> Decimal | None:
    """Give the rate of value-added tax on fees; None where the rule book does not know it."""
    return rules.decimal(VAT_SHARE) if VAT_SHARE in rules.leaves else None


def month_of(day: date) -> date:
    """Give the first day of the month a day lies in."""
    return day.replace(day=1)


def month_after(month: date) -> date:
    """Give the first day of the next month.

    Example:
        >>> month_after(date(2026, 12, 1))
        datetime.date(2027, 1, 1)
    """
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
