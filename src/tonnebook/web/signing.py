"""Signing in the browser: the proof of a second factor that came with a form, and what the page of signing shows.

Any form may carry a proof beside its own fields. A service that finds none refuses with what is to be signed; the page
of signing shows that in words and sends the same form once more, with the proof.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.http import HttpRequest

from tonnebook.core import canonical
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Actor, Unsigned
from tonnebook.faces import problem
from tonnebook.faces.requests import Request
from tonnebook.members import queries as members
from tonnebook.members.services import factors
from tonnebook.web import sessions, wording

SIGNED_AT_KEY = "signed_at"
CODE_FIELD = "second_factor"
PASSKEY_FIELD = "passkey"
_NOT_REPEATED = frozenset({"csrfmiddlewaretoken", CODE_FIELD, PASSKEY_FIELD})


@dataclass(frozen=True, slots=True)
class Signature:
    """What the page of signing shows.

    Attributes:
        kind: the command, empty when only the second factor is asked for.
        facts: its arguments in words.
        digest: of command and arguments, empty without a command.
        fields: what the form carried, to be sent once more.
        address: where to.
        passkey: what the browser asks the passkey, JSON; empty when the person has none.
        has_factor: whether the person has any factor at all.
        is_repeatable: whether the form can be sent once more as it was; files cannot.
        error: why the proof that came was not accepted.
    """

    kind: str
    facts: tuple[wording.Fact, ...]
    digest: str
    fields: tuple[tuple[str, str], ...]
    address: str
    passkey: str
    has_factor: bool
    is_repeatable: bool
    error: str


def with_signature(request: HttpRequest, actor: Actor) -> Actor:
    """Give the actor with the instant of the last proof in this session."""
    signed_at = request.session.get(SIGNED_AT_KEY)
    return replace(actor, signed_at=datetime.fromisoformat(signed_at)) if signed_at else actor


def take_proof(request: Request) -> None:
    """Accept the proof a form carries, if it carries one; a wrong one is told on the page of signing."""
    code, passkey = request.POST.get(CODE_FIELD, ""), request.POST.get(PASSKEY_FIELD, "")
    if request.actor is None or not (code or passkey):
        return
    try:
        prove(request.actor, code=code, passkey=passkey)
    except Refused as refused:
        request.proof_error = problem.refused(refused).message
        return
    request.session[SIGNED_AT_KEY] = request.now.isoformat()
    request.actor = replace(request.actor, signed_at=request.now)


def prove(actor: Actor, *, code: str, passkey: str) -> None:
    """Prove a second factor by what a form carried: a passkey's answer, or else a code.

    Raises:
        Refused: what `factors.prove_passkey` and `factors.prove_code` refuse.
    """
    if passkey:
        factors.prove_passkey(actor, credential=passkey, at=sessions.wall())
    else:
        factors.prove_code(actor, code=code, at=sessions.wall())


def signature(request: Request, refused: Unsigned) -> Signature:
    """Describe what is to be signed, and the form that does it."""
    actor, ask = request.actor, refused.ask
    fields = [(name, value) for name, values in request.POST.lists() if name not in _NOT_REPEATED for value in values]
    has_factor = actor is not None and members.has_factor(actor.person)
    return Signature(
        kind=ask.kind if ask else "",
        facts=wording.told(ask.payload) if ask else (),
        digest=canonical.digest({"kind": ask.kind, "payload": ask.payload}) if ask else "",
        fields=tuple(fields),
        address=request.get_full_path(),
        passkey=factors.begin_proof(actor) if actor is not None and has_factor else "",
        has_factor=has_factor,
        is_repeatable=request.method == "POST" and not request.FILES,
        error=request.proof_error,
    )
