"""The people of a demo region whom the role bar offers: a few of each kind of organisation."""

from dataclasses import dataclass

from tonnebook.core.roles import OrganisationKind, Role
from tonnebook.demo import population
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.members import queries as members
from tonnebook.members.queries import OrganisationRow

_KINDS = (
    OrganisationKind.AUTHORITY,
    OrganisationKind.ENTITY,
    OrganisationKind.VERIFIER,
    OrganisationKind.INVESTOR,
    OrganisationKind.EXCHANGE,
    OrganisationKind.REGISTRY_BODY,
    OrganisationKind.DISTRICT_AUTHORITY,
    OrganisationKind.FINANCE_BUREAU,
    OrganisationKind.SETTLEMENT_BANK,
    OrganisationKind.INCLUSION_CENTRE,
    OrganisationKind.TECHNICAL_REVIEWER,
    OrganisationKind.LABORATORY,
    OrganisationKind.REPORT_WRITER,
)
_PEOPLE_PER_ORGANISATION = 4


@dataclass(frozen=True, slots=True)
class CastMember:
    """One person of the role bar, with the words of both languages."""

    username: str
    role: str
    name_zh: str
    name_en: str
    organisation_zh: str
    organisation_en: str
    kind: str


@tenancy.everywhere(Why.SIGNING_IN)
def cast_of(region: str) -> tuple[CastMember, ...]:
    """List the people the role bar of a demo region offers."""
    return tuple(
        CastMember(
            username=person.username,
            role=leading_role(person.roles),
            name_zh=person.name_zh,
            name_en=person.name_en,
            organisation_zh=organisation.name_zh,
            organisation_en=organisation.name_en,
            kind=kind.value,
        )
        for kind in _KINDS
        for organisation in _organisations(region, kind)
        for person in members.people(organisation.uscc)[:_PEOPLE_PER_ORGANISATION]
    )


def leading_role(roles: tuple[Role, ...]) -> str:
    """Name the role that comes first in the order of the enum; nothing for a person without any."""
    return next((role.value for role in Role if role in roles), "")


def _organisations(region: str, kind: OrganisationKind) -> tuple[OrganisationRow, ...]:
    found = members.organisations(region, kind)
    if kind is not OrganisationKind.ENTITY:
        return found[:1]
    names = {name_zh for name_zh, _, _ in population.CAST_COMPANIES.values()}
    return tuple(one for one in found if one.name_zh in names) or found[:2]
