"""What the authority publishes here: the tables of a compliance year, and signed releases of the rule book."""

from datetime import datetime

from django.utils import translation

from tonnebook import rulebook
from tonnebook.core import canonical, periods, roles
from tonnebook.core.disclosure import DisclosureRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import queries as log
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.portal import publications
from tonnebook.portal.models import Publication, RuleRelease
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


@journal.command("portal.release_rules")
def release_rules(actor: Actor, *, region: str, key: str, now: datetime) -> Answer:
    """Release the rule book of a region as it stands: its digest is signed and enters the log.

    Whoever has the files works out the digest with `rules digest` and compares it with the note.

    Args:
        actor: officer of the region.
        region: region code.
        key: idempotency key.
        now: when.

    Returns:
        `digest` (SHA-256, hex), `note` (the digest with both signatures) and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION; ALREADY_RELEASED when exactly these rules have been released.

    Source: design choice, no legal source.
    """
    del key
    roles.check(actor, Act.PUBLISH, region=region)
    rules = rulebook.at(region, on=periods.day_of(now))
    if RuleRelease.objects.filter(region=region, digest=rules.digest).exists():
        raise Refused(DisclosureRefusal.ALREADY_RELEASED, region=region, digest=rules.digest)
    note = log.signer().sign(
        f"tonnebook rule book\n{region}\n{rules.digest}\n{len(rules.leaves)} parameters\n{periods.iso(now)}\n"
    )
    facts = {"region": region, "rulebook": rules.digest, "parameters": len(rules.leaves), "by": actor.person}
    receipt = journal.append(Entry("portal.rules.released", facts), now=now)
    RuleRelease.objects.create(
        region=region,
        digest=rules.digest,
        parameters=len(rules.leaves),
        note=note,
        receipt=receipt,
        released_by=actor.person,
        released_at=now,
    )
    return {"digest": rules.digest, "note": note, "receipt": receipt}


def digest_of(table: Table) -> str:
    """Give the SHA-256 (hex) over the canonical JSON of a table's open data."""
    return canonical.digest(table.plain_rows)
