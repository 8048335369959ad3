"""Who may use an account for its holder: rights of people appointed to it, and what each act asks for.

Where nobody is appointed, everybody whom the holder's roles let act may use the account; the first appointment closes
it to all others. A right narrows what a role may do and never widens it. Where somebody may approve, nothing leaves the
account for others before one of them has approved what another asked for. Source: design choice, no legal source; the
idea is that of the account representatives of the Union Registry.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from tonnebook.core.errors import Refusal, Refused, Sentence


class Right(StrEnum):
    """What somebody may do with an account: begin things, approve them, look, or hand in surrenders and no more."""

    INITIATE = "INITIATE"
    APPROVE = "APPROVE"
    READ = "READ"
    SURRENDER_ONLY = "SURRENDER_ONLY"


# The rights that include each: whoever may do anything may look, and who may begin everything may surrender.
INCLUDED_IN: Mapping[Right, frozenset[Right]] = MappingProxyType(
    {
        Right.INITIATE: frozenset({Right.INITIATE}),
        Right.APPROVE: frozenset({Right.APPROVE}),
        Right.SURRENDER_ONLY: frozenset({Right.SURRENDER_ONLY, Right.INITIATE}),
        Right.READ: frozenset(Right),
    }
)


class RightRefusal(Refusal):
    """Why somebody may not use an account, in order of precedence."""

    RIGHT_MISSING = Sentence(
        "您不是账户 {account} 具有“{right}”权限的代表；请由其代表办理，或向登记机构申请指定。",
        "You are not appointed to account {account} with the right {right}; ask one who is, or apply for it.",
        "design choice",
        status=403,
    )
    NO_RIGHT_NAMED = Sentence("请至少选择一项权限。", "Choose at least one right.", "design choice", status=422)
    NOT_OF_THE_HOLDER = Sentence(
        "{person} 不是账户 {account} 持有单位的人员。",
        "{person} does not belong to the holder of account {account}.",
        "design choice",
        status=422,
    )
    NOT_APPOINTED = Sentence(
        "{person} 目前不是账户 {account} 的代表。",
        "{person} is not a representative of account {account} now.",
        "design choice",
    )


def has_right(appointed: Mapping[str, frozenset[Right]], person: str, right: Right) -> bool:
    """Say whether somebody may use an account.

    Args:
        appointed: rights by number of the person, of everybody appointed to the account now.
        person: number.
        right: what the act asks for.

    Source: design choice, no legal source.

    Example:
        >>> has_right({}, "P-1", Right.INITIATE), has_right({"P-2": frozenset(Right)}, "P-1", Right.READ)
        (True, False)
    """
    return not appointed or bool(appointed.get(person, frozenset()) & INCLUDED_IN[right])


def needs_approval(appointed: Mapping[str, frozenset[Right]]) -> bool:
    """Say whether what leaves an account for others must be approved by a second representative.

    Args:
        appointed: rights by number of the person, of everybody appointed to the account now.

    Source: design choice, no legal source.

    Example:
        >>> needs_approval({"P-1": frozenset({Right.INITIATE})}), needs_approval({"P-2": frozenset({Right.APPROVE})})
        (False, True)
    """
    return any(Right.APPROVE in rights for rights in appointed.values())


def check_right(appointed: Mapping[str, frozenset[Right]], person: str, right: Right, *, account: str) -> None:
    """Refuse somebody who may not use an account; arguments as `has_right`.

    Raises:
        Refused: RIGHT_MISSING when people are appointed and the person has no such right.

    Source: design choice, no legal source.
    """
    if not has_right(appointed, person, right):
        raise Refused(RightRefusal.RIGHT_MISSING, account=account, right=right.value)
