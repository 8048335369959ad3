"""Squawk reads every migration after the first: what could stop a running system is repaired or waived in writing."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from tonnebook import scratch
from tonnebook.journal import guards

ROOMS = {"journal", "members", "registry", "emissions", "market", "compliance", "portal", "demo"}

# Of every migration: what the rule asks for does not fit here, and why.
EXCLUDED = {
    "prefer-text-field": "Django's lengths are promises to the faces; making one longer rewrites nothing",
    "prefer-bigint-over-int": "small counts: ranks, indexes of legs, years",
    "prefer-bigint-over-smallint": "levels of a tree and the like",
    "prefer-identity": "Django's own",
}

# Of one migration: (room, name): rule → why it may stay.
_LONGER = "a varchar made longer is not rewritten"
_CHECKED = "the check reads rows once, and until 0.2 no register is large"
_SEALED = "auctions and bids are few, and none runs while a release is put in"
WAIVED: dict[tuple[str, str], dict[str, str]] = {
    ("market", "0005_phases"): {
        "adding-field-with-default": "instruments are a handful",
        "ban-drop-column": "the phase says it, and the market stands while a release is put in",
    },
    ("market", "0002_sealed_bids"): {
        "ban-drop-default": _SEALED,
        "ban-drop-not-null": _SEALED,
        "ban-drop-constraint": _SEALED,
        "constraint-missing-not-valid": _SEALED,
        "disallowed-unique-constraint": _SEALED,
    },
    ("market", "0009_limits_and_ends_of_auctions"): {
        "ban-drop-default": _SEALED,
        "changing-column-type": _LONGER,
        "constraint-missing-not-valid": _CHECKED,
    },
    ("market", "0013_indications"): {
        "adding-foreign-key-constraint": "a new column without values: there is nothing to check",
        "require-concurrent-index-creation": "Django's migrations run in one transaction; deals are few",
    },
    ("market", "0014_one_way_auctions"): {
        "adding-foreign-key-constraint": "a new column without values: there is nothing to check",
        "require-concurrent-index-creation": "Django's migrations run in one transaction; deals are few",
    },
    ("market", "0015_proceeds_of_auctions"): {
        "ban-drop-default": _SEALED,
        "constraint-missing-not-valid": _CHECKED,
    },
    ("market", "0019_lean_orders"): {
        "require-concurrent-index-deletion": "the market stands while a release is put in, and they go at once",
    },
    ("compliance", "0025_penalty_before_its_law"): {
        "constraint-missing-not-valid": _CHECKED,
        "ban-drop-not-null": "only a file of the new regime has no range, and programs of before open none",
    },
    ("journal", "0002_tiles"): {
        "ban-drop-table": "the tiles are made anew from the leaves at the next checkpoint",
        "constraint-missing-not-valid": _CHECKED,
    },
    ("journal", "0005_looks"): {
        "require-concurrent-index-creation": "the index covers looks alone, of which there are none before it",
    },
    ("journal", "0006_cheaper_leaves"): {
        "ban-drop-table": "what waits is taken along into the new table",
        "require-concurrent-index-creation": "Django's migrations run in one transaction, and until 0.2 no log is long",
    },
    ("members", "0002_hats"): {"changing-column-type": _LONGER},
    ("registry", "0002_account_states"): {"changing-column-type": _LONGER},
    ("registry", "0003_holds_with_owner_and_rank"): {
        "changing-column-type": _LONGER,
        "ban-drop-constraint": "a wider check takes the place of the old one in the same transaction",
        "constraint-missing-not-valid": _CHECKED,
        "require-concurrent-index-creation": "Django's migrations run in one transaction; holds are few",
    },
    ("registry", "0008_applications_and_representatives"): {
        "adding-required-field": "the table is empty, for the same migration makes it",
        "adding-foreign-key-constraint": "likewise",
        "require-concurrent-index-creation": "accounts are few",
        "require-concurrent-index-deletion": "accounts are few",
    },
    ("registry", "0010_transfer_corrects"): {
        "adding-foreign-key-constraint": "a new column without values: there is nothing to check",
        "constraint-missing-not-valid": _CHECKED,
        "require-concurrent-index-creation": "a partial index over corrections, of which there are none yet",
    },
    ("registry", "0015_posting_known_by_transfer"): {
        "ban-drop-column": "a number that nothing refers to",
        "ban-drop-constraint": "the same promise becomes the primary key in the same transaction",
        "adding-serial-primary-key-field": "no column is added, and until 0.2 no register is large",
        "constraint-missing-not-valid": "likewise",
    },
    ("compliance", "0003_foreign_credits"): {
        "adding-field-with-default": "the table is empty, for the same migration makes it",
    },
    ("compliance", "0011_objections_by_subject"): {
        "ban-drop-constraint": "a wider key takes the place of the old one in the same transaction; objections are few",
        "disallowed-unique-constraint": "objections are few",
        "ban-drop-not-null": "a decision names what its subject asks for; the running program writes tonnes as before",
        "constraint-missing-not-valid": _CHECKED,
    },
    ("compliance", "0020_entities_at_risk"): {
        "ban-drop-constraint": "a partial key takes the place of the whole one in the same transaction",
        "require-concurrent-index-creation": "Django's migrations run in one transaction; lines of surrenders are few",
    },
    ("emissions", "0006_verification_path"): {
        "adding-foreign-key-constraint": "keys between tables that the same migration makes, and one to opinions, few",
        "adding-required-field": "the table is empty, for the same migration makes it",
        "ban-drop-constraint": "a partial key takes the place of the whole one in the same transaction",
        "disallowed-unique-constraint": "opinions are few",
        "require-concurrent-index-creation": "Django's migrations run in one transaction; assignments are few",
    },
    ("registry", "0012_account_restrictions"): {"constraint-missing-not-valid": _CHECKED},
    ("registry", "0013_guards_for_many_rows"): {
        "ban-drop-function": "another function takes its place at the same table"
    },
    ("registry", "0020_second_representative"): {"constraint-missing-not-valid": _CHECKED},
    ("registry", "0018_reserves"): {
        "ban-drop-constraint": "a wider check takes the place of the old one in the same transaction",
        "constraint-missing-not-valid": _CHECKED,
        "require-concurrent-index-creation": "partial indexes over reserves, of which there are none yet",
    },
    ("registry", "0004_bulk_postings"): {
        "ban-drop-constraint": "a statement trigger takes the place of four checks per row",
        "adding-foreign-key-constraint": "the key is made again without an index; balances are few",
        "constraint-missing-not-valid": _CHECKED,
    },
}


def later_migrations() -> list[tuple[str, str]]:
    loader = MigrationLoader(None)
    return sorted((room, name) for room, name in loader.disk_migrations if room in ROOMS and name[:4] != "0001")


@pytest.mark.django_db(databases=["default", "owner"])
@pytest.mark.parametrize(("room", "name"), later_migrations())
def test_a_migration_stops_nobody_or_says_why_it_may(room: str, name: str) -> None:
    found = remarks(scratch.MIGRATION_LIMITS + statements(room, name))
    assert found - EXCLUDED.keys() == set(WAIVED.get((room, name), {}))


def test_squawk_finds_an_index_that_would_stop_all_writing() -> None:
    assert "require-concurrent-index-creation" in remarks("CREATE INDEX a_b ON a (b);")
    assert "require-lock-timeout" in remarks("ALTER TABLE a ADD COLUMN b integer;")


@pytest.mark.django_db(databases=["default", "owner"])
def test_a_migration_gives_way_to_whoever_holds_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def migrate(*_arguments: object, **_options: object) -> None:
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
            asked.extend(cursor.fetchone())

    monkeypatch.setattr(scratch, "call_command", migrate)
    monkeypatch.setattr(scratch, "schema_digest", lambda: "another")
    monkeypatch.setattr(guards, "install", lambda connection: None)
    scratch.prepare_database()
    assert asked == ["2s", "15min"]


def statements(room: str, name: str) -> str:
    told = io.StringIO()
    call_command("sqlmigrate", room, name, database="owner", stdout=told, no_color=True)
    # Django's own BEGIN and COMMIT; squawk is told that there is a transaction.
    return "\n".join(line for line in told.getvalue().splitlines() if line not in ("BEGIN;", "COMMIT;"))


def remarks(sql: str) -> set[str]:
    squawk = Path(sys.executable).with_name("squawk")
    line = [str(squawk), "--reporter=json", "--assume-in-transaction", "--pg-version=15", "--stdin-filepath=one.sql"]
    done = subprocess.run(line, input=sql, capture_output=True, text=True, check=False)
    return {remark["rule_name"] for remark in json.loads(done.stdout)}
