"""The auditor's reading of compliance: statuses follow from figures and surrenders, by either rule."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connections

from tonnebook.journal import queries as journal
from tonnebook_audit import allocations, compliance
from tonnebook_audit.log import LogFacts
from tonnebook_audit.report import AuditReport

NOW = datetime(2027, 11, 30, tzinfo=UTC)
LATE = NOW + timedelta(days=1)
ENTITY = "91310000000000001X"


def stored(table: str, **columns: str | int | datetime | None) -> None:
    """Store a row as the owner, whatever else should stand beside it."""
    names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", list(columns.values()))


def figure(year: int, determined_t: int) -> None:
    """Store a determined figure."""
    stored(
        "emissions_determination",
        entity_id=ENTITY,
        region="shanghai",
        year=year,
        determined_t=determined_t,
        direct_t=0,
        outputs="{}",
        electricity="{}",
        source="IMPORTED",
        determined_at=NOW,
    )


def covered(year: int) -> None:
    """Store that the entity was on the list of a year."""
    stored(
        "compliance_coverage",
        entity_id=ENTITY,
        region="shanghai",
        year=year,
        sector="industry",
        stage="ALLOWANCES",
        reason="x",
        reason_zh="x",
        reason_en="x",
        rulebook_digest="",
        decided_at=NOW,
    )


def surrender(year: int, total_t: int, *, state: str = "CONFIRMED", at: datetime = NOW, by: str = "P-2") -> None:
    """Store a surrender without lines."""
    stored(
        "compliance_surrender",
        number=f"S-{year}-{total_t}",
        entity_id=ENTITY,
        region="shanghai",
        year=year,
        state=state,
        total_t=total_t,
        credits_t=0,
        submitted_by="P-1",
        submitted_at=NOW,
        decided_by=by,
        decided_at=at,
        transfer="",
    )


def status(year: int, code: str, surrendered_t: int, *, determined_t: int | None = 100, rule: str = "YEARLY") -> None:
    """Store how a year ended."""
    short_t = max(0, (determined_t or 0) - surrendered_t)
    stored(
        "compliance_compliancestatus",
        entity_id=ENTITY,
        region="shanghai",
        year=year,
        rule=rule,
        code=code,
        determined_t=determined_t,
        obligation_t=determined_t or 0,
        surrendered_t=surrendered_t,
        credits_t=0,
        shortfall_t=short_t,
        surplus_t=0,
        traces="{}",
        settled_at=NOW,
    )


@pytest.fixture
def year_2026(fresh_database: str) -> None:
    """One entity that emitted 100 t in 2026."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "DO $$ DECLARE name text; BEGIN FOR name IN SELECT tablename FROM pg_tables "
            "WHERE tablename ~ '^(members|emissions|compliance)_' LOOP "
            "EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', name); END LOOP; END $$"
        )
    stored(
        "members_organisation",
        uscc=ENTITY,
        name_zh="x",
        name_en="x",
        kind="ENTITY",
        region="shanghai",
        district="",
        sector="",
    )
    figure(2026, 100)


def found() -> Sequence[str]:
    """The checks that found a break, other than that these surrenders have neither lines nor transfers."""
    report = AuditReport()
    with psycopg.connect(journal.audit_url()) as connection:
        allocations.check(connection, LogFacts(), report)
        compliance.check(connection, report)
    assert report.checks["status"]
    return sorted({one.check for one in report.breaks if not one.check.startswith("surrender")})


def test_a_status_that_follows_from_its_rows_is_no_break(year_2026: None) -> None:
    surrender(2026, 100)
    status(2026, "COMPLIANT", 100)
    assert found() == []


def test_a_short_year_called_compliant_is_found(year_2026: None) -> None:
    surrender(2026, 99)
    status(2026, "COMPLIANT", 99)
    assert found() == ["status"]


def test_an_altered_figure_is_found(year_2026: None) -> None:
    surrender(2026, 90)
    status(2026, "COMPLIANT", 90, determined_t=90)
    assert found() == ["obligation", "shortfall", "status", "status figure"]


@pytest.mark.parametrize("case", ["SUBMITTED", "WITHDRAWN", "late"])
def test_only_what_was_confirmed_in_time_counts(year_2026: None, case: str) -> None:
    if case == "late":
        surrender(2026, 100, at=LATE)
    else:
        surrender(2026, 100, state=case)
    status(2026, "COMPLIANT", 100)
    assert found() == ["shortfall", "status", "status surrendered"]


