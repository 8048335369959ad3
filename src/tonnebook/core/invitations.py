"""How somebody who was admitted gets in for the first time: by two codes that two people drew, for one password.

Two people admit a person, and neither of them must be able to sign in as that person afterwards: each draws one code
and hands it over, and only who has both sets the first password. Source: design choice, no legal source (invariant A13:
one person with two accounts).
"""

import hashlib
from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum

from tonnebook.core.errors import Refusal, Refused, Sentence

# A code nobody used in this time must be drawn again (design choice, no legal source).
LIFETIME = timedelta(days=7)
CODES_NEEDED = 2
# 80 bits that nobody guesses in a week, in blocks that are read aloud easily.
CODE_BYTES = 10
_BLOCK = 4


class PersonState(StrEnum):
    """Whether somebody gets in: has yet to set a password, does, or does not any more."""

    AWAITED = "AWAITED"
    IN = "IN"
    ENDED = "ENDED"


class InvitationRefusal(Refusal):
    """Why nobody is let in, or no code is drawn, in order of precedence."""

    NOT_AWAITED = Sentence(
        zh="人员 {person} 当前状态为 {state}，没有待首次登录；如需重新开通，请由两人办理。",
        en="{person} is {state} and not waited for; two people can let them in anew.",
        article="design choice",
    )
    CODE_DRAWN = Sentence(
        zh="您已为 {person} 生成过一个首次登录码；另一个须由另一人生成。",
        en="You have drawn a code for {person} already; the other is for a second person to draw.",
        article="design choice",
        status=403,
    )
    CODES_COMPLETE = Sentence(
        zh="{person} 的两个首次登录码均已生成；遗失时请等其过期，或由两人重新开通。",
        en="Both codes of {person} have been drawn; where one is lost, wait until they end, or let them in anew.",
        article="design choice",
    )
    INVITATION_WRONG = Sentence(
        zh="账号与两个首次登录码不相符，或登录码已使用、已过期；请与登记机构联系。",
        en="Sign-in name and the two codes do not belong together, or have been used or are over; ask the registry.",
        article="design choice",
        status=403,
    )
    REGION_FOUNDED = Sentence(
        zh="{region} 已有登记人员；其他人员请由两人在“人员”页面办理。",
        en="{region} has people already; two of them admit the others, on the page “People”.",
        article="design choice",
    )
    TWO_FOUNDERS = Sentence(
        zh="首批人员须为两人，账号各不相同。",
        en="A region begins with two people with sign-in names of their own.",
        article="design choice",
        status=422,
    )
    PASSWORD_WEAK = Sentence(
        zh="{username} 的密码太弱：{why}",
        en="The password of {username} is too weak: {why}",
        article="design choice",
        status=422,
    )


def written(drawn: bytes) -> str:
    """Write a code that was drawn, in blocks.

    Example:
        >>> written(bytes(range(10)))
        '0001-0203-0405-0607-0809'
    """
    text = drawn.hex()
    return "-".join(text[at : at + _BLOCK] for at in range(0, len(text), _BLOCK))


def digest(code: str) -> str:
    """Give the digest by which a code is kept; blanks, dashes and capitals do not matter.

    Example:
        >>> digest("AB12-cd34") == digest(" ab12 CD34 ")
        True
    """
    return hashlib.sha256("".join(code.replace("-", " ").split()).lower().encode()).hexdigest()


def check_draw(person: str, *, state: PersonState, drawn_by: Collection[str], drawer: str) -> None:
    """Refuse to draw a code.

    Args:
        person: number of whom it lets in.
        state: where that person stands.
        drawn_by: who has drawn a code that still counts.
        drawer: number of who wants to draw one.

    Raises:
        Refused: NOT_AWAITED, CODE_DRAWN when the drawer has drawn one, CODES_COMPLETE when two others have.

    Source: design choice, no legal source (invariant A13).
    """
    if state is not PersonState.AWAITED:
        raise Refused(InvitationRefusal.NOT_AWAITED, person=person, state=state.value)
    if drawer in drawn_by:
        raise Refused(InvitationRefusal.CODE_DRAWN, person=person)
    if len(drawn_by) >= CODES_NEEDED:
        raise Refused(InvitationRefusal.CODES_COMPLETE, person=person)


def check_codes(codes: Collection[str], *, drawn: Collection[str]) -> None:
    """Refuse an entry that does not show every code that was drawn.

    Args:
        codes: as typed.
        drawn: digests of those that count.

    Raises:
        Refused: INVITATION_WRONG unless these are two, and the same.

    Source: design choice, no legal source (invariant A13).
    """
    if len(set(drawn)) != CODES_NEEDED or {digest(code) for code in codes} != set(drawn):
        raise Refused(InvitationRefusal.INVITATION_WRONG)
