"""The coverage list: what the rules and figures give for a year, which versions were published, what each changed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from tonnebook.compliance.models import Coverage, CoverageChange, CoverageList, Departure, EnergyUse
from tonnebook.compliance.queries import standing
from tonnebook.core import coverage, coverage_list
from tonnebook.core.coverage import COVERED, CoverageDecision, CoverageFacts, Stage
from tonnebook.core.coverage_list import ListGround, Turn
from tonnebook.core.roles import OrganisationKind
from tonnebook.emissions import queries as emissions
from tonnebook.members import queries as members
from tonnebook.members.queries import OrganisationRow

# How far back figures are read: the longest exit rule and three base years fit in.
_YEARS_BACK = 5


@dataclass(frozen=True, slots=True)
class DraftRow:
    """An entity on the draft of a list: its stage the year before, what the list does to it, and the decision."""

    entity: str
    name_zh: str
    name_en: str
    sector: str
    before: Stage
    turn: Turn
    decision: CoverageDecision


@dataclass(frozen=True)
class ListDraft:
    """What the list of a year would be today.

    Attributes:
        region: region code.
        year: compliance year.
        rows: every entity of the region, by code.
        rulebook_digest: of the rules it was decided by.
    """

    region: str
    year: int
    rows: tuple[DraftRow, ...]
    rulebook_digest: str

    @property
    def decisions(self) -> dict[str, CoverageDecision]:
        """The decisions by entity."""
        return {row.entity: row.decision for row in self.rows}

    @property
    def sectors(self) -> dict[str, str]:
        """The sectors by entity."""
        return {row.entity: row.sector for row in self.rows}

    @cached_property
    def digest(self) -> str:
        """What two people approve."""
        return coverage_list.digest_of(self.decisions, self.sectors)

    @property
    def stages(self) -> Mapping[Stage, int]:
        """How many entities are at each stage."""
        return Counter(row.decision.stage for row in self.rows)

    @property
    def turns(self) -> Mapping[Turn, int]:
        """How many entities the list does each thing to."""
        return Counter(row.turn for row in self.rows)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A line that a version of a list set anew; `before` is None where it was a new line."""

    entity: str
    name_zh: str
    name_en: str
    before: Stage | None
    stage: Stage
    ground: str
    objection: str


@dataclass(frozen=True, slots=True)
class ListRow:
    """A version of a list as it was published, with the lines it set anew (none for the first)."""

    year: int
    version: int
    ground: ListGround
    lines: int
    digest: str
    initiator: str
    approver: str
    published_at: datetime
    changes: tuple[ChangeRow, ...]


def draft_list(region: str, year: int, today: date) -> ListDraft:
    """Decide for every entity of a region how far inside it would be; nothing is stored.

    Args:
        region: region code.
        year: compliance year.
        today: the day whose rules apply.

    Raises:
        Refused: what `core.coverage.decide` and `check_thresholds` refuse.
    """
    rules = standing.rules(region, year, today)
    coverage.check_thresholds(rules)
    entities = sorted(members.organisations(region, OrganisationKind.ENTITY), key=lambda one: one.uscc)
    usccs = [one.uscc for one in entities]
    lines = Coverage.objects.filter(entity__uscc__in=usccs, year=year - 1).values_list("entity__uscc", "stage")
    before = {uscc: Stage(stage) for uscc, stage in lines}
    facts = _facts(entities, before, year)
    rows = []
    for one in entities:
        decision, was = coverage.decide(facts[one.uscc], rules), before.get(one.uscc, Stage.OUT)
        does = coverage_list.turn(was, decision.stage)
        rows.append(DraftRow(one.uscc, one.name_zh, one.name_en, one.sector, was, does, decision))
    return ListDraft(region, year, tuple(rows), rules.digest)


def is_on_national_track(sector: str, region: str, year: int, today: date) -> bool:
    """Say whether a sector reports and is verified as in the national market while its allowances stay here.

    Args:
        sector: sector code.
        region: region code.
        year: compliance year.
        today: the day whose rules apply.
    """
    return coverage.is_on_national_track(sector, standing.rules(region, year, today))


def list_versions(region: str, year: int) -> tuple[ListRow, ...]:
    """List the published versions of a year's list, the latest first, each with the lines it changed."""
    found = list(CoverageList.objects.filter(region=region, year=year).order_by("-version"))
    changes: dict[int, list[ChangeRow]] = {}
    of_them = CoverageChange.objects.filter(list__in=found).select_related("entity").order_by("entity_id")
    for row in of_them:
        changes.setdefault(row.list_id, []).append(_change(row))
    return tuple(
        ListRow(
            row.year,
            row.version,
            ListGround(row.ground),
            row.lines,
            row.digest,
            row.initiator,
            row.approver,
            row.published_at,
            tuple(changes.get(row.pk, ())),
        )
        for row in found
    )


def _facts(entities: Sequence[OrganisationRow], before: Mapping[str, Stage], year: int) -> dict[str, CoverageFacts]:
    usccs, years = [one.uscc for one in entities], tuple(range(year - _YEARS_BACK, year))
    history = emissions.history(usccs, years)
    energy: dict[str, dict[int, Decimal]] = {}
    used = EnergyUse.objects.filter(entity__uscc__in=usccs, year__in=years)
    for uscc, of, energy_tce in used.values_list("entity__uscc", "year", "energy_tce"):
        energy.setdefault(uscc, {})[of] = energy_tce
    left = Departure.objects.filter(entity__uscc__in=usccs, from_year__lte=year)
    national = {row.entity_id: row.from_year for row in left if row.is_national}
    gone = {row.entity_id: row.is_moved_away for row in left if not row.is_national}
    return {
        one.uscc: CoverageFacts(
            one.sector,
            {of: row.determined_t for of, row in history.get(one.uscc, {}).items()},
            energy.get(one.uscc, {}),
            was_covered=before.get(one.uscc) in COVERED,
            national_from=national.get(one.uscc),
            is_closed=gone.get(one.uscc) is False,
            is_moved_away=gone.get(one.uscc) is True,
        )
        for one in entities
    }


def _change(row: CoverageChange) -> ChangeRow:
    before = Stage(row.stage_before) if row.stage_before else None
    return ChangeRow(
        row.entity_id, row.entity.name_zh, row.entity.name_en, before, Stage(row.stage), row.ground, row.objection
    )
