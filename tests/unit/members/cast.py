"""The people the tests of members are about: two officers, a representative and an officer of another region."""

from collections.abc import Mapping
from datetime import UTC, datetime

from tonnebook.core import canonical, identity
from tonnebook.core.roles import SYSTEM, Actor, OrganisationKind, Role
from tonnebook.members import queries
from tonnebook.members import services as members
from tonnebook.members.services import OrganisationDraft, PersonDraft, seals

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
PAYLOAD = {"region": "shanghai", "year": 2026}


def uscc(count: int) -> str:
    """A unified social credit code with its check sign."""
    body = f"91310000{count:09d}"
    return body + identity.uscc_check_sign(body)


AUTHORITY, STEEL, TIANJIN = uscc(1), uscc(2), uscc(3)
DRAFTS = (
    OrganisationDraft(AUTHORITY, "市生态环境局", "Municipal Bureau", OrganisationKind.AUTHORITY, "shanghai"),
    OrganisationDraft(STEEL, "红河钢铁", "Red River Steel", OrganisationKind.ENTITY, "shanghai", "宝山", "industry"),
    OrganisationDraft(TIANJIN, "天津某局", "A Bureau", OrganisationKind.AUTHORITY, "tianjin"),
)
PEOPLE = (
    PersonDraft("zhou", "周", "Zhou", AUTHORITY, (Role.OFFICER,), "a long password"),
    PersonDraft("chen", "陈", "Chen", AUTHORITY, (Role.OFFICER, Role.REGISTRAR), "a long password"),
    PersonDraft("steel", "李", "Li", STEEL, (Role.REPRESENTATIVE, Role.TRADER)),
    PersonDraft("jin", "金", "Jin", TIANJIN, (Role.OFFICER,)),
)


def register() -> dict[str, Actor]:
    """Register them all and give their actors by sign-in name."""
    members.register_organisations(SYSTEM, drafts=DRAFTS, key="organisations", now=NOW)
    members.register_people(SYSTEM, drafts=PEOPLE, key="people", now=NOW)
    return {draft.username: queries.actor_named(draft.username) for draft in PEOPLE}


def approved(first: Actor, second: Actor, kind: str, payload: Mapping[str, object], *, now: datetime = NOW) -> str:
    """The number of an approval of a command with these arguments: one proposed it and another approved it."""
    key = f"{kind}-{canonical.digest(payload)}"
    asked = members.propose(first, kind=kind, payload=payload, key=f"{key}-propose", now=now)
    approval, digest = str(asked["approval"]), str(asked["digest"])
    members.approve(second, approval=approval, digest=digest, key=f"{key}-approve", now=now)
    return approval


def remit_set(first: Actor, second: Actor, department: str, *sectors: str, now: datetime = NOW) -> None:
    """Have two people set the sectors of a department."""
    told = {"region": first.region, "department": department, "sectors": list(sectors)}
    approval = approved(first, second, "members.set_remit", told, now=now)
    members.set_remit(first, **told, approval=approval, key=f"set-{approval}", now=now)  # type: ignore[arg-type]


def bar_lifted(first: Actor, second: Actor, who: str, *, now: datetime = NOW) -> None:
    """Have two people let somebody trade again."""
    told = {"region": first.region, "who": who}
    approval = approved(first, second, "members.lift_bar", told, now=now)
    members.lift_bar(first, **told, approval=approval, key=f"lift-{approval}", now=now)


def seal_key_entered(first: Actor, second: Actor, organisation: str, pem: str, *, now: datetime = NOW) -> None:
    """Have two people enter a key for the seals of an organisation."""
    told = {"region": first.region, "organisation": organisation, "pem": pem}
    approval = approved(first, second, "members.enter_seal_key", told, now=now)
    seals.enter_seal_key(first, **told, approval=approval, key=f"enter-{approval}", now=now)
