"""Whole divisions over columns.

Every engine divides two integers as floats. For whole numbers below 2^53 that still gives the right floor: a quotient
that is no whole number is at least one divisor's share away from the next one, which is more than a float loses. So a
method keeps both sides below 2^53, and a test looks at the numbers around every such edge.
"""

import ibis.expr.types as ir


def floor_div(dividend: ir.IntegerValue, divisor: ir.IntegerValue | int) -> ir.IntegerValue:
    """Divide and round down.

    Args:
        dividend: |dividend| < 2^53.
        divisor: above 0, below 2^53.

    Returns:
        The quotient, exact.

    Source: design choice, no legal source.
    """
    return (dividend.cast("float64") / divisor).floor().cast("int64")


def half_up_div(dividend: ir.IntegerValue, divisor: ir.IntegerValue | int) -> ir.IntegerValue:
    """Divide and round halves up.

    Args:
        dividend: not negative, 2 * dividend + divisor < 2^53.
        divisor: above 0.

    Returns:
        The quotient, exact.

    Source: design choice, no legal source.
    """
    return floor_div(dividend * 2 + divisor, divisor * 2)
