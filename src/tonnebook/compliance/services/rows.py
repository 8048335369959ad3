"""Write whole model objects at once as the journal's `rows` does; traces go in by COPY many times faster."""

from collections.abc import Sequence

from django.db import connection, models

from tonnebook.journal import rows as table_rows


def copy_in(rows: Sequence[models.Model]) -> None:
    """Write new rows of one model in order; their ids stay unknown to the objects.

    Args:
        rows: of one model, without primary keys.
    """
    if not rows:
        return
    fields = [field for field in rows[0]._meta.concrete_fields if not field.primary_key]
    values = ([field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields] for row in rows)
    table_rows.copy_in(type(rows[0]), [str(field.column) for field in fields], values)
