"""One kilowatt-hour supports one claim."""

from decimal import Decimal

import pytest

from tonnebook.core import power_claims
from tonnebook.core.errors import Refused
from tonnebook.core.power_claims import Claimed, ClaimKind, PowerClaimRefusal

EARLIER = {"GEC:0001": Claimed("PC-000001", ClaimKind.CREDIT, 2026)}


@pytest.mark.parametrize(
    ("proofs", "quantity", "code"),
    [
        ([], "1", PowerClaimRefusal.NOTHING_CLAIMED),
        (["GEC:0002"], "0", PowerClaimRefusal.NOTHING_CLAIMED),
        ([f"GEC:{number:05d}" for number in range(1001)], "1", PowerClaimRefusal.NOTHING_CLAIMED),
        (["certificate 7"], "1", PowerClaimRefusal.PROOF_WRONG),
        (["METER:M-1:2026-02-30T10"], "1", PowerClaimRefusal.PROOF_WRONG),
        (["GEC:0002", "GEC:0002"], "1", PowerClaimRefusal.CLAIMED_TWICE),
        (["GEC:0002", "GEC:0001"], "1", PowerClaimRefusal.CLAIMED_ALREADY),
    ],
)
def test_what_cannot_be_claimed_is_refused(proofs: list[str], quantity: str, code: PowerClaimRefusal) -> None:
    with pytest.raises(Refused) as caught:
        power_claims.check_claim(proofs, Decimal(quantity), EARLIER)
    assert caught.value.code is code


def test_the_refusal_names_the_first_claim_and_what_it_was_for() -> None:
    with pytest.raises(Refused) as caught:
        power_claims.check_claim(["GEC:0001"], Decimal(1), EARLIER)
    assert "a credit already (PC-000001, 2026)" in caught.value.en


def test_certificates_and_metered_hours_may_be_claimed_together() -> None:
    power_claims.check_claim(["GEC:0002", "METER:M-1:2026-03-02T14"], Decimal("1.5"), EARLIER)
