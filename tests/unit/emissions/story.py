"""A small region for the tests of this room (three entities, two verifiers, two officers) and the steps of its year."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from tonnebook.core import identity
from tonnebook.core.canonical import Json
from tonnebook.core.mrv import LineKind, OutputRow, SourceLine
from tonnebook.core.reporting import Verdict
from tonnebook.core.roles import Actor, OrganisationKind, Role
from tonnebook.core.verification import Duty, Settlement
from tonnebook.emissions import services as emissions
from tonnebook.journal.services import Answer
from tonnebook.members import services as members

REGION = "shanghai"
YEAR = 2026
NEXT_YEAR = datetime(2027, 2, 1, 1, tzinfo=UTC)


def uscc(count: int) -> str:
    """A code with its check sign."""
    body = f"91310000MA1FL{count:04d}"
    return body + identity.uscc_check_sign(body)


RED_RIVER, NORTH_POWER, EAST_GLASS = uscc(1), uscc(2), uscc(3)
TRUE_MEASURE, PLAIN_SCALE = uscc(11), uscc(12)
BUREAU, FINE_PEN, BLUNT_PEN, HOLDING = uscc(21), uscc(51), uscc(52), uscc(61)


def _actor(person: str, organisation: str, kind: OrganisationKind, role: Role) -> Actor:
    return Actor(person, organisation, kind, frozenset({role}), REGION)


STEELWORKER = _actor("P-1", RED_RIVER, OrganisationKind.ENTITY, Role.REPRESENTATIVE)
STRANGER = _actor("P-2", NORTH_POWER, OrganisationKind.ENTITY, Role.REPRESENTATIVE)
GLASSWORKER = _actor("P-7", EAST_GLASS, OrganisationKind.ENTITY, Role.REPRESENTATIVE)
VERIFIER = _actor("P-3", TRUE_MEASURE, OrganisationKind.VERIFIER, Role.VERIFIER)
MEMBER = _actor("P-3M", TRUE_MEASURE, OrganisationKind.VERIFIER, Role.VERIFIER)
REVIEWER = _actor("P-3R", TRUE_MEASURE, OrganisationKind.VERIFIER, Role.VERIFIER)
SIGNATORY = _actor("P-3S", TRUE_MEASURE, OrganisationKind.VERIFIER, Role.VERIFIER)
OTHER_VERIFIER = _actor("P-4", PLAIN_SCALE, OrganisationKind.VERIFIER, Role.VERIFIER)
ZHOU = _actor("P-5", BUREAU, OrganisationKind.AUTHORITY, Role.OFFICER)
CHEN = _actor("P-6", BUREAU, OrganisationKind.AUTHORITY, Role.OFFICER)

PEN = _actor("P-8", FINE_PEN, OrganisationKind.REPORT_WRITER, Role.REPORT_WRITER)
OTHER_PEN = _actor("P-9", BLUNT_PEN, OrganisationKind.REPORT_WRITER, Role.REPORT_WRITER)

REPRESENTATIVES = {RED_RIVER: STEELWORKER, NORTH_POWER: STRANGER, EAST_GLASS: GLASSWORKER}

DUTIES = {
    "P-3": [Duty.LEADER, Duty.MEMBER],
    "P-3M": [Duty.MEMBER],
    "P-3R": [Duty.TECHNICAL_REVIEWER],
    "P-3S": [Duty.SIGNATORY],
}
FIRST_DAY, LAST_DAY = date(2020, 1, 1), date(2035, 12, 31)

GAS = SourceLine(LineKind.COMBUSTION, "natural_gas", Decimal(120), "10^4Nm3")
POWER = SourceLine(LineKind.ELECTRICITY, "grid", Decimal(1000), "MWh")
GREEN = SourceLine(LineKind.GREEN_POWER, "green", Decimal(300), "MWh")
STEEL = OutputRow("steel", Decimal("500.5"), "t")


@dataclass
class Story:
    """Steps of the year with sensible arguments, each under a key of its own."""

    keys: list[str] = field(default_factory=list)

    def key(self) -> str:
        """A new idempotency key."""
        self.keys.append(f"key-{len(self.keys):08d}")
        return self.keys[-1]

    def plan(self, *, entity: str = RED_RIVER, approve: bool = True) -> None:
        """Submit the plan of an entity, and approve it."""
        at = datetime(2026, 1, 5, 1, tzinfo=UTC)
        sections = {"boundary": "Furnace and rolling mill"}
        emissions.submit_data_quality_plan(
            REPRESENTATIVES[entity], entity=entity, year=YEAR, sections=sections, key=self.key(), now=at
        )
        if approve:
            emissions.approve_data_quality_plans(
                ZHOU, region=REGION, year=YEAR, entities=[entity], key=self.key(), now=at
            )

    def file(
        self, month: int = 1, *, now: datetime, reason: str = "", facility: str = "RR-1", actor: Actor = STEELWORKER
    ) -> Answer:
        """File one month."""
        return emissions.file_month(
            actor,
            facility=facility,
            year=YEAR,
            month=month,
            parameters=[emissions.ParameterRow("gas", "MEASURED", Decimal("10.5"), "10^4Nm3")],
            evidence_digest="0" * 64,
            reason=reason,
            key=self.key(),
            now=now,
        )

    def report(
        self, *, entity: str = RED_RIVER, prepared_by: str = "", facility: str = "", now: datetime = NEXT_YEAR
    ) -> str:
        """Submit the report of an entity; returns its number."""
        place = facility or {RED_RIVER: "RR-1", NORTH_POWER: "NP-1", EAST_GLASS: "EG-1"}[entity]
        answer = emissions.submit_report(
            REPRESENTATIVES[entity],
            entity=entity,
            year=YEAR,
            lines=[emissions.ReportLine(place, line) for line in (GAS, POWER, GREEN)],
            outputs=[STEEL, STEEL],
            prepared_by=prepared_by,
            key=self.key(),
            now=now,
        )
        return str(answer["report"])

    def assign(self, verifier: str = TRUE_MEASURE, *, entity: str = RED_RIVER) -> None:
        """Assign a verifier to an entity."""
        emissions.assign_verifiers(
            ZHOU, region=REGION, year=YEAR, assignments={entity: verifier}, key=self.key(), now=NEXT_YEAR
        )

    def admit(self, applicant: Actor, people: Mapping[str, Sequence[Duty]] | None = None, **changes: object) -> Answer:
        """Have a firm apply for the register and two officers admit it."""
        at = datetime(2025, 12, 1, 1, tzinfo=UTC)
        asked: dict[str, Any] = {
            "certificate": "C-1",
            "scope": ["industry"],
            "from_on": FIRST_DAY,
            "until_on": LAST_DAY,
        }
        applied = emissions.apply_for_register(
            applicant, people=people or {}, **{**asked, **changes}, key=self.key(), now=at
        )
        payload = {"region": REGION, "body": applicant.organisation, "digest": applied["digest"]}
        return self.two_people("emissions.admit_body", payload, at)

    def two_people(self, kind: str, payload: dict[str, Json], at: datetime) -> Answer:
        """Have one officer propose a command of this room, the other approve it, and the first carry it out."""
        proposed = members.propose(ZHOU, kind=kind, payload=payload, key=self.key(), now=at)
        number, digest = str(proposed["approval"]), str(proposed["digest"])
        members.approve(CHEN, approval=number, digest=digest, key=self.key(), now=at)
        service = getattr(emissions, kind.removeprefix("emissions."))
        answer: Answer = service(ZHOU, **payload, approval=number, key=self.key(), now=at)
        return answer

    def plan_verification(
        self, report: str, *, actor: Actor = VERIFIER, now: datetime = NEXT_YEAR, **changes: Any
    ) -> Answer:
        """Plan the verification of a report with the four people of True Measure."""
        plan = emissions.PlanDraft(report, "P-3", "P-3R", "P-3S", ("P-3M",))
        return emissions.plan_verifications(actor, plans=[replace(plan, **changes)], key=self.key(), now=now)

    def find(self, report: str, finding: emissions.Finding, *, now: datetime = NEXT_YEAR) -> str:
        """Raise a finding; returns its number."""
        answer = emissions.raise_finding(VERIFIER, report=report, finding=finding, key=self.key(), now=now)
        return str(answer["finding"])

    def settle(
        self,
        finding: str,
        settlement: Settlement,
        *,
        added_t: int = 0,
        actor: Actor = VERIFIER,
        now: datetime = NEXT_YEAR,
    ) -> Answer:
        """Settle a finding."""
        return emissions.settle_finding(
            actor, finding=finding, settlement=settlement, added_t=added_t, key=self.key(), now=now
        )

    def conclude(
        self,
        report: str,
        *,
        verdict: Verdict = Verdict.VERIFIED_AS_SATISFACTORY,
        verified_t: int = 2892,
        actor: Actor = VERIFIER,
        now: datetime = NEXT_YEAR,
    ) -> str:
        """Conclude as the leader; returns the digest the others sign."""
        draft = emissions.ConclusionDraft(report, verdict, verified_t)
        answer = emissions.conclude(actor, conclusions=[draft], key=self.key(), now=now)
        digests = answer["digests"]
        assert isinstance(digests, dict)
        return str(digests[report])

    def countersign(self, report: str, digest: str, duty: Duty, actor: Actor, *, now: datetime = NEXT_YEAR) -> Answer:
        """Put the second or the third signature."""
        return emissions.sign_conclusions(actor, duty=duty, digests={report: digest}, key=self.key(), now=now)

    def sign(
        self,
        report: str,
        *,
        verdict: Verdict = Verdict.VERIFIED_AS_SATISFACTORY,
        verified_t: int = 2892,
        findings: tuple[emissions.Finding, ...] = (),
        actor: Actor = VERIFIER,
    ) -> Answer:
        """Walk from the plan over findings left standing to an opinion with its three signatures."""
        self.plan_verification(report, actor=actor)
        for finding in findings:
            number = self.find(report, finding)
            self.settle(number, Settlement.LEFT_STANDING)
        digest = self.conclude(report, verdict=verdict, verified_t=verified_t, actor=actor)
        self.countersign(report, digest, Duty.TECHNICAL_REVIEWER, REVIEWER)
        return self.countersign(report, digest, Duty.SIGNATORY, SIGNATORY)

    def determine(self, *entities: str) -> Answer:
        """Propose, approve and determine."""
        payload: dict[str, Json] = {"region": REGION, "year": YEAR, "entities": list(entities or (RED_RIVER,))}
        proposed = members.propose(ZHOU, kind="emissions.determine", payload=payload, key=self.key(), now=NEXT_YEAR)
        number, digest = str(proposed["approval"]), str(proposed["digest"])
        members.approve(CHEN, approval=number, digest=digest, key=self.key(), now=NEXT_YEAR)
        return emissions.determine(
            ZHOU,
            region=REGION,
            year=YEAR,
            entities=list(entities or (RED_RIVER,)),
            approval=number,
            key=self.key(),
            now=NEXT_YEAR,
        )

    def verified(self, entity: str = RED_RIVER) -> str:
        """Walk from the plan to a positive opinion; returns the report's number."""
        self.plan(entity=entity)
        number = self.report(entity=entity)
        self.assign(entity=entity)
        self.sign(number)
        return number
