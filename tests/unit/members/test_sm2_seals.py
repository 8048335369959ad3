"""SM2 seals: keys, plain signatures, and electronic seals in the OFD file of a paper, each wrong one by its name."""

import base64
import io
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from defusedxml import ElementTree
from tests.unit.members.cast import AUTHORITY, NOW, seal_key_entered
from tests.unit.members.paper_desk import Desk

from tonnebook.core import seals as core
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Actor
from tonnebook.core.seals import SealRefusal
from tonnebook.faces import documents, ofd, ofd_seals
from tonnebook.journal import sm2
from tonnebook.members import queries
from tonnebook.members import services as members
from tonnebook.members.queries import PaperRow
from tonnebook.members.services import sm2_seals
from tonnebook.members.services.sm2_seals import (
    Header,
    Made,
    MadeSeal,
    Pair,
    Picture,
    Property,
    PutSeal,
    SealInfo,
    ToSign,
)
from tonnebook.portal import papers as checks

BODY, MAKER, STRANGER = (sm2.private_key(bytes([number]) * 32) for number in (1, 2, 3))
YEAR = timedelta(days=365)


def signed(private: int, message: bytes) -> bytes:
    """A signature in DER, as tools for SM2 give it."""
    raw = sm2.sign(private, message)
    return asn1.encode_der(Pair(r=int.from_bytes(raw[:32], "big"), s=int.from_bytes(raw[32:], "big")))


