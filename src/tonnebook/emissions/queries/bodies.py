"""The register of verification bodies, laboratories and writers, and what stands between a body and companies."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tonnebook.core.bodies import BodyRefusal, BodyState, InterestKind
from tonnebook.core.errors import Refused
from tonnebook.core.independence import Relations, Standing
from tonnebook.core.roles import OrganisationKind
from tonnebook.core.verification import Duty
from tonnebook.emissions.models import (
    BodyPerson,
    EmissionReport,
    Interest,
    Mandate,
    RegisteredBody,
    ReportDraft,
    Verification,
)
from tonnebook.members import queries as members


@dataclass(frozen=True, slots=True)
class BodyRow:
    """A firm on the register, or one that has applied."""

    organisation: str
    region: str
    kind: OrganisationKind
    state: BodyState
    certificate: str
    scope: tuple[str, ...]
    from_on: date
    until_on: date
    digest: str
    applied_at: datetime
    admitted_at: datetime | None
    suspended_until_on: date | None
    ground: str

    @property
    def standing(self) -> Standing:
        """What independence asks of it."""
        is_admitted = self.state is BodyState.ADMITTED
        return Standing(is_admitted, self.suspended_until_on, self.from_on, self.until_on, frozenset(self.scope))


def bodies(region: str, kind: OrganisationKind | None = None) -> tuple[BodyRow, ...]:
    """List the register of a region, by kind and code; one kind only where one is named."""
    rows = RegisteredBody.objects.filter(region=region, **({"kind": kind.value} if kind else {}))
    return tuple(_row(row) for row in rows.order_by("kind", "organisation_id"))


def body(organisation: str) -> BodyRow:
    """Give a firm on the register.

    Raises:
        Refused: NO_SUCH_BODY when it is not there.
    """
    row = RegisteredBody.objects.filter(organisation__uscc=organisation).first()
    if row is None:
        raise Refused(BodyRefusal.NO_SUCH_BODY, body=organisation)
    return _row(row)


def standings(organisations: Iterable[str], kind: OrganisationKind) -> dict[str, Standing]:
    """Give how firms of one kind stand on the register; who is not there is left out."""
    rows = RegisteredBody.objects.filter(organisation__uscc__in=list(organisations), kind=kind.value)
    return {row.organisation_id: _row(row).standing for row in rows}


def duties_of(organisation: str) -> dict[str, frozenset[Duty]]:
    """Give what each person of a firm is registered for, by number."""
    found: dict[str, set[Duty]] = defaultdict(set)
    rows = BodyPerson.objects.filter(body__organisation__uscc=organisation)
    for person, duty in rows.values_list("person", "duty"):
        found[person].add(Duty(duty))
    return {person: frozenset(duties) for person, duties in sorted(found.items())}


def relations(entities: Sequence[str], firms: Sequence[str], year: int) -> dict[tuple[str, str], Relations]:
    """Give what ties each firm to each company, with as many queries for any number of them.

    Args:
        entities: unified social credit codes of companies.
        firms: of verification bodies.
        year: compliance year; who writes for it counts as an adviser of that year.

    Returns:
        Relations by company and firm.
    """
    advised, conflicts = _advised(entities, year), _conflicts(entities)
    verified: dict[tuple[str, str], set[int]] = defaultdict(set)
    done = Verification.objects.filter(report__entity__uscc__in=entities, verifier__uscc__in=firms)
    for entity, firm, of_year in done.values_list("report__entity__uscc", "verifier__uscc", "report__year"):
        verified[entity, firm].add(of_year)
    advisers = {adviser for some in advised.values() for adviser in some}
    controllers = dict(members.ties(sorted({*entities, *firms, *advisers})))
    return {
        (entity, firm): Relations(
            controllers=controllers,
            advised=advised.get(entity, {}),
            verified_years=frozenset(verified[entity, firm]),
            conflicts=frozenset(conflicts.get(entity, ())),
        )
        for entity in entities
        for firm in firms
    }


def _advised(entities: Sequence[str], year: int) -> dict[str, dict[str, int]]:
    # Whoever wrote a report or a draft, holds a mandate, or has declared advice; its last year up to this one.
    declared = Interest.objects.filter(entity__uscc__in=entities, kind=InterestKind.ADVISED.value)
    reports = EmissionReport.objects.filter(entity__uscc__in=entities, year__lte=year)
    drafts = ReportDraft.objects.filter(entity__uscc__in=entities, year__lte=year)
    mandates = Mandate.objects.filter(entity__uscc__in=entities, withdrawn_at=None, first_year__lte=year)
    told: Iterable[tuple[str, str, int]] = [
        *declared.values_list("entity__uscc", "body__uscc", "year"),
        *reports.values_list("entity__uscc", "prepared_by", "year").distinct(),
        *drafts.values_list("entity__uscc", "mandate__writer__uscc", "year").distinct(),
        *mandates.values_list("entity__uscc", "writer__uscc", "last_year"),
    ]
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for entity, firm, of_year in told:
        if firm != entity:
            found[entity][firm] = max(min(of_year, year), found[entity].get(firm, 0))
    return found


def _conflicts(entities: Sequence[str]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    rows = Interest.objects.filter(entity__uscc__in=entities, kind=InterestKind.CONFLICT.value)
    for entity, person in rows.values_list("entity__uscc", "person"):
        found[entity].add(person)
    return found


def _row(row: RegisteredBody) -> BodyRow:
    return BodyRow(
        organisation=row.organisation_id,
        region=row.region,
        kind=OrganisationKind(row.kind),
        state=BodyState(row.state),
        certificate=row.certificate,
        scope=tuple(row.scope),
        from_on=row.from_on,
        until_on=row.until_on,
        digest=row.digest,
        applied_at=row.applied_at,
        admitted_at=row.admitted_at,
        suspended_until_on=row.suspended_until_on,
        ground=row.ground,
    )
