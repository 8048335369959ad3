"""Every stored report is computed again and every document read again: what was meddled with is found."""

import hashlib

import psycopg
import pytest
from psycopg.rows import dict_row
from tests import campaigns
from tests.unit.audit.owner import altering

from tonnebook.emissions import queries as emissions
from tonnebook.emissions.models import EmissionReport
from tonnebook.members.queries import damaged_documents
from tonnebook.members.queries.documents import DAMAGED

FILES = campaigns.times(50, 1_000)


def reports_after(statement: str) -> emissions.Recomputed:
    """Alter the reports with every guard off, and compute what then is stored again."""
    with altering() as owner:
        owner.execute(statement.encode())
        rows = owner.cursor(row_factory=dict_row).execute("SELECT * FROM emissions_emissionreport ORDER BY id")
        return emissions.recompute([EmissionReport(**row) for row in rows.fetchall()])


def test_every_report_of_a_year_comes_to_the_same_figures_again(year: str) -> None:
    found = emissions.recompute()
    assert found.reports > 10
    assert (found.corrected, found.breaks) == (0, ())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("total_t = total_t + 1", {"digest", "total_t trace"}),
        ("direct_t = direct_t - 1", {"digest", "direct_t trace"}),
        ("digest = repeat('0', 64)", {"digest"}),
        # Whoever alters the lines and puts a fitting digest beside them is found by computing them.
        (
            "lines = jsonb_set(lines, '{0,source,quantity}', to_jsonb('1'::text))",
            {"digest", "total_t", "direct_t"},
        ),
        ("traces = jsonb_set(traces, '{total}', traces -> 'direct')", {"total_t trace"}),
    ],
)
def test_an_altered_report_is_found_with_what_is_wrong_with_it(year: str, change: str, told: set[str]) -> None:
    number = EmissionReport.objects.order_by("pk").values_list("number", flat=True)[3]
    found = reports_after(f"UPDATE emissions_emissionreport SET {change} WHERE number = '{number}'")
    assert {one.subject for one in found.breaks} == {number}
    assert {one.what for one in found.breaks} <= told
    assert found.breaks


def keep_files(owner: psycopg.Connection[object], *, count: int) -> None:
    """Put documents and their leaves into the database, as the service would."""
    content = [hashlib.shake_256(str(place).encode()).digest(400) for place in range(count)]
    for place, one in enumerate(content):
        digest = hashlib.sha256(one).hexdigest()
        owner.execute(
            b"INSERT INTO members_document (number, organisation_id, purpose, name, kind, sha256, size, content,"
            b" uploaded_by, at) SELECT %s, min(id), 'EVIDENCE', 'a.pdf', 'PDF', %s, 400, %s, 'P-1', now()"
            b" FROM members_organisation",
            [f"X-{place}", digest, one],
        )
        owner.execute(
            b"""INSERT INTO journal_leaf (kind, payload, leaf_hash, at, txid) SELECT 'members.document.kept', leaf,
            sha256('\\x00'::bytea || convert_to(leaf, 'UTF8')), now(), 1 FROM (SELECT format(
            '{"facts":{"document":"%%s","sha256":"%%s"}}', %s::text, %s::text) AS leaf) AS written""",
            [f"X-{place}", digest],
        )


def damaged(owner: psycopg.Connection[object]) -> int:
    """How many documents are not what came in."""
    return len(owner.execute(DAMAGED.encode()).fetchall())


def test_one_flipped_bit_in_each_of_many_files_is_found(year: str) -> None:
    assert damaged_documents() == ()
    with altering() as owner:
        keep_files(owner, count=FILES)
        assert damaged(owner) == 0
        owner.execute(b"SET CONSTRAINTS ALL IMMEDIATE")
        owner.execute(b"ALTER TABLE members_document DROP CONSTRAINT members_document_sha256")
        owner.execute(
            b"UPDATE members_document SET content = set_bit(content, (id * 7919) %% 3200, "
            b"1 - get_bit(content, (id * 7919) %% 3200)) WHERE number LIKE 'X-%%'",
            [],
        )
        assert damaged(owner) == FILES
        # Whoever writes the digest anew as well is found by the log.
        owner.execute(b"UPDATE members_document SET sha256 = encode(sha256(content), 'hex')")
        assert damaged(owner) == FILES
        owner.execute(b"DELETE FROM members_document WHERE number = 'X-1'")
        assert damaged(owner) == FILES
