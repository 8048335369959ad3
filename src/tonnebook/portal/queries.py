"""What was published, and whether a table still is what was published."""

from dataclasses import dataclass
from datetime import datetime

from tonnebook.portal.models import Publication


@dataclass(frozen=True, slots=True)
class PublicationRow:
    """One publication: how many rows, SHA-256 (hex) over them, leaf hash, when."""

    rows: int
    digest: str
    receipt: str
    published_at: datetime


def publication(region: str, year: int, code: str) -> PublicationRow | None:
    """Give the latest publication of a table, None before the first.

    Args:
        region: region code.
        year: compliance year.
        code: of the table.
    """
    row = Publication.objects.filter(region=region, year=year, code=code).order_by("-id").first()
    return PublicationRow(row.rows, row.digest, row.receipt, row.published_at) if row else None
