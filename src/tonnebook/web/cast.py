"""The people of a demo region whom the role bar offers: a few of each kind of organisation."""

from collections.abc import Sequence
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
    OrganisationKind.SECTOR_DEPARTMENT,
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
    chosen = _chosen(members.organisations(region))
    people = members.people(*(organisation.uscc for organisation in chosen))
    return tuple(
        CastMember(
            username=person.username,
            role=leading_role(person.roles),
            name_zh=person.name_zh,
            name_en=person.name_en,
            organisation_zh=organisation.name_zh,
            organisation_en=organisation.name_en,
            kind=organisation.kind.value,
        )
        for organisation in chosen
        for person in [one for one in people if one.organisation == organisation.uscc][:_PEOPLE_PER_ORGANISATION]
    )


def leading_role(roles: tuple[Role, ...]) -> str:
    """Name the role that comes first in the order of the enum; nothing for a person without any."""
    return next((role.value for role in Role if role in roles), "")


# One of each kind, in the order of the kinds; of companies those that everybody meets.
def _chosen(organisations: Sequence[OrganisationRow]) -> list[OrganisationRow]:
    known = {name_zh for name_zh, _, _ in population.CAST_COMPANIES.values()}
    chosen = []
    for kind in _KINDS:
        found = [one for one in organisations if one.kind is kind]
        if kind is OrganisationKind.ENTITY:
            chosen += [one for one in found if one.name_zh in known] or found[:2]
        else:
            chosen += found[:1]
    return chosen
