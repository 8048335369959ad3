"""Signing in through an outside identity provider (a city's portal): what its answer must say, and who it means.

The provider vouches for a subject; a registrar has linked that subject to a registered person. Nobody is registered by
signing in. What the provider says of the organisation must be a code with a right check sign, and the person's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tonnebook.core import identity
from tonnebook.core.errors import Refusal, Refused, Sentence

# Signatures a provider may use; "none" and those with a shared secret are not among them.
ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA")


class IdentityRefusal(Refusal):
    """Why somebody is not signed in through a provider, or not linked."""

    IDENTITY_UNPROVEN = Sentence(
        zh="身份认证平台的应答无法核实，请重新登录。",
        en="What the identity provider answered cannot be proved; please sign in again.",
        article="design choice",
        transient=True,
        status=403,
    )
    NO_SUCH_LINK = Sentence(
        zh="没有标识为 {subject} 的关联。", en="Nobody is linked as {subject}.", article="design choice", status=404
    )
    IDENTITY_UNKNOWN = Sentence(
        zh="身份认证平台确认了您的身份，但该身份尚未与本系统登记的人员关联；请联系登记机构，并告知标识 {subject}。",
        en="The identity provider knows you, but nobody registered is linked to you; ask the registry, with {subject}.",
        article="design choice",
        status=403,
    )
    IDENTITY_ELSEWHERE = Sentence(
        zh="身份认证平台给出的单位代码 {uscc} 无效，或不是您登记所在的单位。",
        en="The organisation code {uscc} of the identity provider is not valid or not the one you are registered with.",
        article="GB 32100-2015",
        status=403,
    )
    IDENTITY_LINKED = Sentence(
        zh="该身份已与人员 {person} 关联。",
        en="This identity is linked to {person} already.",
        article="design choice",
    )


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom a provider vouches for.

    Attributes:
        issuer: address of the provider.
        subject: its lasting name of the person.
        uscc: code of the organisation the person came for; empty when it says nothing of that.
    """

    issuer: str
    subject: str
    uscc: str


def vouched(claims: Mapping[str, object], *, nonce: str, uscc_claim: str) -> Vouched:
    """Read whom a provider vouches for.

    Args:
        claims: of an ID token whose signature, issuer, audience and time were checked.
        nonce: what was sent with this very sign-in.
        uscc_claim: the claim that names the organisation.

    Raises:
        Refused: IDENTITY_UNPROVEN when the token belongs to another sign-in or names nobody.

    Source: design choice, no legal source (OpenID Connect Core 1.0, 3.1.3.7).
    """
    subject = str(claims.get("sub", ""))
    if not nonce or claims.get("nonce") != nonce or not subject:
        raise Refused(IdentityRefusal.IDENTITY_UNPROVEN)
    return Vouched(str(claims.get("iss", "")), subject, str(claims.get(uscc_claim) or ""))


def check_organisation(one: Vouched, *, own: str) -> None:
    """Refuse when the provider names another organisation than the person's own, or no organisation at all.

    Args:
        one: whom it vouches for.
        own: code of the organisation the person is registered with.

    Raises:
        Refused: IDENTITY_ELSEWHERE.

    Source: GB 32100-2015 for the check sign; the rest is a design choice.
    """
    if one.uscc and (not identity.is_uscc(one.uscc) or one.uscc != own):
        raise Refused(IdentityRefusal.IDENTITY_ELSEWHERE, uscc=one.uscc)
