"""Look into the traces that rooms store beside their figures, in the database and without building them again."""

from django.db.models import F, Func, JSONField, Model, QuerySet


def statuses(rows: QuerySet[Model], column: str) -> tuple[str, ...]:
    """List how sure the parameters are that stored figures rest on.

    Args:
        rows: any of a room.
        column: holds a trace, or traces by name, as `core.trace.to_json` writes them.

    Returns:
        Statuses such as "enacted", each once, sorted.
    """
    named = Func(F(column), template="jsonb_path_query(%(expressions)s, '$.**.status')", output_field=JSONField())
    return tuple(sorted(rows.order_by().annotate(named=named).values_list("named", flat=True).distinct()))
