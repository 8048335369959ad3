"""The rows of many entities at once: lock what decides about them, and write by COPY, many times faster for traces."""

from collections.abc import Sequence

from django.db import connection, models

from tonnebook.compliance.models import Coverage
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


def lock_place(name: str) -> None:
    """Let those who decide about what has no row of its own follow each other, to the end of the transaction.

    Args:
        name: of the place, the room first.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def lock_list(region: str, year: int) -> None:
    """Lock the list of a year: a surrender in flight is either counted or refused."""
    list(Coverage.objects.select_for_update().filter(region=region, year=year).order_by("id").values_list("id"))
