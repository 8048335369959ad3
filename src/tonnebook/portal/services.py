"""The one thing the authority does here: publish the tables of a compliance year."""

from datetime import datetime

from django.utils import translation

from tonnebook.core import canonical, roles
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.portal import publications
from tonnebook.portal.models import Publication
from tonnebook.portal.publications import Table


@journal.command("portal.publish_tables")
def publish_tables(actor: Actor, *, region: str, year: int, key: str, now: datetime) -> Answer:
    """Publish every table of a year that the region may publish: their digests enter the log.

    Whoever has the open data can work out the digest again and show that a table was, or was not, changed later.

    Args:
        actor: officer of the region.
        region: region code.
        year: compliance year.
        key: idempotency key.
        now: when.

    Returns:
        `tables`: digest (SHA-256, hex) by code, and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED or NOT_YOUR_REGION.

    Source: S01 item 6 (allocation plan, list of entities and yearly report are published).
    """
    del key
    roles.check(actor, Act.PUBLISH, region=region)
    # The words of a table depend on the language; what is published is the Chinese text.
    with translation.override("zh-hans"):
        tables = {table.code: table for table in publications.index(region, year)}
    digests = {code: digest_of(table) for code, table in tables.items()}
    receipt = journal.append(
        Entry("portal.tables.published", {"region": region, "year": year, "tables": digests, "by": actor.person}),
        now=now,
    )
    Publication.objects.bulk_create(
        Publication(
            region=region,
            year=year,
            code=code,
            rows=len(table.rows),
            digest=digests[code],
            receipt=receipt,
            published_at=now,
        )
        for code, table in tables.items()
    )
    return {"tables": dict(digests), "receipt": receipt}


def digest_of(table: Table) -> str:
    """Give the SHA-256 (hex) over the canonical JSON of a table's open data."""
    return canonical.digest(table.plain_rows)
