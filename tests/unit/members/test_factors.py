"""Second factors: enrolled with the password, used once, locked after guessing, and asked for what is signed."""

from datetime import timedelta

import pytest
from tests.signing import WALL, code, enrolled, make_real, signed
from tests.unit.members.cast import NOW, PAYLOAD

from tonnebook.core.errors import Refused
from tonnebook.core.roles import SIGNATURE_LIFETIME, SIGNED_ACTS, AccessRefusal, Act, Actor, Unsigned
from tonnebook.core.second_factor import FAILURES_MAX, LOCKED_FOR, FactorKind, FactorRefusal
from tonnebook.journal.models import JournalLeaf
from tonnebook.members import queries
from tonnebook.members import services as members
from tonnebook.members.models import FactorTrials
from tonnebook.members.services import factors

PASSWORD = "a long password"


def refusal(service: object, *args: object, **kwargs: object) -> object:
    with pytest.raises(Refused) as refused:
        service(*args, **kwargs)  # type: ignore[operator]
    return refused.value.code


def test_codes_are_enrolled_with_the_password_and_the_first_code(cast: dict[str, Actor]) -> None:
    secret = factors.new_code_secret()
    ask = {"secret": secret, "at": WALL, "now": NOW}
    right = code(secret, at=WALL)
    assert refusal(factors.enrol_codes, cast["zhou"], code=right, password="x", **ask) is FactorRefusal.PASSWORD_WRONG
    wrong = code(secret, at=WALL + timedelta(hours=1))
    assert (
        refusal(factors.enrol_codes, cast["zhou"], code=wrong, password=PASSWORD, **ask) is FactorRefusal.FACTOR_WRONG
    )
    assert not queries.has_factor(cast["zhou"].person)
    factors.enrol_codes(cast["zhou"], code=right, password=PASSWORD, **ask)  # type: ignore[arg-type]
    assert [row.kind for row in queries.factors(cast["zhou"].person)] == [FactorKind.CODE]
    again = signed(cast["zhou"], NOW)
    assert refusal(factors.enrol_codes, again, code=right, password=PASSWORD, **ask) is FactorRefusal.FACTOR_ENROLLED


def test_the_secret_is_stored_encrypted(cast: dict[str, Actor]) -> None:
    from allauth.mfa.models import Authenticator

    secret = enrolled(cast["zhou"], password=PASSWORD, now=NOW)
    stored = Authenticator.objects.get().data["secret"]
    assert secret not in stored
    assert factors.Adapter().decrypt(stored) == secret


def test_a_code_counts_once_and_none_before_it_counts_any_more(cast: dict[str, Actor]) -> None:
    secret, zhou = enrolled(cast["zhou"], password=PASSWORD, now=NOW), cast["zhou"]
    # The code of the enrolment is used up already.
    assert refusal(factors.prove_code, zhou, code=code(secret, at=WALL), at=WALL) is FactorRefusal.FACTOR_WRONG
    later = WALL + timedelta(minutes=2)
    factors.prove_code(zhou, code=code(secret, at=later), at=later)
    for steps in (0, -1):
        old = code(secret, at=later, later_steps=steps)
        assert refusal(factors.prove_code, zhou, code=old, at=later) is FactorRefusal.FACTOR_WRONG
    factors.prove_code(zhou, code=code(secret, at=later, later_steps=1), at=later)


def test_guessing_locks_and_even_the_right_code_waits(cast: dict[str, Actor]) -> None:
    secret, zhou = enrolled(cast["zhou"], password=PASSWORD, now=NOW), cast["zhou"]
    later = WALL + timedelta(minutes=2)
    far = code(secret, at=WALL + timedelta(days=9))
    for _ in range(FAILURES_MAX):
        assert refusal(factors.prove_code, zhou, code=far, at=later) is FactorRefusal.FACTOR_WRONG
    right = code(secret, at=later)
    assert refusal(factors.prove_code, zhou, code=right, at=later) is FactorRefusal.FACTOR_LOCKED
    open_again = later + LOCKED_FOR
    factors.prove_code(zhou, code=code(secret, at=open_again), at=open_again)
    assert FactorTrials.objects.get().failures == 0


