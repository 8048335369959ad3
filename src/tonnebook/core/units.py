"""Units and the only rounding functions of the system.

Books hold integers: tonnes and fen. Before a number reaches a book it is a `Decimal`; it becomes an integer by
exactly one of the functions below, which a rule names (`floor`, `half_up`, `ceil`). A price is fen per tonne.
"""

import functools
from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, InvalidOperation

# Long chains of factors with twelve digits each need more than Python's default 28 digits before the last rounding.
EXACT = Context(prec=60)

FEN_PER_YUAN = 100

# A number of tonnes has at most a dozen digits before its point, so these forty are far from the error of a division.
_SETTLED_PLACES = 40
_SETTLED = Decimal(1).scaleb(-_SETTLED_PLACES)


@functools.cache
def _place(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def decimal_of(text: str) -> Decimal:
    """Read an exact decimal from text.

    Args:
        text: digits with an optional sign and point, such as ``"0.42"``; surrounding spaces are ignored.

    Returns:
        The same number, exactly.

    Raises:
        ValueError: when the text is not a finite decimal number.

    Example:
        >>> decimal_of("0.42")
        Decimal('0.42')
    """
    try:
        number = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError(f"not a decimal number: {text!r}") from error
    if not number.is_finite():
        raise ValueError(f"not a finite number: {text!r}")
    return number


def floor(value: Decimal, places: int = 0) -> Decimal:
    """Round down (towards minus infinity) to a number of decimal places.

    Example:
        >>> floor(Decimal("1789.70"))
        Decimal('1789')
    """
    return value.quantize(_place(places), ROUND_FLOOR, EXACT)


def ceil(value: Decimal, places: int = 0) -> Decimal:
    """Round up (towards plus infinity) to a number of decimal places."""
    return value.quantize(_place(places), ROUND_CEILING, EXACT)


def half_up(value: Decimal, places: int = 0) -> Decimal:
    """Round to the nearest, halves away from zero, to a number of decimal places.

    Example:
        >>> half_up(Decimal("1.0613636"), 6)
        Decimal('1.061364')
    """
    return value.quantize(_place(places), ROUND_HALF_UP, EXACT)


def settled(value: Decimal) -> Decimal:
    """Drop what a division to 60 digits left behind, so that a third of 99 is 33 and not a hair less.

    Args:
        value: the outcome of a chain of steps in `EXACT`.

    Returns:
        The value to 40 decimal places; a number too large to have that many is given back as it is.

    Source: design choice, no legal source: a rule rounds the number it means, not the digits a machine kept.
    """
    if value.adjusted() + _SETTLED_PLACES >= EXACT.prec:
        return value
    return value.quantize(_SETTLED, ROUND_HALF_EVEN, EXACT)


def whole(value: Decimal) -> int:
    """Turn a decimal that is already whole into an integer.

    Raises:
        ValueError: when a fraction would be lost; round first, by the function the rule names.
    """
    if value != value.to_integral_value():
        raise ValueError(f"not a whole number: {value}")
    return int(value)


def fen_of_yuan(yuan: Decimal) -> int:
    """Turn yuan into fen, exactly.

    Raises:
        ValueError: when the amount has fractions of a fen.

    Example:
        >>> fen_of_yuan(Decimal("74.29"))
        7429
    """
    return whole(yuan * FEN_PER_YUAN)


def yuan_text(amount_fen: int) -> str:
    """Write an amount, or a price per tonne, in yuan with two decimals, for the sentences of refusals.

    Args:
        amount_fen: fen, or fen per tonne.

    Example:
        >>> yuan_text(1234567)
        '12,345.67'
    """
    return f"{Decimal(amount_fen) / FEN_PER_YUAN:,.2f}"


def with_yuan(**amounts_fen: int) -> dict[str, object]:
    """Give amounts as facts of a refusal: in fen, for programs, and as `<name>_yuan` for the sentences.

    Args:
        amounts_fen: by name of the fact, fen, or fen per tonne.

    Example:
        >>> with_yuan(price=7429)
        {'price': 7429, 'price_yuan': '74.29'}
    """
    return {**amounts_fen, **{f"{name}_yuan": yuan_text(fen) for name, fen in amounts_fen.items()}}


def amount_fen(*, price_fen_per_t: int, quantity_t: int) -> int:
    """Price a quantity.

    Args:
        price_fen_per_t: fen per tonne.
        quantity_t: tonnes.

    Returns:
        Fen; exact, nothing to round.
    """
    return price_fen_per_t * quantity_t


def fee_fen(amount_fen: int, share: Decimal) -> int:
    """Charge a share of an amount, halves up to the fen.

    Args:
        amount_fen: fen, >= 0.
        share: of the amount, such as ``Decimal("0.0008")``.

    Returns:
        Fen.

    Source: design choice, no legal source (the fee tables seen name a share and no rounding).

    Example:
        >>> fee_fen(625, Decimal("0.0008")), fee_fen(624, Decimal("0.0008"))
        (1, 0)
    """
    # In whole numbers, as every order asks several times: n/d + 1/2 of them, rounded down.
    numerator, denominator = _ratio(share)
    return (2 * amount_fen * numerator + denominator) // (2 * denominator)


@functools.lru_cache(maxsize=100)
def _ratio(share: Decimal) -> tuple[int, int]:
    return share.as_integer_ratio()


def split_by_largest_remainder(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Split a whole number by weights so that the parts add up to the total exactly.

    Args:
        total: what is split, >= 0, any unit.
        weights: >= 0, at least one of them positive.

    Returns:
        One part per weight; what rounding leaves goes to the largest remainders, earlier weights first.

    Raises:
        ValueError: when no weight is positive or one is negative.

    Example:
        >>> split_by_largest_remainder(10, (1, 1, 1))
        (4, 3, 3)
    """
    whole_weight = sum(weights)
    if whole_weight <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and not all zero")
    parts = [total * weight // whole_weight for weight in weights]
    remainders = [(-(total * weight % whole_weight), index) for index, weight in enumerate(weights)]
    for _, index in sorted(remainders)[: total - sum(parts)]:
        parts[index] += 1
    return tuple(parts)
