"""The factor store: published by two, corrected with a reason and a list of whom it touches, never overwritten."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from tests.unit.emissions.story import (
    CHEN,
    NEXT_YEAR,
    NORTH_POWER,
    RED_RIVER,
    REGION,
    STEELWORKER,
    STRANGER,
    YEAR,
    ZHOU,
    Story,
)

from tonnebook.core import canonical, mrv, trace
from tonnebook.core.canonical import Json
from tonnebook.core.errors import Refused
from tonnebook.core.power_claims import ClaimKind
from tonnebook.emissions import queries
from tonnebook.emissions import services as emissions
from tonnebook.emissions.models import EmissionReport, FactorValue
from tonnebook.journal.models import JournalLeaf
from tonnebook.journal.services import Answer
from tonnebook.members import services as members

POWER = "mrv.electricity.factor"
SPRING = datetime(2026, 3, 2, 1, tzinfo=UTC)


def row(value: str = "0.40", first_year: int = YEAR, last_year: int = YEAR, **changed: str) -> dict[str, Json]:
    return {
        "path": POWER, "first_year": str(first_year), "last_year": str(last_year), "value": value, "unit": "tCO2/MWh",
        "boundary": "CONSUMPTION", "document": "test notice", "article": "1", "zh": "外购电力排放因子",
        "en": "Emission factor of purchased electricity", "reason": "", **changed,
    }  # fmt: skip


def publish(story: Story, *rows: dict[str, Json], now: datetime = SPRING) -> Answer:
    payload: dict[str, Json] = {"region": REGION, "rows": list(rows)}
    proposed = members.propose(ZHOU, kind="emissions.publish_factors", payload=payload, key=story.key(), now=now)
    number, digest = str(proposed["approval"]), str(proposed["digest"])
    members.approve(CHEN, approval=number, digest=digest, key=story.key(), now=now)
    return emissions.publish_factors(ZHOU, region=REGION, rows=rows, approval=number, key=story.key(), now=now)  # type: ignore[arg-type]


def power_of(year: int, at: datetime | None = None) -> Decimal:
    return queries.rules_of(REGION, year, at=at).decimal(POWER)


def test_a_published_value_counts_for_its_years_and_names_its_notice(story: Story) -> None:
    assert power_of(YEAR) == Decimal("0.42")
    answer = publish(story, row(last_year=YEAR + 1))
    assert (answer["published"], answer["touched"]) == (1, 0)
    assert (power_of(YEAR - 1), power_of(YEAR), power_of(YEAR + 1)) == (
        Decimal("0.42"),
        Decimal("0.40"),
        Decimal("0.40"),
    )
    (origin,) = trace.origins(queries.rules_of(REGION, YEAR).number(POWER))
    assert (origin.source, origin.article, origin.status) == ("N00", "test notice 1", "enacted")
    assert queries.rules_of(REGION, YEAR).leaves[POWER].boundary == "CONSUMPTION"


def test_a_year_after_the_last_has_no_value_and_shouts(story: Story) -> None:
    publish(story, row())
    with pytest.raises(Refused, match="NO_VALUE_IN_FORCE"):
        power_of(YEAR + 1)
    assert [one.path for one in queries.expired(REGION, YEAR + 1)] == [POWER]
    assert queries.expired(REGION, YEAR) == ()


def test_a_year_left_out_between_two_is_not_filled_by_what_ships(story: Story) -> None:
    publish(story, row(), row("0.38", YEAR + 2, YEAR + 2))
    with pytest.raises(Refused, match="NO_VALUE_IN_FORCE"):
        power_of(YEAR + 1)
    assert power_of(YEAR + 2) == Decimal("0.38")


def test_a_correction_lists_the_reports_it_touches_and_shows_them_computed_again(story: Story) -> None:
    story.plan()
    publish(story, row())
    number = story.report()
    before = EmissionReport.objects.get(number=number)
    corrected = NEXT_YEAR + timedelta(days=1)
    answer = publish(story, row("0.45", reason="misprint in the notice"), now=corrected)
    assert answer["touched"] == 1
    (touched,) = queries.impact(REGION, POWER, YEAR)
    # 1,000 MWh less 300 MWh of green power, at 0.45 in place of 0.40.
    assert (touched.report, touched.total_t) == (number, before.total_t)
    assert touched.now_t == before.total_t + 35
    payload = JournalLeaf.objects.filter(kind="emissions.factors.published").latest("id").payload
    assert "0.45" in payload
    assert number not in payload


def test_an_old_report_is_computed_again_by_the_values_of_its_day(story: Story) -> None:
    story.plan()
    number = story.report()
    row_of = EmissionReport.objects.get(number=number)
    publish(story, row("0.45"), now=NEXT_YEAR + timedelta(days=1))
    rules = queries.rules_of(REGION, YEAR, at=row_of.submitted_at)
    again = mrv.emissions([mrv.line_of(line["source"]) for line in row_of.lines], rules)
    assert canonical.digest(trace.to_json(again.total)) == canonical.digest(row_of.traces["total"])
    assert rules.digest == row_of.rules_digest
    assert power_of(YEAR) == Decimal("0.45")


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([], "NO_FACTORS"),
        ([row(value="a lot")], "FACTOR_WRONG"),
        ([row(value="NaN")], "FACTOR_WRONG"),
        ([row(document=" ")], "FACTOR_WRONG"),
        ([row(unit="tCO2/GJ")], "FACTOR_WRONG"),
        ([row(boundary="EVERYTHING")], "FACTOR_WRONG"),
        ([row(), row("0.41")], "REASON_MISSING"),
        ([row(), row()], "SAME_FACTOR"),
    ],
)
def test_what_may_not_be_published_changes_nothing(story: Story, rows: list[dict[str, Json]], code: str) -> None:
    with pytest.raises(Refused, match=code):
        publish(story, *rows)
    assert not FactorValue.objects.exists()


def test_rows_other_than_those_approved_and_other_people_are_refused(story: Story) -> None:
    payload: dict[str, Json] = {"region": REGION, "rows": [row()]}
    proposed = members.propose(ZHOU, kind="emissions.publish_factors", payload=payload, key=story.key(), now=SPRING)
    number, digest = str(proposed["approval"]), str(proposed["digest"])
    members.approve(CHEN, approval=number, digest=digest, key=story.key(), now=SPRING)
    for actor, rows in ((ZHOU, [row("0.01")]), (STEELWORKER, [row()])):
        with pytest.raises(Refused):
            emissions.publish_factors(actor, region=REGION, rows=rows, approval=number, key=story.key(), now=SPRING)  # type: ignore[arg-type]


def test_a_published_value_is_never_changed(story: Story) -> None:
    publish(story, row())
    for statement in ("UPDATE emissions_factorvalue SET value = '0'", "DELETE FROM emissions_factorvalue"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    (one,) = queries.published_factors(REGION)
    assert one.is_current
    publish(story, row("0.41", reason="misprint"), now=SPRING + timedelta(days=1))
    assert [(one.version, one.is_current) for one in queries.published_factors(REGION)] == [(2, True), (1, False)]


def claim(story: Story, *proofs: str, kind: ClaimKind = ClaimKind.ZERO_FACTOR, other: bool = False) -> Answer:
    actor, entity = (STRANGER, NORTH_POWER) if other else (STEELWORKER, RED_RIVER)
    return emissions.claim_power(
        actor,
        entity=entity,
        year=YEAR,
        kind=kind,
        quantity_mwh=Decimal("1.5"),
        proofs=proofs,
        key=story.key(),
        now=SPRING,
    )


def test_one_certificate_and_one_metered_hour_support_one_claim_whoever_asks(story: Story) -> None:
    first = claim(story, "GEC:0001", "METER:M-1:2026-03-02T14")
    assert [one.number for one in queries.claims_of(RED_RIVER, YEAR)] == [first["claim"]]
    for proofs, other in ((("GEC:0001",), True), (("GEC:0002", "METER:M-1:2026-03-02T14"), False)):
        with pytest.raises(Refused) as caught:
            claim(story, *proofs, kind=ClaimKind.CREDIT, other=other)
        assert caught.value.code.name == "CLAIMED_ALREADY"
        assert str(first["claim"]) in caught.value.en
    claim(story, "GEC:0002", kind=ClaimKind.CREDIT, other=True)
    assert len(queries.claims_of(NORTH_POWER, YEAR)) == 1


def test_nobody_claims_for_another(story: Story) -> None:
    with pytest.raises(Refused):
        emissions.claim_power(
            STRANGER, entity=RED_RIVER, year=YEAR, kind=ClaimKind.CREDIT, quantity_mwh=Decimal(1), proofs=["GEC:0001"],
            key=story.key(), now=SPRING,
        )  # fmt: skip
