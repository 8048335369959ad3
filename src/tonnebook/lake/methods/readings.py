"""Readings of meters over columns: what becomes of each row of a batch, what counts, and what it adds up to."""

import ibis
import ibis.expr.types as ir

from tonnebook.core.meters import RowCode


def coded(batch: ir.Table, meters: ir.Table, known: ir.Table) -> ir.Table:
    """Give each row of a batch its code, as `core.meters.codes` does.

    Args:
        batch: row (0 onwards, in the order sent), meter, hour, value, version; integers.
        meters: meter, from_hour, until_hour, closed_before_hour.
        known: meter, hour, value, version: what counts so far, one row for each meter and hour.

    Returns:
        The batch with the column `code`.

    Source: as `core.meters.codes`.
    """
    held = known.select("meter", "hour", held_value=known.value, held_version=known.version)
    rows = batch.left_join(meters, "meter", rname="{name}_of_right").select(
        *batch.columns, "from_hour", "until_hour", "closed_before_hour"
    )
    rows = rows.left_join(held, ["meter", "hour"], rname="{name}_of_right").select(
        *rows.columns, "held_value", "held_version"
    )
    refused = ibis.cases(
        (rows.from_hour.isnull(), RowCode.NO_SUCH_METER.value),
        ((rows.hour < rows.from_hour) | (rows.hour >= rows.until_hour), RowCode.NOT_INSTALLED.value),
        (rows.value < 0, RowCode.NEGATIVE.value),
        (rows.hour < rows.closed_before_hour, RowCode.CLOSED.value),
        else_=ibis.null("string"),
    )
    rows = rows.mutate(refused=refused)
    # The first row of its hour by version, then by place, and what it holds: refused rows take no part.
    order = ibis.window(group_by=["meter", "hour", rows.refused.isnull()], order_by=[ibis.desc("version"), "row"])
    first = {
        "first_row": rows["row"].first(),
        "first_value": rows["value"].first(),
        "first_version": rows.version.first(),
    }
    rows = rows.mutate(**{name: value.over(order) for name, value in first.items()})
    takes = rows.held_version.isnull() | (rows.first_version > rows.held_version)
    best_version = ibis.ifelse(takes, rows.first_version, rows.held_version)
    best_value = ibis.ifelse(takes, rows.first_value, rows.held_value)
    code = ibis.cases(
        (rows.refused.notnull(), rows.refused),
        (takes & (rows["row"] == rows.first_row), RowCode.ACCEPTED.value),
        (rows.version < best_version, RowCode.OUTDATED.value),
        (rows.value == best_value, RowCode.DUPLICATE.value),
        else_=RowCode.CONFLICT.value,
    )
    return rows.select(*batch.columns, code=code)


def counting(accepted: ir.Table) -> ir.Table:
    """Give what counts of all rows ever accepted: of each meter and hour the highest version.

    Args:
        accepted: meter, hour, value, version.

    Returns:
        meter, hour, value, version; one row for each meter and hour.

    Source: as `core.meters.codes`.
    """
    return accepted.group_by("meter", "hour").aggregate(
        value=accepted.value.argmax(accepted.version), version=accepted.version.max()
    )


def totals(rows: ir.Table) -> ir.Table:
    """Add up the readings of each meter.

    Args:
        rows: what `counting` gives, of the hours asked for.

    Returns:
        meter, value (sum), hours (count).

    Source: design choice, no legal source.
    """
    return rows.group_by("meter").aggregate(value=rows.value.sum().cast("int64"), hours=rows.count())
