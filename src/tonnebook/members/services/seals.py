"""Seal submissions: by an electronic seal that is checked, or by the scan of the stamped print with the same digest."""

import base64
import binascii
from dataclasses import asdict
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from django.db.models import Q, QuerySet

from tonnebook.core import seals
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.core.seals import SealKind, SealRefusal
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries
from tonnebook.members.models import Organisation, Seal, SealKey
from tonnebook.members.services import sm2_seals
from tonnebook.members.services.documents import require_documents
from tonnebook.members.services.people import require, use_approval


@journal.command("members.enter_seal_key")
def enter_seal_key(
    actor: Actor, *, region: str, organisation: str, pem: str, approval: str, key: str, now: datetime
) -> Answer:
    """Enter, by two people, the key with which an organisation's seals are checked; a certificate brings its own days.

    Whoever could do this alone could seal in the name of anybody.

    Args:
        actor: officer or registrar of the organisation's region.
        region: region code.
        organisation: whose (unified social credit code).
        pem: X.509 certificate or public key, Ed25519, ECDSA P-256 or SM2, as PEM.
        approval: number of the approval of exactly these arguments.
        key: idempotency key.
        now: when.

    Returns:
        {"organisation": code}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, NO_SUCH_ORGANISATION; what `members.use_approval` refuses;
            KEY_UNREADABLE.

    Source: design choice, no legal source (feature O19, invariant A13); that the certificate is this organisation's is
        for both to see.
    """
    del key
    require(actor, Act.REGISTER, organisation=organisation)
    told = {"region": region, "organisation": organisation, "pem": pem}
    people = use_approval(approval, kind="members.enter_seal_key", payload=told, now=now)
    public_key, valid_from, valid_until = read_key(pem, now=now)
    SealKey.objects.create(
        organisation=Organisation.objects.get(uscc=organisation),
        public_key=public_key,
        valid_from=valid_from,
        valid_until=valid_until,
    )
    facts = {"organisation": organisation, "public_key": public_key, **asdict(people)}
    journal.append(Entry("members.seal_key.entered", facts), now=now)
    return {"organisation": organisation}


@journal.command("members.withdraw_seal_key")
def withdraw_seal_key(actor: Actor, *, organisation: str, fingerprint: str, key: str, now: datetime) -> Answer:
    """End a key for seals: from now on no seal is taken with it; what was sealed before stays checkable.

    Args:
        actor: officer or registrar of the organisation's region.
        organisation: whose (unified social credit code).
        fingerprint: of the key, as `queries.fingerprint` gives it.
        key: idempotency key.
        now: when.

    Returns:
        {"organisation": code}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, NO_SUCH_ORGANISATION; NO_SEAL_KEY when none with that fingerprint is
            valid now.

    Source: design choice, no legal source (feature O19).
    """
    del key
    require(actor, Act.REGISTER, organisation=organisation)
    rows = [row for row in _valid(organisation, now) if queries.fingerprint(row.public_key) == fingerprint]
    if not rows:
        raise Refused(SealRefusal.NO_SEAL_KEY, organisation=organisation)
    for row in rows:
        row.valid_until = now
        row.save(update_fields=["valid_until"])
    facts = {"organisation": organisation, "fingerprint": fingerprint, "by": actor.person}
    journal.append(Entry("members.seal_key.withdrawn", facts), now=now)
    return {"organisation": organisation}


@journal.command("members.seal")
def seal(actor: Actor, *, digest: str, signature: str, file_sm3: str = "", key: str, now: datetime) -> Answer:
    """Put the electronic seal of one's organisation under a submission.

    Args:
        actor: representative of the organisation; of a public body, an officer or registrar.
        digest: of the submission, 64 hexadecimal digits.
        signature: over `core.seals.message(digest)`, Base64; ECDSA with SHA-256 and SM2 with SM3 in DER form. Or an
            electronic seal of GB/T 38540 over `file_sm3`, in DER.
        file_sm3: SM3 of the description of its OFD file, where there is one.
        key: idempotency key.
        now: when.

    Returns:
        {"digest": digest, "receipt": leaf hash, "public_key": the one it fits, PEM, "is_put": whether it is a seal of
        GB/T 38540}.

    Raises:
        Refused: NOT_PERMITTED; NOT_A_DIGEST; NO_SEAL_KEY; SEAL_OF_ANOTHER; SEAL_EXPIRED; SEAL_WRONG.

    Source: design choice, no legal source (feature O19).
    """
    del key
    require(actor, Act.SEAL, organisation=actor.organisation)
    seals.message(digest)
    rows = _valid(actor.organisation, now)
    if not rows:
        raise Refused(SealRefusal.NO_SEAL_KEY, organisation=actor.organisation)
    keys = [row.public_key for row in rows]
    put = sm2_seals.read(_raw(signature))
    if put is not None:
        fitting = [sm2_seals.check(put, file_sm3=file_sm3, public_keys=keys, now=now)]
    else:
        fitting = [one for one in keys if is_seal_of(digest, public_key=one, signature=signature)]
    if not fitting:
        raise Refused(SealRefusal.SEAL_WRONG, digest=digest)
    placed = _keep(actor, SealKind.ELECTRONIC, digest, now, signature=signature)
    return {**placed, "public_key": fitting[0], "is_put": put is not None}


