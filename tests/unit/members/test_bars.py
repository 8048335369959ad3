"""People and organisations named as barred, and lifted again."""

import pytest
from tests.unit.members.cast import AUTHORITY, NOW, STEEL, approved, bar_lifted

from tonnebook.core.approvals import ApprovalRefusal
from tonnebook.core.barred import BarRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.roles import AccessRefusal, Actor, MemberRefusal
from tonnebook.journal.models import JournalLeaf
from tonnebook.members import services as members


def test_a_named_person_or_organisation_must_not_trade_until_it_is_lifted(cast: dict[str, Actor]) -> None:
    steel = cast["steel"]
    members.require_may_trade(steel)
    for subject in (steel.person, STEEL):
        bar = {"subject": subject, "now": NOW}
        members.bar_from_trading(cast["chen"], ground="works for the exchange", key=f"bar-{subject}", **bar)  # type: ignore[arg-type]
        with pytest.raises(Refused) as refused:
            members.require_may_trade(steel)
        assert refused.value.code is BarRefusal.BARRED_BY_NAME
        bar_lifted(cast["zhou"], cast["chen"], subject)
        members.require_may_trade(steel)


def test_a_barred_organisation_and_a_barred_kind_get_no_account_to_trade_from(cast: dict[str, Actor]) -> None:
    members.require_may_hold([STEEL])
    members.bar_from_trading(cast["chen"], subject=STEEL, ground="sold to a verifier", key="bar", now=NOW)
    for organisation, code in ((STEEL, BarRefusal.BARRED_BY_NAME), (AUTHORITY, BarRefusal.BARRED_KIND)):
        with pytest.raises(Refused) as refused:
            members.require_may_hold([organisation])
        assert refused.value.code is code


def test_the_ground_is_sealed(cast: dict[str, Actor]) -> None:
    members.bar_from_trading(cast["chen"], subject=STEEL, ground="a private matter", key="bar", now=NOW)
    leaf = JournalLeaf.objects.get(kind="members.bar.placed")
    assert STEEL in leaf.payload
    assert "private" not in leaf.payload


@pytest.mark.parametrize(
    ("who", "subject", "code"),
    [
        ("steel", STEEL, AccessRefusal.NOT_PERMITTED),
        ("jin", STEEL, AccessRefusal.NOT_YOUR_REGION),
        ("chen", "P-000999-00", MemberRefusal.NO_SUCH_PERSON),
        ("chen", "91310000MA1FL0001R", MemberRefusal.NO_SUCH_ORGANISATION),
    ],
)
def test_only_a_registrar_of_the_region_names_somebody_known(
    cast: dict[str, Actor], who: str, subject: str, code: object
) -> None:
    with pytest.raises(Refused) as refused:
        members.bar_from_trading(cast[who], subject=subject, ground="x", key="bar", now=NOW)
    assert refused.value.code is code


def test_one_person_lifts_no_bar_and_nobody_elses_than_two_saw(cast: dict[str, Actor]) -> None:
    steel = cast["steel"]
    for subject in (STEEL, steel.person):
        members.bar_from_trading(cast["chen"], subject=subject, ground="x", key=f"bar-{subject}", now=NOW)
    seen = approved(cast["zhou"], cast["chen"], "members.lift_bar", {"region": "shanghai", "who": steel.person})
    for approval, code in (("AP-0", ApprovalRefusal.NO_SUCH_APPROVAL), (seen, ApprovalRefusal.DIGEST_DIFFERS)):
        told = {"region": "shanghai", "who": STEEL, "approval": approval, "key": f"lift-{approval}", "now": NOW}
        with pytest.raises(Refused) as refused:
            members.lift_bar(cast["chen"], **told)  # type: ignore[arg-type]
        assert refused.value.code is code
    with pytest.raises(Refused) as refused:
        members.require_may_trade(steel)
    assert refused.value.code is BarRefusal.BARRED_BY_NAME


def test_nobody_is_barred_twice_or_lifted_who_is_not(cast: dict[str, Actor]) -> None:
    with pytest.raises(Refused) as refused:
        bar_lifted(cast["zhou"], cast["chen"], STEEL)
    assert refused.value.code is BarRefusal.NOT_BARRED
    members.bar_from_trading(cast["chen"], subject=STEEL, ground="x", key="bar", now=NOW)
    with pytest.raises(Refused) as refused:
        members.bar_from_trading(cast["chen"], subject=STEEL, ground="x", key="bar-2", now=NOW)
    assert refused.value.code is BarRefusal.ALREADY_BARRED
    with pytest.raises(Refused) as refused:
        members.check_lift(cast["jin"], STEEL)
    assert refused.value.code is AccessRefusal.NOT_YOUR_REGION
