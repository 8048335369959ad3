"""One kilowatt-hour of green power supports one claim: a zero factor, a cancelled certificate, or a credit.

A claim names what it rests on: the numbers of green certificates, or an hour of a meter. Whatever has been claimed once
is refused to everybody else, and the refusal names the first claim.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from tonnebook.core.errors import Refusal, Refused, Sentence

# "GEC:" and the number of a certificate, or "METER:", the number of a meter and the hour, such as 2026-03-02T14.
_CERTIFICATE = re.compile(r"GEC:[A-Z0-9-]{4,40}")
_HOUR = re.compile(r"METER:[A-Za-z0-9-]{2,30}:(\d{4}-\d{2}-\d{2}T\d{2})")
PROOFS_MAX = 1000


class ClaimKind(StrEnum):
    """What green power is used for."""

    ZERO_FACTOR = "ZERO_FACTOR"
    CERTIFICATE = "CERTIFICATE"
    CREDIT = "CREDIT"


class PowerClaimRefusal(Refusal):
    """What a claim on green power can refuse."""

    NOTHING_CLAIMED = Sentence(
        zh="请填写 1 至 {most} 个绿证编号或计量小时，以及大于零的电量。",
        en="Name between 1 and {most} certificates or metered hours, and a quantity above zero.",
        article="design choice",
        status=422,
    )
    PROOF_WRONG = Sentence(
        zh="“{proof}”不是绿证编号（GEC:编号）或计量小时（METER:表号:2026-03-02T14）。",
        en="“{proof}” is neither a certificate (GEC:number) nor a metered hour (METER:meter:2026-03-02T14).",
        article="design choice",
        status=422,
    )
    CLAIMED_TWICE = Sentence(
        zh="“{proof}”在同一申报中出现两次；一度电只能使用一次。",
        en="“{proof}” stands twice in one claim; one kilowatt-hour supports one claim.",
        article="S02 item 6",
        status=422,
    )
    CLAIMED_ALREADY = Sentence(
        zh="“{proof}”已用于{kind_zh}（{claim}，{year}年度），一度电只能使用一次。",
        en="“{proof}” supports {kind_en} already ({claim}, {year}); one kilowatt-hour supports one claim.",
        article="S02 item 6",
    )


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim that was made: its number, what for, and the compliance year."""

    number: str
    kind: ClaimKind
    year: int


_WORDS = {
    ClaimKind.ZERO_FACTOR: ("零因子扣减", "a zero factor"),
    ClaimKind.CERTIFICATE: ("绿证注销", "a cancelled certificate"),
    ClaimKind.CREDIT: ("减排量签发", "a credit"),
}


def check_claim(proofs: Sequence[str], quantity_mwh: Decimal, earlier: Mapping[str, Claimed]) -> None:
    """Check a claim on green power.

    Args:
        proofs: certificates and metered hours it rests on.
        quantity_mwh: how much, > 0.
        earlier: claims that rest on one of the proofs already, by proof.

    Raises:
        Refused: NOTHING_CLAIMED, PROOF_WRONG, CLAIMED_TWICE or CLAIMED_ALREADY, which names the first claim.

    Source: S02 item 6; S28 (evidence of green power); that one kilowatt-hour supports one claim follows the rule on
        green certificates, recalled.
    """
    if not 0 < len(proofs) <= PROOFS_MAX or quantity_mwh <= 0:
        raise Refused(PowerClaimRefusal.NOTHING_CLAIMED, most=PROOFS_MAX)
    for proof in proofs:
        if not _is_proof(proof):
            raise Refused(PowerClaimRefusal.PROOF_WRONG, proof=proof)
    if twice := next((proof for proof in proofs if proofs.count(proof) > 1), None):
        raise Refused(PowerClaimRefusal.CLAIMED_TWICE, proof=twice)
    for proof in proofs:
        if proof in earlier:
            first = earlier[proof]
            zh, en = _WORDS[first.kind]
            facts = {"claim": first.number, "year": first.year, "kind_zh": zh, "kind_en": en}
            raise Refused(PowerClaimRefusal.CLAIMED_ALREADY, proof=proof, **facts)


def _is_proof(text: str) -> bool:
    if _CERTIFICATE.fullmatch(text):
        return True
    hour = _HOUR.fullmatch(text)
    try:
        return hour is not None and datetime.fromisoformat(f"{hour[1]}:00") is not None
    except ValueError:
        return False
