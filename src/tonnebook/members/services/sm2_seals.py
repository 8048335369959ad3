"""Seals made with SM2 and SM3: the keys, plain signatures, and the electronic seal of GB/T 38540-2020 in an OFD file.

An electronic seal (SES_Signature) holds the seal itself, whom it belongs to, when it was put and what over: here the
SM3 of the description of an OFD file. Whether the maker of the seal may make seals is for the registrar to see, who
enters the body's key; that the maker's signature fits the maker's certificate is checked here. The structures are
recalled, not read.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from cryptography import x509
from cryptography.hazmat import asn1

from tonnebook.core.errors import Refused
from tonnebook.core.seals import SealRefusal
from tonnebook_audit import sm2

# SubjectPublicKeyInfo of a key on the curve of SM2 (1.2.156.10197.1.301) before its point, which is not compressed.
_POINT_FOLLOWS = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
_POINT_BYTES = 64
_PUBLIC_KEY = re.compile(r"-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----")
SM2_WITH_SM3 = x509.ObjectIdentifier("1.2.156.10197.1.501")


@asn1.sequence
class Pair:
    """A signature: r and s."""

    r: int
    s: int


@asn1.sequence
class Extension:
    """Whatever a maker of seals adds (ExtData)."""

    extn_id: x509.ObjectIdentifier
    critical: bool
    value: bytes


@asn1.sequence
class Header:
    """What it is: "ES", the version of the structure, and who made the program (SES_Header)."""

    id: asn1.IA5String
    version: int
    vendor: asn1.IA5String


@asn1.sequence
class Property:
    """Whose seal it is, by certificate, and when it may be used (SES_ESPropertyInfo); lists of digests are not read."""

    type: int
    name: str
    list_type: int
    certificates: list[bytes]
    made_at: asn1.GeneralizedTime
    valid_from: asn1.GeneralizedTime
    valid_until: asn1.GeneralizedTime


@asn1.sequence
class Picture:
    """What is drawn, and how large in millimetres (SES_ESPictrueInfo)."""

    type: asn1.IA5String
    data: bytes
    width: int
    height: int


@asn1.sequence
class SealInfo:
    """The seal without its maker's signature (SES_SealInfo)."""

    header: Header
    number: asn1.IA5String
    property: Property
    picture: Picture
    extensions: Annotated[list[Extension] | None, asn1.Explicit(0)]


@asn1.sequence
class Made:
    """What the maker of a seal signs."""

    info: SealInfo
    maker: bytes
    algorithm: x509.ObjectIdentifier


@asn1.sequence
class MadeSeal:
    """A seal with its maker's signature (SESeal)."""

    info: SealInfo
    maker: bytes
    algorithm: x509.ObjectIdentifier
    signature: asn1.BitString


@asn1.sequence
class ToSign:
    """What whoever puts a seal signs (TBS_Sign)."""

    version: int
    seal: MadeSeal
    put_at: asn1.GeneralizedTime
    data_hash: asn1.BitString
    about: asn1.IA5String
    extensions: Annotated[list[Extension] | None, asn1.Explicit(0)]


@asn1.sequence
class PutSeal:
    """A seal under something (SES_Signature)."""

    signed: ToSign
    certificate: bytes
    algorithm: x509.ObjectIdentifier
    signature: asn1.BitString
    timestamp: Annotated[asn1.BitString | None, asn1.Explicit(0)]


def point_of(pem: str) -> bytes | None:
    """Give the point of an SM2 public key, 64 bytes; None for any other key.

    Args:
        pem: a public key as PEM.
    """
    found = _PUBLIC_KEY.search(pem)
    try:
        der = base64.b64decode("".join(found[1].split()), validate=True) if found else b""
    except binascii.Error:
        return None
    point = der.removeprefix(_POINT_FOLLOWS)
    return point if der.startswith(_POINT_FOLLOWS) and len(point) == _POINT_BYTES else None


def point_in(certificate: x509.Certificate) -> bytes | None:
    """Give the point of the SM2 public key in a certificate; None when it holds any other key."""
    _, found, rest = certificate.tbs_certificate_bytes.partition(_POINT_FOLLOWS)
    return rest[:_POINT_BYTES] if found and len(rest) >= _POINT_BYTES else None


def pem_of(point: bytes) -> str:
    """Write an SM2 public key as PEM."""
    text = base64.b64encode(_POINT_FOLLOWS + point).decode()
    lines = "\n".join(re.findall(".{1,64}", text))
    return f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"


def is_signed(point: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether a signature (r and s in DER) is by a key over a message.

    Source: design choice, no legal source; the arithmetic is that of GB 32918 part 2.
    """
    try:
        pair = asn1.decode_der(Pair, signature)
        raw = pair.r.to_bytes(32, "big") + pair.s.to_bytes(32, "big")
    except (ValueError, OverflowError):
        return False
    return sm2.is_signed(point, message, raw)


def read(value: bytes) -> PutSeal | None:
    """Read an electronic seal; None for what is none, or is not written as DER has it."""
    try:
        seal = asn1.decode_der(PutSeal, value)
        return seal if asn1.encode_der(seal) == value else None
    except ValueError:
        return None


def check(seal: PutSeal, *, file_sm3: str, public_keys: Sequence[str], now: datetime) -> str:
    """Refuse an electronic seal that is not by one of some keys, not over this, or not in its time.

    Args:
        seal: as it was put.
        file_sm3: SM3 of what it must be over, 64 hexadecimal digits; empty where there is nothing to put it over.
        public_keys: of the body whose seal it must be, as PEM.
        now: when it is taken.

    Returns:
        The key that made it.

    Raises:
        Refused: SEAL_OF_ANOTHER when it is over something else; SEAL_EXPIRED when it was put, or is taken, outside the
            time of the seal; SEAL_WRONG when a signature does not fit, or the key is not the body's.

    Source: design choice, no legal source; the order is that of GB/T 38540-2020, as recalled.
    """
    told, owner = seal.signed, seal.signed.seal.info.property
    if told.data_hash.as_bytes().hex() != file_sm3:
        raise Refused(SealRefusal.SEAL_OF_ANOTHER, digest=file_sm3)
    put_at, first, last = map(_instant, (told.put_at, owner.valid_from, owner.valid_until))
    if not first <= put_at <= now <= last:
        raise Refused(SealRefusal.SEAL_EXPIRED, first=first.date(), last=last.date())
    point = _point_of_certificate(seal.certificate)
    fitting = [one for one in public_keys if point is not None and point_of(one) == point]
    is_named = seal.certificate in owner.certificates
    if point is None or not (fitting and is_named and _is_made(told.seal) and _is_put(seal, point)):
        raise Refused(SealRefusal.SEAL_WRONG, digest=file_sm3)
    return fitting[0]


def _instant(time: asn1.GeneralizedTime) -> datetime:
    return time.as_datetime().replace(tzinfo=UTC)


def _is_put(seal: PutSeal, point: bytes) -> bool:
    return seal.algorithm == SM2_WITH_SM3 and is_signed(point, asn1.encode_der(seal.signed), seal.signature.as_bytes())


def _is_made(seal: MadeSeal) -> bool:
    maker = _point_of_certificate(seal.maker)
    made = asn1.encode_der(Made(info=seal.info, maker=seal.maker, algorithm=seal.algorithm))
    return maker is not None and is_signed(maker, made, seal.signature.as_bytes())


def _point_of_certificate(der: bytes) -> bytes | None:
    try:
        return point_in(x509.load_der_x509_certificate(der))
    except ValueError:
        return None
