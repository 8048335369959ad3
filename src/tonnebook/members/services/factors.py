"""Second factors of people: enrol, prove, remove.

Rows, secrets and the arithmetic of codes and passkeys are django-allauth's. What is added here: secrets are stored
encrypted, a code is used once whatever process looks at it, wrong ones are counted and lock, and each change leaves a
leaf. Instants named `at` are those of the wall, for a telephone knows nothing of the clock of a demo.
"""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from tonnebook.core import roles, second_factor
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.core.second_factor import FactorKind, FactorRefusal, Trials
from tonnebook.journal import services as journal
from tonnebook.journal.services import Entry
from tonnebook.members import queries
from tonnebook.members.models import FactorTrials, Person
from tonnebook.members.services import vault

_CODE_DIGITS = 6
_ABOUT = "tonnebook second factors"


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps the secrets of second factors encrypted, under a key derived from the secret key."""

    def encrypt(self, text: str) -> str:
        """Encrypt a secret before it is stored."""
        return vault.shut(text, _ABOUT)

    def decrypt(self, encrypted_text: str) -> str:
        """Give a stored secret back."""
        return vault.opened(encrypted_text, _ABOUT)


class ClosedAccounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Lets nobody register themselves: a registrar registers people."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Say that it never is."""
        del request
        return False


def new_code_secret() -> str:
    """Draw the secret of a new generator of codes, in Base32."""
    return cast(str, totp.generate_totp_secret())


def code_address(actor: Actor, secret: str) -> str:
    """Give the `otpauth:` address that an authenticator app reads from the picture."""
    return cast(str, Adapter().build_totp_url(_person(actor), secret))


def enrol_codes(actor: Actor, *, secret: str, code: str, password: str, at: datetime, now: datetime) -> None:
    """Enrol a generator of one-time codes; the first code shows that it works.

    Args:
        actor: whose.
        secret: as drawn by `new_code_secret`.
        code: what the generator shows.
        password: of the person.
        at: on the wall.
        now: when, for the log.

    Raises:
        Refused: PASSWORD_WRONG; SECOND_FACTOR_NEEDED when another factor exists and was not just proved;
            FACTOR_ENROLLED; FACTOR_WRONG when the code is not the generator's.

    Source: RFC 6238; the rest is a design choice.
    """
    person = _may_change(actor, password, now=now)
    with transaction.atomic():
        trials = _trials(person)
        if Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists():
            raise Refused(FactorRefusal.FACTOR_ENROLLED)
        step = _matching_step(secret, code, second_factor.usable_steps(Trials(), at=at))
        if step is None:
            raise Refused(FactorRefusal.FACTOR_WRONG)
        totp.TOTP.activate(person, secret)
        trials.step_used = step
        trials.save(update_fields=["step_used"])
        _log("enrolled", actor, FactorKind.CODE, now)


def begin_passkey(actor: Actor) -> str:
    """Start enrolling a passkey: what the browser is to be asked, as JSON; the challenge stays in the session."""
    return _as_json(webauthn.begin_registration(_person(actor), passwordless=False))


def enrol_passkey(actor: Actor, *, name: str, credential: str, password: str, now: datetime) -> None:
    """Enrol a passkey with what the browser answered.

    Args:
        actor: whose.
        name: what the person calls it.
        credential: the browser's answer, JSON.
        password: of the person.
        now: when.

    Raises:
        Refused: PASSWORD_WRONG; SECOND_FACTOR_NEEDED when another factor exists and was not just proved; FACTOR_WRONG
            when the answer is not to our challenge.

    Source: design choice, no legal source (WebAuthn level 2).
    """
    person = _may_change(actor, password, now=now)
    answer = _answer(credential)
    try:
        webauthn.complete_registration(answer)
    except (ValidationError, ValueError, TypeError, KeyError):
        raise Refused(FactorRefusal.FACTOR_WRONG) from None
    with transaction.atomic():
        webauthn.WebAuthn.add(person, name[:60], answer)
        _log("enrolled", actor, FactorKind.PASSKEY, now)


def draw_recovery_codes(actor: Actor, *, now: datetime) -> tuple[str, ...]:
    """Draw new recovery codes, each good for one proof; the old ones are worth nothing from then on.

    Raises:
        Refused: SECOND_FACTOR_NEEDED when the factor was not just proved.

    Source: design choice, no legal source.
    """
    roles.check_signed(actor, Act.CHANGE_SIGN_IN, now=now)
    person = _person(actor)
    with transaction.atomic():
        Authenticator.objects.filter(user=person, type=Authenticator.Type.RECOVERY_CODES).delete()
        codes = RecoveryCodes.activate(person).generate_codes()
        _log("enrolled", actor, FactorKind.RECOVERY, now)
    return tuple(codes)


def remove(actor: Actor, *, factor: int, now: datetime) -> None:
    """Remove a factor; with the last one the recovery codes go.

    Args:
        actor: whose.
        factor: its place in `queries.factors`.
        now: when.

    Raises:
        Refused: SECOND_FACTOR_NEEDED when the factor was not just proved.

    Source: design choice, no legal source.
    """
    roles.check_signed(actor, Act.CHANGE_SIGN_IN, now=now)
    own = Authenticator.objects.filter(user=_person(actor))
    with transaction.atomic():
        row = own.filter(pk=factor).first()
        if row is None:
            return
        kind = queries.FACTOR_KINDS[row.type]
        row.delete()
        _log("removed", actor, kind, now)
        if not own.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
            own.delete()


