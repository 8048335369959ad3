"""The register of verification bodies, testing laboratories and report writers: who is on it, and why somebody is not.

A firm applies with its certificate, what it is qualified for and its people; two people of the authority admit exactly
what was applied for. Suspension ends by itself on its day, removal by another admission. In one city no house is two
of the three: whoever writes reports neither verifies nor tests.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tonnebook.core import independence
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.roles import OrganisationKind

# Kinds of organisations that a register is kept of.
REGISTERED = frozenset({OrganisationKind.VERIFIER, OrganisationKind.LABORATORY, OrganisationKind.REPORT_WRITER})


class BodyState(StrEnum):
    """Where a firm stands on the register; a suspension is a day beside the state."""

    APPLIED = "APPLIED"
    ADMITTED = "ADMITTED"
    REMOVED = "REMOVED"


class InterestKind(StrEnum):
    """What somebody declares about a company."""

    ADVISED = "ADVISED"
    CONFLICT = "CONFLICT"


class BodyRefusal(Refusal):
    """Why the register is not changed, in order of precedence."""

    NO_SUCH_BODY = Sentence(
        zh="名录中没有 {body}。", en="{body} is not on the register.", article="design choice", status=404
    )
    NOT_FOR_REGISTER = Sentence(
        zh="{body} 不是核查机构、检测实验室或报告编制机构，不列入名录。",
        en="{body} is no verification body, laboratory or report writer; the register is of these.",
        article="S02 item 15",
    )
    APPLICATION_UNFIT = Sentence(
        zh="申请须写明证书编号、业务范围，且有效期不得早于今日（{today}）届满。",
        en="An application names a certificate and a scope, and does not end before today, {today}.",
        article="design choice",
        status=422,
    )
    PERSON_OF_ANOTHER = Sentence(
        zh="{person} 不是 {body} 的人员。",
        en="{person} does not belong to {body}.",
        article="design choice",
        status=422,
    )
    ALREADY_ADMITTED = Sentence(
        zh="{body} 已列入名录。", en="{body} is on the register already.", article="design choice"
    )
    OTHER_APPLICATION = Sentence(
        zh="{body} 的申请已变更，请按最新申请重新提请审批。",
        en="{body} has applied for something else since; propose what it asks for now.",
        article="design choice",
    )
    HOUSE_ON_REGISTER = Sentence(
        zh="{body} 与已在名录的 {other}（{kind}）为同一单位或受同一控制人控制，不得兼任。",
        en="{body} and {other}, on the register as {kind}, are of one house; nobody is both in one city.",
        article="S02 item 15",
    )
    SUSPENSION_OVER = Sentence(
        zh="暂停的截止日 {until_on} 已经过去。",
        en="The last day of the suspension, {until_on}, is over.",
        article="design choice",
        status=422,
    )
    NO_GROUND = Sentence(zh="请写明理由。", en="Say why, in words.", article="design choice", status=422)


@dataclass(frozen=True, slots=True)
class Application:
    """A firm's application.

    Attributes:
        body: unified social credit code.
        kind: of the organisation.
        certificate: number of its accreditation.
        scope: sectors of a verification body, parameters of a laboratory.
        from_on: first day of the accreditation.
        until_on: last day of the accreditation.
        people: duties by the number of a person.
        staff: numbers of everybody who belongs to the firm.
        today: day in the region's zone.
    """

    body: str
    kind: OrganisationKind
    certificate: str
    scope: tuple[str, ...]
    from_on: date
    until_on: date
    people: Mapping[str, tuple[str, ...]]
    staff: frozenset[str]
    today: date


def check_application(application: Application) -> None:
    """Decide whether an application may be handed in.

    Args:
        application: the facts.

    Raises:
        Refused: NOT_FOR_REGISTER; APPLICATION_UNFIT; PERSON_OF_ANOTHER for the first person by number.

    Source: S02 item 15 (who is inspected); the form of the register is a design choice.
    """
    if application.kind not in REGISTERED:
        raise Refused(BodyRefusal.NOT_FOR_REGISTER, body=application.body)
    is_ordered = application.from_on <= application.until_on and application.today <= application.until_on
    if not (application.certificate.strip() and application.scope and is_ordered):
        raise Refused(BodyRefusal.APPLICATION_UNFIT, today=application.today)
    for person in sorted(application.people):
        if person not in application.staff:
            raise Refused(BodyRefusal.PERSON_OF_ANOTHER, person=person, body=application.body)


def check_house(
    body: str, kind: OrganisationKind, admitted: Iterable[tuple[str, OrganisationKind]], controllers: Mapping[str, str]
) -> None:
    """Refuse a firm whose house is on the register of the city as something else.

    Args:
        body: unified social credit code.
        kind: as what it would be admitted.
        admitted: firms on the register of the region with their kinds.
        controllers: controller by controlled organisation, one step each.

    Raises:
        Refused: HOUSE_ON_REGISTER, for the first by code.

    Source: S02 item 15, S29 (writer and reviewer are not one), feature P11.
    """
    house = independence.house_of(body, controllers)
    for other, other_kind in sorted(admitted):
        if other_kind is not kind and house == independence.house_of(other, controllers):
            raise Refused(BodyRefusal.HOUSE_ON_REGISTER, body=body, other=other, kind=other_kind.value)
