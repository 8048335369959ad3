"""Tables people hand in: declared facts as Excel or CSV, of which the new ones are declared."""

import csv
import io
from datetime import datetime
from typing import cast

from tonnebook.compliance import queries, services
from tonnebook.compliance.queries import DeclarationRow
from tonnebook.compliance.services import FactDraft
from tonnebook.core.allocation import fact_tables
from tonnebook.core.allocation.declarations import DeclarationRefusal, DeclarationState
from tonnebook.core.allocation.fact_tables import FactLine, FactTable
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Actor
from tonnebook.faces import uploads
from tonnebook.faces.uploads import Given


def read_facts(file: Given | None) -> tuple[str, FactTable]:
    """Read a file of declared facts.

    Args:
        file: a workbook or a text of comma-separated values; None when none was handed in.

    Returns:
        Its name, and the table with its flaws.

    Raises:
        Refused: FACT_MISSING without a file; what `uploads.accept_text` and `uploads.accept_workbook` refuse.
    """
    if file is None:
        raise Refused(DeclarationRefusal.FACT_MISSING, name="file")
    if (file.name or "").lower().endswith(".csv"):
        upload, text = uploads.accept_text(file, endings=(".csv",))
        return upload.name, fact_tables.read(list(csv.reader(io.StringIO(text))))
    upload, sheets = uploads.accept_workbook(file)
    return upload.name, fact_tables.read(next(iter(sheets.values()), []))


def declare_new(actor: Actor, table: FactTable, *, key: str, now: datetime) -> list[str]:
    """Declare the facts of a table that do not stand declared yet, all of them or none.

    Args:
        actor: representative of the company.
        table: without flaws.
        key: idempotency key.
        now: when.

    Returns:
        The numbers of the new declarations.

    Raises:
        Refused: as `declare_facts`.
    """
    known = {_told(one) for one in standing_facts(actor.organisation)}
    drafts = [
        FactDraft(line.year, line.kind, line.name, line.values, line.evidence)
        for line in table.lines
        if _told(line) not in known
    ]
    if not drafts:
        return []
    answer = services.declare_facts(actor, entity=actor.organisation, facts=drafts, key=key, now=now)
    return cast("list[str]", answer["declarations"])


def standing_facts(entity: str) -> list[DeclarationRow]:
    """List what an entity declared but for what was rejected, which may be declared anew; the latest first."""
    return [one for one in queries.declarations_of(entity) if one.state is not DeclarationState.REJECTED]


# By what a row of the table and a declaration are the same fact.
def _told(one: FactLine | DeclarationRow) -> tuple[object, ...]:
    return one.year, one.kind, one.name, tuple(sorted(one.values.items()))