def prove_code(actor: Actor, *, code: str, at: datetime) -> None:
    """Prove the second factor by a one-time code or a recovery code; wrong ones are counted even so.

    Args:
        actor: whose.
        code: as typed; six digits, or a recovery code.
        at: on the wall.

    Raises:
        Refused: FACTOR_LOCKED after too many wrong ones; FACTOR_WRONG when it is wrong or was used before.

    Source: RFC 6238; single use and lock: design choice, no legal source (invariant E10).
    """
    person, typed = _person(actor), "".join(code.split())
    with transaction.atomic():
        trials = _trials(person)
        second_factor.check_trials(_plain(trials), at=at)
        is_right = _use_step(trials, typed, at) if len(typed) == _CODE_DIGITS else _use_recovery(person, typed)
        _count(trials, at=at, is_right=is_right)
    # Raised after the commit: a wrong attempt that were undone would be free.
    if not is_right:
        raise Refused(FactorRefusal.FACTOR_WRONG)


def begin_proof(actor: Actor) -> str:
    """Start a proof by passkey: what the browser is to be asked, as JSON; empty when there is no passkey."""
    person = _person(actor)
    if not Authenticator.objects.filter(user=person, type=Authenticator.Type.WEBAUTHN).exists():
        return ""
    return _as_json(webauthn.begin_authentication(person))


def prove_passkey(actor: Actor, *, credential: str, at: datetime) -> None:
    """Prove the second factor by what the browser answered; each challenge is answered once.

    Args:
        actor: whose.
        credential: the browser's answer, JSON.
        at: on the wall.

    Raises:
        Refused: FACTOR_LOCKED after too many wrong ones; FACTOR_WRONG when it is no answer to the last challenge.

    Source: design choice, no legal source (WebAuthn level 2; invariant E10).
    """
    person = _person(actor)
    with transaction.atomic():
        trials = _trials(person)
        second_factor.check_trials(_plain(trials), at=at)
        is_right = _is_answered(person, credential)
        _count(trials, at=at, is_right=is_right)
    if not is_right:
        raise Refused(FactorRefusal.FACTOR_WRONG)


def _is_answered(person: Person, credential: str) -> bool:
    try:
        webauthn.complete_authentication(person, _answer(credential)).record_usage()
    except (ValidationError, ValueError, TypeError, KeyError):
        return False
    finally:
        webauthn.clear_state()
    return True


def _person(actor: Actor) -> Person:
    return Person.objects.get(number=actor.person)


def _trials(person: Person) -> FactorTrials:
    FactorTrials.objects.get_or_create(person=person)
    return FactorTrials.objects.select_for_update().get(person=person)


def _plain(row: FactorTrials) -> Trials:
    return Trials(row.step_used, row.failures, row.locked_until)


# Whoever has no factor yet shows the password; whoever has one proves that as well.
def _may_change(actor: Actor, password: str, *, now: datetime) -> Person:
    person = _person(actor)
    if person.has_usable_password() and not person.check_password(password):
        raise Refused(FactorRefusal.PASSWORD_WRONG)
    if queries.has_factor(actor.person):
        roles.check_signed(actor, Act.CHANGE_SIGN_IN, now=now)
    return person


def _matching_step(secret: str, code: str, steps: range) -> int | None:
    found = None
    for step in steps:
        if constant_time_compare(totp.format_hotp_value(totp.hotp_value(secret, step)), code):
            found = step
    return found


def _use_step(trials: FactorTrials, code: str, at: datetime) -> bool:
    row = Authenticator.objects.filter(user_id=trials.person_id, type=Authenticator.Type.TOTP).first()
    if row is None:
        return False
    secret = Adapter().decrypt(row.data["secret"])
    step = _matching_step(secret, code, second_factor.usable_steps(_plain(trials), at=at))
    if step is None:
        return False
    trials.step_used = step
    row.record_usage()
    return True


def _use_recovery(person: Person, code: str) -> bool:
    row = Authenticator.objects.filter(user=person, type=Authenticator.Type.RECOVERY_CODES).first()
    return row is not None and bool(RecoveryCodes(row).validate_code(code))


def _count(row: FactorTrials, *, at: datetime, is_right: bool) -> None:
    after = Trials(row.step_used) if is_right else second_factor.after_failure(_plain(row), at=at)
    row.failures, row.locked_until = after.failures, after.locked_until
    row.save(update_fields=["step_used", "failures", "locked_until"])


def _answer(credential: str) -> dict[str, Any]:
    try:
        answer = json.loads(credential)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise Refused(FactorRefusal.FACTOR_WRONG)
    return answer


def _as_json(options: Mapping[str, object]) -> str:
    return json.dumps(options, default=_bytes_as_text)


def _bytes_as_text(value: object) -> object:
    if isinstance(value, bytes):
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
    return dict(cast(Mapping[str, object], value))


def _log(step: str, actor: Actor, kind: FactorKind, now: datetime) -> None:
    facts = {"person": actor.person, "factor": kind.value}
    journal.append(Entry(f"members.factor.{step}", facts), now=now)
