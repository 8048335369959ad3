"""Seals: only by the organisation's own key, over that digest alone, with a stamped scan of the same beside it."""

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID
from tests.unit.members.cast import AUTHORITY, NOW, STEEL, approved, seal_key_entered

from tonnebook.core import seals as core
from tonnebook.core.approvals import ApprovalRefusal
from tonnebook.core.errors import Refused
from tonnebook.core.roles import AccessRefusal, Actor, Role
from tonnebook.core.seals import SealKind, SealRefusal
from tonnebook.core.uploads import DocumentPurpose, DocumentRefusal, UploadKind
from tonnebook.faces.uploads import Upload
from tonnebook.members import queries
from tonnebook.members import services as members
from tonnebook.members.services import seals

DIGEST = hashlib.sha256(b"the report").hexdigest()
PRIVATE = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def pem_of(private: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return private.public_key().public_bytes(*form).decode()


def signature(digest: str = DIGEST, private: ed25519.Ed25519PrivateKey = PRIVATE) -> str:
    return base64.b64encode(private.sign(core.message(digest))).decode()


def certificate(private: ec.EllipticCurvePrivateKey) -> str:
    """A certificate of a year, as an authority for certificates would issue it."""
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Red River Steel")])
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
    built = built.serial_number(7).not_valid_before(NOW).not_valid_after(NOW + timedelta(days=365))
    return built.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def refusal(service: object, *args: object, **kwargs: object) -> object:
    with pytest.raises(Refused) as refused:
        service(*args, **kwargs)  # type: ignore[operator]
    return refused.value.code


@pytest.fixture
def sealed_cast(cast: dict[str, Actor]) -> dict[str, Actor]:
    seal_key_entered(cast["chen"], cast["zhou"], STEEL, pem_of(PRIVATE))
    return cast


def test_a_seal_by_the_organisations_key_is_kept(sealed_cast: dict[str, Actor]) -> None:
    seals.seal(sealed_cast["steel"], digest=DIGEST, signature=signature(), key="seal-0001", now=NOW)
    (row,) = queries.seals(DIGEST)
    assert (row.organisation, row.kind, row.person) == (STEEL, SealKind.ELECTRONIC, sealed_cast["steel"].person)


def test_a_seal_by_another_key_or_over_another_digest_is_refused(sealed_cast: dict[str, Actor]) -> None:
    other_key = signature(private=ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)))
    other_digest = signature(hashlib.sha256(b"another report").hexdigest())
    for count, wrong in enumerate((other_key, other_digest, "no base64!", "")):
        ask = {"digest": DIGEST, "signature": wrong, "key": f"seal-{count:04d}", "now": NOW}
        assert refusal(seals.seal, sealed_cast["steel"], **ask) is SealRefusal.SEAL_WRONG
    assert queries.seals(DIGEST) == ()


def test_a_certificate_seals_as_long_as_it_is_valid(cast: dict[str, Actor]) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    seal_key_entered(cast["chen"], cast["zhou"], STEEL, certificate(private))
    right = base64.b64encode(private.sign(core.message(DIGEST), ec.ECDSA(hashes.SHA256()))).decode()
    late = NOW + timedelta(days=365)
    ask = {"digest": DIGEST, "signature": right}
    assert refusal(seals.seal, cast["steel"], key="seal-late", now=late, **ask) is SealRefusal.NO_SEAL_KEY
    seals.seal(cast["steel"], key="seal-0001", now=late - timedelta(seconds=1), **ask)


@pytest.mark.parametrize("pem", ["", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----", "RSA"])
def test_a_key_we_cannot_check_with_is_not_entered(cast: dict[str, Actor], pem: str) -> None:
    if pem == "RSA":
        pem = pem_of(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    with pytest.raises(Refused) as refused:
        seal_key_entered(cast["chen"], cast["zhou"], STEEL, pem)
    assert refused.value.code is SealRefusal.KEY_UNREADABLE


def test_one_person_enters_no_key_and_nobody_another_than_two_saw(cast: dict[str, Actor]) -> None:
    told = {"region": "shanghai", "organisation": STEEL, "pem": pem_of(PRIVATE)}
    ask = {**told, "approval": "AP-0", "key": "key-00002", "now": NOW}
    assert refusal(seals.enter_seal_key, cast["steel"], **ask) is AccessRefusal.NOT_PERMITTED
    assert refusal(seals.enter_seal_key, cast["chen"], **ask) is ApprovalRefusal.NO_SUCH_APPROVAL
    seen = approved(cast["chen"], cast["zhou"], "members.enter_seal_key", told)
    swapped = {**ask, "approval": seen, "pem": pem_of(ed25519.Ed25519PrivateKey.generate()), "key": "key-00003"}
    assert refusal(seals.enter_seal_key, cast["chen"], **swapped) is ApprovalRefusal.DIGEST_DIFFERS


def test_only_who_stands_for_the_organisation_seals(sealed_cast: dict[str, Actor]) -> None:
    sealing = {"digest": DIGEST, "signature": signature(), "key": "seal-0001", "now": NOW}
    trader = replace(sealed_cast["steel"], roles=frozenset({Role.TRADER}))
    assert refusal(seals.seal, trader, **sealing) is AccessRefusal.NOT_PERMITTED
    assert refusal(seals.seal, sealed_cast["zhou"], **sealing) is SealRefusal.NO_SEAL_KEY


def test_what_is_no_digest_is_not_sealed(sealed_cast: dict[str, Actor]) -> None:
    for count, wrong in enumerate(("", "00", DIGEST.upper(), DIGEST + "0")):
        ask = {"digest": wrong, "signature": signature(), "key": f"seal-{count:04d}", "now": NOW}
        assert refusal(seals.seal, sealed_cast["steel"], **ask) is SealRefusal.NOT_A_DIGEST


def test_the_stamped_print_stands_beside_the_seal_under_the_same_digest(sealed_cast: dict[str, Actor]) -> None:
    steel, content = sealed_cast["steel"], b"%PDF-1.7 a scan"
    scan = Upload("scan.pdf", UploadKind.PDF, hashlib.sha256(content).hexdigest(), len(content), content)
    kept = members.keep_document(
        steel, organisation=STEEL, upload=scan, purpose=DocumentPurpose.EVIDENCE, key="scan-0001", now=NOW
    )
    seals.seal(steel, digest=DIGEST, signature=signature(), key="seal-0001", now=NOW)
    seals.seal_on_paper(steel, digest=DIGEST, document=str(kept["document"]), key="paper-0001", now=NOW)
    assert [row.kind for row in queries.seals(DIGEST)] == [SealKind.ELECTRONIC, SealKind.PAPER]
    ask = {"digest": DIGEST, "document": "D-000999-00", "key": "paper-0002", "now": NOW}
    assert refusal(seals.seal_on_paper, steel, **ask) in set(DocumentRefusal)
    assert AUTHORITY not in {row.organisation for row in queries.seals(DIGEST)}
