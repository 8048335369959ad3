"""Clients of comprehensive members (综合类会员): who may act for whom on the market.

A client trades from accounts of its own, so that its units and money are never the member's: they are its sub-account
with the member. Whatever is counted per organisation, limits, ownership groups, slips, is counted for the client.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.roles import OrganisationKind
from tonnebook.core.rules import RulesAt

_MEMBERS, _COMPREHENSIVE = "trading.access.members", "COMPREHENSIVE"


class ClientState(StrEnum):
    """How far a member and a client have come: asked by the member, agreed by the client, ended by either."""

    ASKED = "ASKED"
    AGREED = "AGREED"
    ENDED = "ENDED"


# What may follow what.
FOLLOWERS: Mapping[ClientState, frozenset[ClientState]] = MappingProxyType(
    {
        ClientState.ASKED: frozenset({ClientState.AGREED, ClientState.ENDED}),
        ClientState.AGREED: frozenset({ClientState.ENDED}),
        ClientState.ENDED: frozenset(),
    }
)


class ClientRefusal(Refusal):
    """Why a member does not act for a client, in order of precedence."""

    NO_COMPREHENSIVE_MEMBERS = Sentence(
        zh="{region} 的规则没有综合类会员，会员不能代理客户交易。",
        en="The rules of {region} know no comprehensive members; nobody trades for clients there.",
        article="S30 Art. 22",
    )
    NOT_A_COMPREHENSIVE_MEMBER = Sentence(
        zh="只有机构投资者可以作为综合类会员代理客户，贵单位（{member}）只能自营。",
        en="Only institutions act for clients as comprehensive members; yours ({member}) trades for itself.",
        article="design choice",
        status=403,
    )
    OWN_CLIENT = Sentence(
        zh="不能将本单位（{client}）登记为自己的客户。",
        en="An organisation ({client}) is no client of its own.",
        article="design choice",
        status=422,
    )
    CLIENT_TAKEN = Sentence(
        zh="{client} 已有代理会员或待其同意的代理申请；一个客户同时只能有一个代理会员。",
        en="{client} has a member that acts for it, or is asked by one; a client has one member at a time.",
        article="design choice",
    )
    NO_SUCH_CLIENT = Sentence(
        zh="{client} 不是贵单位的客户，或尚未同意由贵单位代理。",
        en="{client} is no client of yours, or has not agreed to be.",
        article="design choice",
        status=404,
    )
    NOT_ASKED_BY = Sentence(
        zh="{member} 与贵单位之间没有可以这样处理的代理关系。",
        en="There is nothing between {member} and you that this could be done with.",
        article="design choice",
        status=404,
    )


def has_comprehensive_members(rules: RulesAt) -> bool:
    """Say whether the rules of a region know members that trade for clients.

    Args:
        rules: of the region on the day.

    Source: S30 Art. 22, by `trading.access.members`.
    """
    return rules.has(_MEMBERS) and _COMPREHENSIVE in rules.words(_MEMBERS)


def check_asking(rules: RulesAt, kind: OrganisationKind, *, member: str, client: str, is_taken: bool) -> None:
    """Decide whether a member may ask an organisation to become its client.

    Args:
        rules: of the region on the day.
        kind: of the member.
        member: unified social credit code.
        client: unified social credit code.
        is_taken: whether the client has a member already, or is asked by one.

    Raises:
        Refused: NO_COMPREHENSIVE_MEMBERS, NOT_A_COMPREHENSIVE_MEMBER, OWN_CLIENT, CLIENT_TAKEN.

    Source: S30 Art. 22, by `trading.access.members`; that institutions alone are such members is a design choice.
    """
    cases = (
        (not has_comprehensive_members(rules), ClientRefusal.NO_COMPREHENSIVE_MEMBERS),
        (kind is not OrganisationKind.INVESTOR, ClientRefusal.NOT_A_COMPREHENSIVE_MEMBER),
        (member == client, ClientRefusal.OWN_CLIENT),
        (is_taken, ClientRefusal.CLIENT_TAKEN),
    )
    for applies, code in cases:
        if applies:
            raise Refused(code, region=rules.region, member=member, client=client)


def check_turn(state: ClientState, wanted: ClientState, *, member: str) -> None:
    """Refuse a step that does not follow.

    Args:
        state: as it is.
        wanted: as it shall be.
        member: unified social credit code.

    Raises:
        Refused: NOT_ASKED_BY.

    Source: design choice, no legal source.
    """
    if wanted not in FOLLOWERS[state]:
        raise Refused(ClientRefusal.NOT_ASKED_BY, member=member)
