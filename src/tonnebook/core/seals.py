"""Electronic seals of organisations, and their twins on stamped paper: what is sealed, and why a seal is refused.

What is sealed is the digest of a submission, so that the seal, the stamped print and the stored submission are about
the same bytes. The seal is a detached signature by a key that a registrar has entered for the organisation.
"""

import re
from enum import StrEnum

from tonnebook.core.errors import Refusal, Refused, Sentence

_DIGEST = re.compile(r"[0-9a-f]{64}")
_PREFIX = "tonnebook-seal-1:"


class SealKind(StrEnum):
    """How an organisation put its name under a submission."""

    ELECTRONIC = "ELECTRONIC"
    PAPER = "PAPER"


class SealRefusal(Refusal):
    """Why a seal or a key for seals is not accepted."""

    NOT_A_DIGEST = Sentence(
        zh="“{digest}”不是 64 位十六进制摘要。",
        en="“{digest}” is no digest of 64 hexadecimal digits.",
        article="design choice",
        status=422,
    )
    KEY_UNREADABLE = Sentence(
        zh="无法读取该证书或公钥；请提供 PEM 格式的 Ed25519、ECDSA P-256 或 SM2 公钥或证书。",
        en="This is no certificate or public key we can read; give an Ed25519, ECDSA P-256 or SM2 one as PEM.",
        article="design choice",
        status=422,
    )
    NO_SEAL_KEY = Sentence(
        zh="单位 {organisation} 没有登记有效的印章公钥，请联系登记机构。",
        en="No key for seals of {organisation} is entered and valid now; ask the registry.",
        article="design choice",
    )
    SEAL_WRONG = Sentence(
        zh="电子印章与摘要 {digest} 不符，未予接受。",
        en="The seal does not fit the digest {digest} and is not accepted.",
        article="design choice",
        status=422,
    )
    SEAL_OF_ANOTHER = Sentence(
        zh="该电子签章签的是另一份文件，不是待签数据（SM3：{digest}）；请核对是否拿错。",
        en="This seal is over something else than the file described by SM3 {digest}; is it the seal of another paper?",
        article="design choice",
        status=422,
    )
    SEAL_EXPIRED = Sentence(
        zh="该电子印章的有效期为 {first} 至 {last}，签章时间或当前时间不在其中。",
        en="This seal is valid from {first} to {last}; it was put, or comes, outside that time.",
        article="design choice",
        status=422,
    )


def message(digest: str) -> bytes:
    """Write what the organisation's key signs for a digest.

    Args:
        digest: SHA-256 of the submission, 64 hexadecimal digits in small letters.

    Raises:
        Refused: NOT_A_DIGEST.

    Source: design choice, no legal source.

    Example:
        >>> message("ab" * 32)[:20]
        b'tonnebook-seal-1:aba'
    """
    if not _DIGEST.fullmatch(digest):
        raise Refused(SealRefusal.NOT_A_DIGEST, digest=digest)
    return f"{_PREFIX}{digest}".encode()
