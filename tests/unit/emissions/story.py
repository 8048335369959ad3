"""A small region for the tests of this room (three entities, two verifiers, two officers) and the steps of its year."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

from tonnebook.core import identity
from tonnebook.core.canonical import Json
from tonnebook.core.mrv import LineKind, OutputRow, SourceLine
from tonnebook.core.reporting import Verdict
from tonnebook.core.roles import Actor, OrganisationKind, Role
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
OTHER_VERIFIER = _actor("P-4", PLAIN_SCALE, OrganisationKind.VERIFIER, Role.VERIFIER)
ZHOU = _actor("P-5", BUREAU, OrganisationKind.AUTHORITY, Role.OFFICER)
CHEN = _actor("P-6", BUREAU, OrganisationKind.AUTHORITY, Role.OFFICER)

PEN = _actor("P-8", FINE_PEN, OrganisationKind.REPORT_WRITER, Role.REPORT_WRITER)
OTHER_PEN = _actor("P-9", BLUNT_PEN, OrganisationKind.REPORT_WRITER, Role.REPORT_WRITER)

REPRESENTATIVES = {RED_RIVER: STEELWORKER, NORTH_POWER: STRANGER, EAST_GLASS: GLASSWORKER}

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

    def sign(
        self,
        report: str,
        *,
        verdict: Verdict = Verdict.VERIFIED_AS_SATISFACTORY,
        verified_t: int = 2892,
        findings: tuple[emissions.Finding, ...] = (),
        actor: Actor = VERIFIER,
    ) -> Answer:
        """Sign an opinion."""
        return emissions.sign_opinion(
            actor,
            report=report,
            verdict=verdict,
            verified_t=verified_t,
            findings=findings,
            key=self.key(),
            now=NEXT_YEAR,
        )

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