def test_a_recovery_code_replaces_the_factor_once(cast: dict[str, Actor]) -> None:
    enrolled(cast["zhou"], password=PASSWORD, now=NOW)
    assert refusal(factors.draw_recovery_codes, cast["zhou"], now=NOW) is AccessRefusal.SECOND_FACTOR_NEEDED
    first, *_ = factors.draw_recovery_codes(signed(cast["zhou"], NOW), now=NOW)
    factors.prove_code(cast["zhou"], code=first, at=WALL)
    assert refusal(factors.prove_code, cast["zhou"], code=first, at=WALL) is FactorRefusal.FACTOR_WRONG


def test_new_recovery_codes_make_the_old_ones_worthless(cast: dict[str, Actor]) -> None:
    enrolled(cast["zhou"], password=PASSWORD, now=NOW)
    first, *_ = factors.draw_recovery_codes(signed(cast["zhou"], NOW), now=NOW)
    assert first not in factors.draw_recovery_codes(signed(cast["zhou"], NOW), now=NOW)
    assert refusal(factors.prove_code, cast["zhou"], code=first, at=WALL) is FactorRefusal.FACTOR_WRONG


def test_removing_a_factor_is_signed_and_leaves_a_leaf(cast: dict[str, Actor]) -> None:
    enrolled(cast["zhou"], password=PASSWORD, now=NOW)
    (row,) = queries.factors(cast["zhou"].person)
    assert refusal(factors.remove, cast["zhou"], factor=row.place, now=NOW) is AccessRefusal.SECOND_FACTOR_NEEDED
    # Somebody else's factor is not there for Chen.
    factors.remove(signed(cast["chen"], NOW), factor=row.place, now=NOW)
    assert queries.has_factor(cast["zhou"].person)
    factors.draw_recovery_codes(signed(cast["zhou"], NOW), now=NOW)
    factors.remove(signed(cast["zhou"], NOW), factor=row.place, now=NOW)
    assert queries.factors(cast["zhou"].person) == ()
    kinds = JournalLeaf.objects.filter(kind__startswith="members.factor.").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["members.factor.enrolled", "members.factor.enrolled", "members.factor.removed"]


def test_proposing_and_approving_are_signed_on_real_data(cast: dict[str, Actor]) -> None:
    make_real()
    zhou, chen = cast["zhou"], cast["chen"]
    ask = {"kind": "compliance.cover", "payload": PAYLOAD, "now": NOW}
    with pytest.raises(Unsigned) as unsigned:
        members.propose(zhou, key="propose", **ask)  # type: ignore[arg-type]
    assert unsigned.value.ask is not None
    assert (unsigned.value.ask.kind, unsigned.value.ask.payload) == ("compliance.cover", PAYLOAD)
    # The same key goes through once it is signed: want of a signature is no answer to keep.
    proposed = members.propose(signed(zhou, NOW), key="propose", **ask)  # type: ignore[arg-type]
    decision = {"approval": str(proposed["approval"]), "digest": str(proposed["digest"]), "now": NOW}
    assert refusal(members.approve, chen, key="approve", **decision) is AccessRefusal.SECOND_FACTOR_NEEDED
    members.approve(signed(chen, NOW), key="approve", **decision)  # type: ignore[arg-type]


@pytest.mark.parametrize("act", sorted(SIGNED_ACTS))
@pytest.mark.parametrize("age", [None, timedelta(seconds=-1), SIGNATURE_LIFETIME])
def test_a_proof_too_old_or_from_the_future_signs_nothing(
    cast: dict[str, Actor], act: Act, age: timedelta | None
) -> None:
    make_real()
    actor = cast["zhou"] if age is None else signed(cast["zhou"], NOW - age)
    assert refusal(members.require_signed, actor, act, now=NOW) is AccessRefusal.SECOND_FACTOR_NEEDED
    members.require_signed(signed(cast["zhou"], NOW), act, now=NOW)


def test_somebody_of_a_demo_counts_as_signed_until_a_factor_is_enrolled(cast: dict[str, Actor]) -> None:
    members.require_signed(cast["zhou"], Act.APPROVE, now=NOW)
    enrolled(cast["zhou"], password=PASSWORD, now=NOW)
    assert refusal(members.require_signed, cast["zhou"], Act.APPROVE, now=NOW) is AccessRefusal.SECOND_FACTOR_NEEDED
    members.require_signed(cast["chen"], Act.APPROVE, now=NOW)