def test_more_surrendered_than_owed_is_found(year_2026: None) -> None:
    surrender(2026, 101)
    status(2026, "COMPLIANT", 101)
    assert found() == ["over-surrender"]


def test_a_confirmation_by_the_submitter_is_found(year_2026: None) -> None:
    surrender(2026, 100, by="P-1")
    status(2026, "COMPLIANT", 100)
    assert found() == ["two people"]


def test_a_year_without_figure_has_no_verdict(year_2026: None) -> None:
    status(2027, "NO_FIGURE", 0, determined_t=None)
    assert found() == []


def test_the_cumulative_rule_lets_a_later_year_catch_up(year_2026: None) -> None:
    figure(2027, 100)
    covered(2026)
    covered(2027)
    surrender(2026, 90)
    surrender(2027, 110)
    status(2026, "SHORT", 90, rule="CUMULATIVE")
    status(2027, "A", 110, rule="CUMULATIVE")
    assert found() == []


def test_the_cumulative_rule_remembers_an_earlier_shortfall(year_2026: None) -> None:
    figure(2027, 100)
    covered(2026)
    covered(2027)
    surrender(2026, 90)
    surrender(2027, 100)
    status(2026, "B", 90, rule="CUMULATIVE")
    status(2027, "A", 100, rule="CUMULATIVE")
    assert found() == ["status"]


def test_the_cumulative_rule_counts_a_year_without_a_status_of_its_own(year_2026: None) -> None:
    figure(2027, 100)
    covered(2026)
    covered(2027)
    surrender(2027, 100)
    status(2027, "A", 100, rule="CUMULATIVE")
    assert found() == ["status"]


@pytest.mark.parametrize(("state", "breaks"), [("PREVIEWED", []), ("ISSUED", ["allocation"])])
def test_an_issue_that_no_transfer_made_is_found(year_2026: None, state: str, breaks: list[str]) -> None:
    tonnes = {"base_t": 100, "free_t": 100, "paid_t": 0, "issue_t": 100, "recall_outstanding_t": 0}
    given = {"free": {"value": "100", "op": "GIVEN"}}
    words = {"entity_id": ENTITY, "region": "shanghai", "batch": "FIRST", "state": state, "traces": json.dumps(given)}
    empty = dict.fromkeys(("refusal", "refusal_zh", "refusal_en", "rulebook_digest", "transfer"), "")
    stored("compliance_allocation", year=2026, computed_at=NOW, **tonnes, **words, **empty)
    surrender(2026, 100)
    status(2026, "COMPLIANT", 100)
    assert found() == breaks


def left(kind: str, quantity_t: int) -> None:
    """Store a step of leaving without a transfer."""
    stored(
        "compliance_transitionstep",
        entity_id=ENTITY,
        region="shanghai",
        kind=kind,
        due_on="2027-12-31",
        quantity_t=quantity_t,
        transfer="",
        traces="{}",
        done_at=NOW,
    )


def test_a_step_of_leaving_that_moved_nothing_is_found(year_2026: None) -> None:
    left("CONVERT", 0)
    surrender(2026, 100)
    status(2026, "COMPLIANT", 100)
    assert found() == []
    left("CANCEL_FREE", 5)
    assert found() == ["transition"]


def test_a_proof_that_was_cancelled_for_another_year_is_found(year_2026: None) -> None:
    surrender(2026, 100)
    status(2026, "COMPLIANT", 100)
    stored(
        "compliance_cancellationproof",
        entity_id=ENTITY,
        region="shanghai",
        year=2025,
        scheme="CCER",
        serial_from=1,
        serial_to=100,
        line_from=1,
        line_to=101,
        project="x",
        project_kind="x",
        boundary="",
        reduced_from_on="2024-01-01",
        registered_on="2024-01-01",
        cancelled_on="2027-01-01",
        certificate="x",
        imported_by="P-1",
        imported_at=NOW,
    )
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO compliance_surrenderproof (surrender_id, proof_id, quantity_t, is_withdrawn)"
            " SELECT surrender.id, proof.id, 100, false FROM compliance_surrender AS surrender,"
            " compliance_cancellationproof AS proof"
        )
    assert found() == ["proof"]