def certificate(private: int) -> x509.Certificate:
    """A certificate over an SM2 key: one over another curve, with the key exchanged; nobody looks at who issued it."""
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Bureau")])
    other = ec.generate_private_key(ec.SECP256R1())
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(other.public_key())
    built = built.serial_number(7).not_valid_before(NOW - YEAR).not_valid_after(NOW + YEAR)
    der = built.sign(other, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    key = base64.b64decode("".join(sm2_seals.pem_of(sm2.public_key(private)).splitlines()[1:-1]))
    return x509.load_der_x509_certificate(der.replace(other.public_key().public_bytes(*form), key))


@dataclass(frozen=True)
class Put:
    """What an electronic seal says; by itself a good one."""

    over: str
    by: int = BODY
    maker: int = MAKER
    first: datetime = NOW - YEAR
    last: datetime = NOW + YEAR
    at: datetime = NOW
    named: int = BODY

    def made(self) -> str:
        """The seal in Base64, as a program for seals gives it."""
        mine, makers = (certificate(one).public_bytes(serialization.Encoding.DER) for one in (self.by, self.maker))
        named = mine if self.named == self.by else certificate(self.named).public_bytes(serialization.Encoding.DER)
        times = [asn1.GeneralizedTime(one) for one in (self.first, self.first, self.last, self.at)]
        info = SealInfo(
            header=Header(id=asn1.IA5String("ES"), version=4, vendor=asn1.IA5String("test")),
            number=asn1.IA5String("31000000000001"),
            property=Property(
                type=1, name="市生态环境局", list_type=1, certificates=[named],
                made_at=times[0], valid_from=times[1], valid_until=times[2],
            ),
            picture=Picture(type=asn1.IA5String("ofd"), data=b"picture", width=42, height=42),
            extensions=None,
        )  # fmt: skip
        maker = Made(info=info, maker=makers, algorithm=sm2_seals.SM2_WITH_SM3)
        seal = MadeSeal(
            info=info, maker=makers, algorithm=sm2_seals.SM2_WITH_SM3,
            signature=asn1.BitString(signed(MAKER, asn1.encode_der(maker)), 0),
        )  # fmt: skip
        told = ToSign(
            version=4, seal=seal, put_at=times[3], data_hash=asn1.BitString(bytes.fromhex(self.over), 0),
            about=asn1.IA5String("/Doc_0/Signs/Sign_0/Signature.xml"), extensions=None,
        )  # fmt: skip
        put = PutSeal(
            signed=told, certificate=mine, algorithm=sm2_seals.SM2_WITH_SM3,
            signature=asn1.BitString(signed(self.by, asn1.encode_der(told)), 0), timestamp=None,
        )  # fmt: skip
        return base64.b64encode(asn1.encode_der(put)).decode()


@pytest.fixture
def desk(cast: dict[str, Actor]) -> Desk:
    opened = Desk(cast)
    pem = certificate(BODY).public_bytes(serialization.Encoding.PEM).decode()
    seal_key_entered(cast["chen"], cast["zhou"], AUTHORITY, pem)
    return opened


def issued(desk: Desk) -> PaperRow:
    return queries.paper(desk.issue()).row


def seal(desk: Desk, row: PaperRow, signature: str) -> None:
    members.seal_paper(desk.cast["chen"], paper=row.number, signature=signature, key=desk.key(), now=NOW)


def refusal(desk: Desk, row: PaperRow, signature: str) -> object:
    with pytest.raises(Refused) as refused:
        seal(desk, row, signature)
    return refused.value.code


def test_a_public_key_is_taken_as_pem_and_from_a_certificate() -> None:
    point = sm2.public_key(BODY)
    assert sm2_seals.point_of(sm2_seals.pem_of(point)) == point
    assert sm2_seals.point_in(certificate(BODY)) == point
    assert sm2_seals.point_of("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----") is None


def test_a_plain_signature_seals_a_paper_and_another_key_does_not(desk: Desk) -> None:
    row = issued(desk)
    message = core.message(row.digest)
    wrong = base64.b64encode(signed(STRANGER, message)).decode()
    assert refusal(desk, row, wrong) is SealRefusal.SEAL_WRONG
    seal(desk, row, base64.b64encode(signed(BODY, message)).decode())
    found = checks.checked(row.number)
    assert found is not None
    assert [twin.is_good for twin in found.twins] == [True]


def test_an_electronic_seal_stands_in_the_ofd_file_and_everybody_can_check_it(desk: Desk) -> None:
    row = issued(desk)
    asked = queries.paper_file_within(desk.cast["zhou"], row.number, "signing")
    value = Put(ofd_seals.sm3(asked.content).hex()).made()
    seal(desk, row, value)
    told = queries.paper_file_within(desk.cast["zhou"], row.number, "sealed")
    found = checks.checked(told.sha256)
    assert found is not None
    assert (found.row.number, [twin.is_good for twin in found.twins]) == (row.number, [True])
    assert documents.digest(told.content) == told.sha256
    with zipfile.ZipFile(io.BytesIO(told.content)) as archive:
        parts = {path: archive.read(path) for path in archive.namelist()}
    assert parts[ofd_seals.VALUE] == base64.b64decode(value)
    description = parts[ofd_seals.DESCRIPTION]
    assert description == asked.content
    assert (ofd_seals.sm3(description).hex(), documents.digest(description)) == (row.ofd_sm3, asked.sha256)
    for reference in ElementTree.fromstring(description).iter(ofd.name("Reference")):
        (check,) = reference
        content = parts[reference.get("FileRef", "").removeprefix("/")]
        assert base64.b64decode(check.text or "") == ofd_seals.sm3(content)


def test_what_is_sealed_later_is_not_in_the_file_that_was_issued(desk: Desk) -> None:
    row = issued(desk)
    with pytest.raises(Refused, match="NO_SUCH_PAPER"):
        queries.paper_file_within(desk.cast["zhou"], row.number, "sealed")
    file = queries.paper_file_within(desk.cast["zhou"], row.number, "ofd")
    sealed = ofd_seals.sealed(file.content, issued_at=row.issued_at, value=b"seal")
    again = ofd_seals.description(sealed, issued_at=row.issued_at)
    assert ofd_seals.sm3(ofd_seals.description(file.content, issued_at=row.issued_at)).hex() == row.ofd_sm3
    assert again != ofd_seals.description(file.content, issued_at=row.issued_at)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"over": "0" * 64}, SealRefusal.SEAL_OF_ANOTHER),
        ({"last": NOW - timedelta(days=1)}, SealRefusal.SEAL_EXPIRED),
        ({"first": NOW + timedelta(days=1)}, SealRefusal.SEAL_EXPIRED),
        ({"at": NOW + timedelta(days=1)}, SealRefusal.SEAL_EXPIRED),
        ({"by": STRANGER, "named": STRANGER}, SealRefusal.SEAL_WRONG),
        ({"named": STRANGER}, SealRefusal.SEAL_WRONG),
        ({"maker": STRANGER}, SealRefusal.SEAL_WRONG),
    ],
)
def test_a_seal_that_is_wrong_is_refused_by_its_name(desk: Desk, changes: dict[str, object], code: object) -> None:
    row = issued(desk)
    assert refusal(desk, row, Put(**{"over": str(row.ofd_sm3), **changes}).made()) is code  # type: ignore[arg-type]


def test_a_seal_with_a_changed_byte_is_refused(desk: Desk) -> None:
    row = issued(desk)
    raw = bytearray(base64.b64decode(Put(str(row.ofd_sm3)).made()))
    for place in (raw.index(b"picture"), len(raw) - 1):
        altered = bytes(raw[:place]) + bytes([raw[place] ^ 1]) + bytes(raw[place + 1 :])
        assert refusal(desk, row, base64.b64encode(altered).decode()) is SealRefusal.SEAL_WRONG
