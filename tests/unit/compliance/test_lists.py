"""The coverage list through the services: drafted, published as it was seen, corrected by versions, told to all."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.unit.compliance.stage import LITTLE_MILL, NORTH_POWER, RED_RIVER, REGION, SPRING, YEAR, ZHOU, Stage, uscc

from tonnebook.compliance import queries
from tonnebook.compliance import services as compliance
from tonnebook.compliance.models import CoverageChange
from tonnebook.core import trace
from tonnebook.core.canonical import Json
from tonnebook.core.coverage import Stage as Inside
from tonnebook.core.coverage_list import ListGround, ListRefusal, Turn
from tonnebook.core.errors import Refused
from tonnebook.core.notices import NoticeKind
from tonnebook.core.roles import SYSTEM, OrganisationKind
from tonnebook.journal.services import Answer
from tonnebook.members import queries as members
from tonnebook.members import services as membership

TODAY = SPRING.date()


def _correct(stage: Stage, entity: str, to: Inside, ground: str = "The kiln was counted twice.") -> Answer:
    payload: dict[str, Json] = {"region": REGION, "year": YEAR, "entity": entity, "stage": to, "ground": ground}
    approval = stage.approved("compliance.correct_list", payload)
    return compliance.correct_list(
        ZHOU,
        region=REGION,
        year=YEAR,
        entity=entity,
        stage=to,
        ground=ground,
        approval=approval,
        key=stage.key(),
        now=SPRING,
    )


def test_a_draft_stores_nothing_and_says_what_it_does_to_each(stage: Stage) -> None:
    draft = queries.draft_list(REGION, YEAR, TODAY)
    assert {row.entity: row.turn for row in draft.rows} == {
        RED_RIVER: Turn.ENTERS,
        NORTH_POWER: Turn.ENTERS,
        LITTLE_MILL: Turn.OUTSIDE,
    }
    assert draft.turns == {Turn.ENTERS: 2, Turn.OUTSIDE: 1}
    assert draft.stages == {Inside.ALLOWANCES: 2, Inside.REPORTING: 1}
    assert queries.covered(REGION, YEAR) == ()
    assert queries.list_versions(REGION, YEAR) == ()


def test_a_published_list_is_the_draft_with_its_articles_and_everybody_is_told(stage: Stage) -> None:
    digest = queries.draft_list(REGION, YEAR, TODAY).digest
    assert stage.cover()["version"] == 1
    (version,) = queries.list_versions(REGION, YEAR)
    assert (version.digest, version.ground, version.lines, version.changes) == (digest, ListGround.ANNUAL, 3, ())
    row = queries.coverage_of(RED_RIVER, YEAR)
    assert row is not None
    assert [(one.path, one.source) for one in row.grounds] == [("coverage.threshold_t.industry", "D00")]
    told = [one.kind for entity in (RED_RIVER, LITTLE_MILL) for one in members.notices_of(entity)]
    assert told == [NoticeKind.LISTED, NoticeKind.LISTED]


def test_a_list_is_published_once(stage: Stage) -> None:
    stage.cover()
    with pytest.raises(Refused) as again:
        stage.cover()
    assert again.value.code is ListRefusal.LIST_PUBLISHED


def test_figures_that_came_after_the_look_stop_the_publication(stage: Stage) -> None:
    payload: dict[str, Json] = {"region": REGION, "year": YEAR}
    payload["digest"] = digest = queries.draft_list(REGION, YEAR, TODAY).digest
    approval = stage.approved("compliance.cover", payload)
    compliance.record_departures(
        ZHOU, region=REGION, national={RED_RIVER: YEAR}, closed={}, key=stage.key(), now=SPRING
    )
    with pytest.raises(Refused) as changed:
        compliance.cover(ZHOU, region=REGION, year=YEAR, digest=digest, approval=approval, key=stage.key(), now=SPRING)
    assert changed.value.code is ListRefusal.DRAFT_CHANGED


def test_a_corrected_line_is_a_new_version_that_keeps_what_was(stage: Stage) -> None:
    stage.cover()
    assert _correct(stage, LITTLE_MILL, Inside.ALLOWANCES)["version"] == 2
    latest, first = queries.list_versions(REGION, YEAR)
    assert (first.version, first.changes) == (1, ())
    (change,) = latest.changes
    assert (change.entity, change.before, change.stage) == (LITTLE_MILL, Inside.REPORTING, Inside.ALLOWANCES)
    versions = {row.entity: row.version for row in queries.covered(REGION, YEAR)}
    assert versions == {RED_RIVER: 1, NORTH_POWER: 1, LITTLE_MILL: 2}
    assert LITTLE_MILL in queries.covered_codes(REGION, YEAR)
    assert len(members.notices_of(LITTLE_MILL)) == 2


def test_what_is_no_correction_is_refused(stage: Stage) -> None:
    stage.cover()
    refused = [(uscc(77), Inside.OUT, "x"), (RED_RIVER, Inside.ALLOWANCES, "x"), (RED_RIVER, Inside.OUT, " ")]
    codes = []
    for entity, to, ground in refused:
        with pytest.raises(Refused) as caught:
            _correct(stage, entity, to, ground)
        codes.append(caught.value.code)
    assert codes == [ListRefusal.NO_SUCH_LINE, ListRefusal.LINE_UNCHANGED, ListRefusal.GROUND_MISSING]
    assert not CoverageChange.objects.exists()


def test_whoever_is_listed_on_request_later_is_a_change_of_the_list(stage: Stage) -> None:
    stage.cover()
    compliance.list_entities(ZHOU, region=REGION, year=YEAR, entities=[LITTLE_MILL], key=stage.key(), now=SPRING)
    latest = queries.list_versions(REGION, YEAR)[0]
    assert (latest.version, latest.ground, latest.changes[0].before) == (2, ListGround.IMPORT, Inside.REPORTING)


def test_two_years_below_lead_out_and_the_years_are_explained(stage: Stage) -> None:
    stage.cover()
    stage.history({YEAR: {NORTH_POWER: 5}, YEAR + 1: {NORTH_POWER: 5}})
    compliance.list_entities(ZHOU, region=REGION, year=YEAR + 1, entities=[NORTH_POWER], key=stage.key(), now=SPRING)
    (row,) = (one for one in queries.draft_list(REGION, YEAR + 2, TODAY).rows if one.entity == NORTH_POWER)
    assert (row.turn, row.decision.stage) == (Turn.LEAVES, Inside.OUT)
    assert row.decision.years is not None
    assert trace.replay(row.decision.years) == 0


@pytest.mark.parametrize(("moved", "reason"), [(False, "CLOSED"), (True, "MOVED_AWAY")])
def test_who_closes_or_moves_away_is_out_by_its_own_reason(stage: Stage, moved: bool, reason: str) -> None:
    gone = {RED_RIVER: YEAR}
    compliance.record_departures(
        ZHOU,
        region=REGION,
        national={},
        closed={} if moved else gone,
        moved_away=gone if moved else {},
        key=stage.key(),
        now=SPRING,
    )
    stage.cover()
    row = queries.coverage_of(RED_RIVER, YEAR)
    assert row is not None
    assert (row.stage, row.reason) == (Inside.OUT, reason)


@pytest.mark.parametrize(("energy_tce", "inside"), [("9999.999", Inside.REPORTING), ("10000", Inside.ALLOWANCES)])
def test_energy_use_counts_where_the_sector_has_a_threshold_in_coal_equivalent(
    stage: Stage, energy_tce: str, inside: Inside
) -> None:
    compliance.record_energy_use(
        ZHOU,
        region=REGION,
        year=YEAR - 1,
        energy_tce={LITTLE_MILL: Decimal(energy_tce)},
        source="Statistics of energy",
        key=stage.key(),
        now=SPRING,
    )
    (row,) = (one for one in queries.draft_list(REGION, YEAR, TODAY).rows if one.entity == LITTLE_MILL)
    assert row.decision.stage is inside


def test_a_draft_asks_as_often_for_many_as_for_few(stage: Stage) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            queries.draft_list(REGION, YEAR, TODAY)
        return len(caught)

    few = asked()
    drafts = [
        membership.OrganisationDraft(uscc(count), "厂", "Plant", OrganisationKind.ENTITY, REGION, sector="industry")
        for count in range(100, 130)
    ]
    membership.register_organisations(SYSTEM, drafts=drafts, key=stage.key(), now=SPRING)
    assert asked() == few