@journal.command("members.seal_on_paper")
def seal_on_paper(actor: Actor, *, digest: str, document: str, key: str, now: datetime) -> Answer:
    """Put the scan of a stamped print under a submission; the print carries the same digest.

    Args:
        actor: representative of the organisation; of a public body, an officer or registrar.
        digest: of the submission, as the print shows it.
        document: number of the scan among the organisation's documents.
        key: idempotency key.
        now: when.

    Returns:
        {"digest": digest, "receipt": leaf hash}.

    Raises:
        Refused: NOT_PERMITTED; NOT_A_DIGEST; what `members.require_documents` refuses.

    Source: design choice, no legal source (feature O19).
    """
    del key
    require(actor, Act.SEAL, organisation=actor.organisation)
    seals.message(digest)
    require_documents(actor.organisation, [document])
    return _keep(actor, SealKind.PAPER, digest, now, document=document)


def is_put(signature: str, *, public_key: str, file_sm3: str, at: datetime) -> bool:
    """Say whether an electronic seal of GB/T 38540 is over a file, by a key, and was in its time.

    Args:
        signature: the seal in DER, Base64.
        public_key: as PEM.
        file_sm3: SM3 of the description of the file, 64 hexadecimal digits.
        at: when it was taken.

    Source: design choice, no legal source (feature O19).
    """
    put = sm2_seals.read(_raw(signature))
    try:
        return put is not None and bool(sm2_seals.check(put, file_sm3=file_sm3, public_keys=[public_key], now=at))
    except Refused:
        return False


def read_key(pem: str, *, now: datetime) -> tuple[str, datetime, datetime | None]:
    """Read a public key or a certificate.

    Args:
        pem: as it was handed in.
        now: from when on a key without a certificate counts.

    Returns:
        The key as PEM, and from when until when it counts; without an end where nothing says one.

    Raises:
        Refused: KEY_UNREADABLE when it is neither, or of a kind we cannot check with.

    Source: design choice, no legal source (feature O19).
    """
    public: object
    point = sm2_seals.point_of(pem)
    if point is not None:
        return sm2_seals.pem_of(point), now, None
    days: tuple[datetime, datetime | None] = (now, None)
    try:
        if "BEGIN CERTIFICATE" in pem:
            certificate = x509.load_pem_x509_certificate(pem.encode())
            days = certificate.not_valid_before_utc, certificate.not_valid_after_utc
            point = sm2_seals.point_in(certificate)
            if point is not None:
                return sm2_seals.pem_of(point), *days
            public = certificate.public_key()
        else:
            public = serialization.load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise Refused(SealRefusal.KEY_UNREADABLE) from None
    if not isinstance(public, ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
        raise Refused(SealRefusal.KEY_UNREADABLE)
    if isinstance(public, ec.EllipticCurvePublicKey) and not isinstance(public.curve, ec.SECP256R1):
        raise Refused(SealRefusal.KEY_UNREADABLE)
    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(*form).decode(), *days


def is_seal_of(digest: str, *, public_key: str, signature: str) -> bool:
    """Say whether a signature is a seal of a digest by a key.

    Args:
        digest: of what was sealed, 64 hexadecimal digits.
        public_key: as PEM.
        signature: Base64.

    Raises:
        Refused: NOT_A_DIGEST.

    Source: design choice, no legal source (feature O19).
    """
    signed, raw = seals.message(digest), _raw(signature)
    point = sm2_seals.point_of(public_key)
    if point is not None:
        return sm2_seals.is_signed(point, signed, raw)
    public = serialization.load_pem_public_key(public_key.encode())
    try:
        if isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(raw, signed, ec.ECDSA(hashes.SHA256()))
        elif isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(raw, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


# What is not in Base64 is no signature of anything.
def _raw(signature: str) -> bytes:
    try:
        return base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _valid(organisation: str, now: datetime) -> QuerySet[SealKey]:
    in_time = Q(valid_from__lte=now) & (Q(valid_until=None) | Q(valid_until__gt=now))
    return SealKey.objects.filter(in_time, organisation__uscc=organisation)


def _keep(
    actor: Actor, kind: SealKind, digest: str, now: datetime, *, signature: str = "", document: str = ""
) -> Answer:
    Seal.objects.create(
        organisation=Organisation.objects.get(uscc=actor.organisation),
        digest=digest,
        kind=kind.value,
        signature=signature,
        document=document,
        person=actor.person,
        sealed_at=now,
    )
    facts = {"organisation": actor.organisation, "digest": digest, "seal": kind.value, "by": actor.person}
    facts |= {"signature": signature, "document": document}
    return {"digest": digest, "receipt": journal.append(Entry("members.seal.placed", facts), now=now)}
