"""Sealed bids: what a bidder encrypts, how the key of an auction is shared out, and which opened bids are void.

A bid travels in an envelope that only the secret key of its auction opens (HPKE, RFC 9180). The key is made away from
the server and shared out in words on paper among three officers, any two of whom bring it together after the close
(SLIP 39). The envelope is bound to its auction, to a mark the bidder drew and to the deposit the bidder chose: moved to
another auction, copied by another bidder or shown with another deposit it does not open.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import shamir_mnemonic
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from tonnebook.core import units
from tonnebook.core.errors import Refusal, Refused, Sentence

# Of three officers, any two open an auction (design choice, no legal source).
OFFICERS = 3
OFFICERS_NEEDED = 2
KEY_BYTES = 32
# An encapsulated key, the two numbers at a fixed width, and the tag.
ENVELOPE_BYTES = 32 + 31 + 16

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_KEM_ID = b"KEM" + (0x0020).to_bytes(2)
_HPKE_ID = b"HPKE" + (0x0020).to_bytes(2) + (0x0001).to_bytes(2) + (0x0002).to_bytes(2)
_OFFER = re.compile(rb"(\d{15}) (\d{15})")
_KEY = re.compile(r"[0-9a-f]{64}")
_MARK = re.compile(r"[0-9a-f]{32}")


class SealedBidRefusal(Refusal):
    """Why an envelope, a key or a share of a key is not taken."""

    NO_OPENING_KEY = Sentence(
        zh="“{given}”不是开标公钥（64 位十六进制）；请用 tonnebook auction keys 在离线机器上生成。",
        en="“{given}” is no opening key (64 hexadecimal digits); make one on a machine off the network with "
        "tonnebook auction keys.",
        article="design choice",
        status=422,
    )
    NOT_AN_ENVELOPE = Sentence(
        zh="收到的不是密封报价（应为 {bytes} 字节及 32 位随机标记）；请重新加载页面，由浏览器加密后再提交。",
        en="This is no sealed bid ({bytes} bytes and a mark of 32 digits); load the page again and let the browser "
        "encrypt.",
        article="design choice",
        status=422,
    )
    MARK_TAKEN = Sentence(
        zh="本场已有使用同一标记的密封报价；请重新加密后提交。",
        en="A sealed bid with the same mark is in this auction already; encrypt it anew.",
        article="design choice",
    )
    SHARE_UNREADABLE = Sentence(
        zh="这些助记词不是开标密钥的一份（33 个英文单词，含校验）；请逐词核对。",
        en="These words are no share of an opening key (33 words with a check); compare them word by word.",
        article="SLIP 39",
        status=422,
    )
    SHARE_GIVEN = Sentence(
        zh="竞价 {auction} 已收到您的一份或同一份密钥；须由另一位保管人提交另一份。",
        en="Auction {auction} has a share from you, or this very share, already; another officer gives another one.",
        article="design choice",
    )
    SHARES_MISSING = Sentence(
        zh="竞价 {auction} 只收到 {given} 份密钥，开标需要 {needed} 份；请等其他保管人提交。",
        en="Auction {auction} has {given} of the {needed} shares it needs to be opened; wait for the other officers.",
        article="design choice",
        transient=True,
    )
    SHARES_DO_NOT_FIT = Sentence(
        zh="已提交的密钥份额合成的密钥与竞价 {auction} 公布的公钥不符；份额可能属于另一场竞价，请核对。",
        en="The shares given do not make the key that auction {auction} announced; perhaps they belong to another "
        "auction.",
        article="design choice",
    )
    BIDS_NOT_SEALED_YET = Sentence(
        zh="竞价 {auction} 的全部报价尚未列入截止后签署的公开日志检查点；请稍候几秒再试。",
        en="Not all bids of auction {auction} stand under a checkpoint of the public log signed after its close; try "
        "again in a few seconds.",
        article="design choice",
        transient=True,
    )


class VoidReason(StrEnum):
    """Why an opened bid counts for nothing, in order of precedence."""

    RESERVE_LOST = "RESERVE_LOST"
    UNREADABLE = "UNREADABLE"
    BELOW_FLOOR = "BELOW_FLOOR"
    BELOW_SIZE = "BELOW_SIZE"
    ABOVE_DEPOSIT = "ABOVE_DEPOSIT"
    ABOVE_LIMIT = "ABOVE_LIMIT"
    ABOVE_GROUP_LIMIT = "ABOVE_GROUP_LIMIT"


@dataclass(frozen=True, slots=True)
class Offer:
    """What an envelope holds: fen per tonne and tonnes, both > 0 and below 10^15."""

    price_fen_per_t: int
    quantity_t: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A bid after its envelope was opened.

    Attributes:
        seq: gap-free count in order of time.
        bidder: whose bids count together towards `limit_t`.
        offer: what stood in the envelope; None when it does not open or holds no offer.
        deposit_fen: what the bidder set aside for this bid, fen.
        limit_t: most the bidder may ask for in this auction with all bids, tonnes; None without limit.
        group: whose bids count together towards `group_limit_t`: all bidders under one controller.
        group_limit_t: most the group may ask for in this auction with all bids, tonnes; None without limit.
        has_reserve: False when a court or the authority took what was set aside.
    """

    seq: int
    bidder: str
    offer: Offer | None
    deposit_fen: int
    limit_t: int | None
    group: str = ""
    group_limit_t: int | None = None
    has_reserve: bool = True


def context(auction: str, *, mark: str, deposit_fen: int) -> bytes:
    """Write what an envelope is bound to (the `info` of RFC 9180).

    Args:
        auction: number.
        mark: 32 hexadecimal digits the bidder drew.
        deposit_fen: what the bidder sets aside, fen.

    Source: design choice, no legal source.
    """
    return f"tonnebook-bid-1\n{auction}\n{mark}\n{deposit_fen}".encode()


def limits_digest(mark: str, *, bidder_seq: int, group_seq: int, limit_t: int | None, group_limit_t: int | None) -> str:
    """Commit to the limits of a bid when it is placed; the mark keeps them secret until the file is published.

    Args:
        mark: of the bid.
        bidder_seq: number of the bidder's first bid in the auction.
        group_seq: number of the first bid of its group.
        limit_t: most the bidder may ask for, tonnes; None without limit.
        group_limit_t: the same of its group.

    Returns:
        64 hexadecimal digits.

    Source: design choice, no legal source.
    """
    limits = ("-" if limit is None else str(limit) for limit in (limit_t, group_limit_t))
    told = "\n".join(("tonnebook-limits-1", mark, str(bidder_seq), str(group_seq), *limits))
    return hashlib.sha256(told.encode()).hexdigest()


def check_key(opening_key: str) -> str:
    """Give an opening key back when it is one.

    Raises:
        Refused: NO_OPENING_KEY.

    Source: RFC 7748 (X25519 public keys of 32 bytes).
    """
    if not _KEY.fullmatch(opening_key) or not any(bytes.fromhex(opening_key)):
        raise Refused(SealedBidRefusal.NO_OPENING_KEY, given=opening_key[:80])
    return opening_key


def check_envelope(envelope: bytes, mark: str) -> None:
    """Take only what can be an envelope; what is inside shows after the close.

    Raises:
        Refused: NOT_AN_ENVELOPE.

    Source: design choice: every envelope is as long as any other, so that its length tells nothing.
    """
    if len(envelope) != ENVELOPE_BYTES or not _MARK.fullmatch(mark):
        raise Refused(SealedBidRefusal.NOT_AN_ENVELOPE, bytes=ENVELOPE_BYTES)


def public_key(secret: bytes) -> str:
    """Give the opening key that belongs to a secret key of 32 bytes, as 64 hexadecimal digits."""
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw().hex()


def seal(offer: Offer, bound_to: bytes, *, opening_key: str, ephemeral: bytes) -> bytes:
    """Put an offer into an envelope, as the page of a bidder does (HPKE base mode: X25519, HKDF-SHA256, AES-256-GCM).

    Args:
        offer: price and quantity.
        bound_to: what `context` gives.
        opening_key: of the auction, 64 hexadecimal digits.
        ephemeral: 32 bytes drawn for this envelope only; whoever knows them reads the offer.

    Returns:
        `ENVELOPE_BYTES` bytes.

    Raises:
        ValueError: when price or quantity is not positive or has more than 15 digits.

    Source: RFC 9180 §4.1, §5.1. Written here because libraries draw the ephemeral key themselves, and a run of the
        demo must give the same log for the same seed; `open_envelope` uses the library, so each checks the other.
    """
    text = _text(offer)
    own = X25519PrivateKey.from_private_bytes(ephemeral)
    theirs = bytes.fromhex(opening_key)
    sent = own.public_key().public_bytes_raw()
    shared = own.exchange(X25519PublicKey.from_public_bytes(theirs))
    secret = _expand(_extract(_KEM_ID, b"", b"eae_prk", shared), _KEM_ID, b"shared_secret", sent + theirs, 32)
    schedule = b"\0" + _extract(_HPKE_ID, b"", b"psk_id_hash", b"") + _extract(_HPKE_ID, b"", b"info_hash", bound_to)
    root = _extract(_HPKE_ID, secret, b"secret", b"")
    key, nonce = (_expand(root, _HPKE_ID, what, schedule, size) for what, size in ((b"key", 32), (b"base_nonce", 12)))
    return sent + AESGCM(key).encrypt(nonce, text, b"")


def open_envelope(envelope: bytes, bound_to: bytes, *, secret: bytes) -> Offer | None:
    """Open one envelope; as `open_envelopes`."""
    return open_envelopes([(envelope, bound_to)], secret=secret)[0]


def open_envelopes(envelopes: Iterable[tuple[bytes, bytes]], *, secret: bytes) -> list[Offer | None]:
    """Open the envelopes of an auction with its secret key.

    Args:
        envelopes: each as it was placed, with what `context` gives for its bid.
        secret: 32 bytes.

    Returns:
        The offers in the same order; None where an envelope does not open, or holds no price and quantity above zero.

    Source: RFC 9180.
    """
    key = X25519PrivateKey.from_private_bytes(secret)
    return [_opened(envelope, bound_to, key) for envelope, bound_to in envelopes]


def check_share(words: str) -> str:
    """Give a share in its plain form: small letters, one blank between words.

    Raises:
        Refused: SHARE_UNREADABLE when it is none, or a word is wrong.

    Source: SLIP 39 (33 words for 32 bytes, the last three a checksum).
    """
    plain = " ".join(words.lower().split())
    try:
        shamir_mnemonic.Share.from_mnemonic(plain)
    except shamir_mnemonic.MnemonicError:
        raise Refused(SealedBidRefusal.SHARE_UNREADABLE) from None
    return plain


def combine(auction: str, shares: Sequence[str], *, opening_key: str) -> bytes:
    """Bring the secret key of an auction together from shares.

    Args:
        auction: number, for the refusal.
        shares: in words, as `check_share` gives them.
        opening_key: the key the auction announced.

    Returns:
        32 bytes.

    Raises:
        Refused: SHARES_MISSING when there are too few; SHARES_DO_NOT_FIT when they make another key, or none.

    Source: SLIP 39.
    """
    if len(shares) < OFFICERS_NEEDED:
        raise Refused(SealedBidRefusal.SHARES_MISSING, auction=auction, given=len(shares), needed=OFFICERS_NEEDED)
    try:
        secret: bytes = shamir_mnemonic.combine_mnemonics(list(shares)[:OFFICERS_NEEDED])
    except shamir_mnemonic.MnemonicError:
        secret = b""
    if len(secret) != KEY_BYTES or public_key(secret) != opening_key:
        raise Refused(SealedBidRefusal.SHARES_DO_NOT_FIT, auction=auction)
    return secret


def void(bids: Iterable[Opened], *, floor_price_fen_per_t: int, bid_t_min: int = 1) -> dict[int, VoidReason]:
    """Say which opened bids count for nothing, and why.

    Bids are taken in order of time; the first that brings the sum of its bidder or of its group above the limit is
    void, and what comes after it counts again as far as it fits.

    Args:
        bids: in any order.
        floor_price_fen_per_t: fen per tonne.
        bid_t_min: a bid for less is void, tonnes.

    Returns:
        Reason by `seq`; bids that count are not in it.

    Source: S24 (floor price, limit per bidder); S87 (smallest bid); that a bid beyond its deposit is void, and that
        groups are looked at, are design choices.

    Example:
        >>> bid = Opened(1, "A", Offer(7500, 100), deposit_fen=749_999, limit_t=None)
        >>> void([bid], floor_price_fen_per_t=7400)
        {1: <VoidReason.ABOVE_DEPOSIT: 'ABOVE_DEPOSIT'>}
    """
    asked_t: dict[str, int] = defaultdict(int)
    together_t: dict[str, int] = defaultdict(int)
    reasons: dict[int, VoidReason] = {}
    for bid in sorted(bids, key=lambda bid: bid.seq):
        reason = _flaw(bid, floor_price_fen_per_t, bid_t_min) or _beyond(
            bid, asked_t[bid.bidder], together_t[bid.group]
        )
        if reason is not None:
            reasons[bid.seq] = reason
        elif bid.offer is not None:
            asked_t[bid.bidder] += bid.offer.quantity_t
            together_t[bid.group] += bid.offer.quantity_t
    return reasons


def _flaw(bid: Opened, floor_price_fen_per_t: int, bid_t_min: int) -> VoidReason | None:
    if not bid.has_reserve:
        return VoidReason.RESERVE_LOST
    if bid.offer is None:
        return VoidReason.UNREADABLE
    price_fen_per_t, quantity_t = bid.offer.price_fen_per_t, bid.offer.quantity_t
    if price_fen_per_t < floor_price_fen_per_t:
        return VoidReason.BELOW_FLOOR
    if quantity_t < bid_t_min:
        return VoidReason.BELOW_SIZE
    is_short = units.amount_fen(price_fen_per_t=price_fen_per_t, quantity_t=quantity_t) > bid.deposit_fen
    return VoidReason.ABOVE_DEPOSIT if is_short else None


def _beyond(bid: Opened, asked_t: int, together_t: int) -> VoidReason | None:
    quantity_t = bid.offer.quantity_t if bid.offer else 0
    if bid.limit_t is not None and asked_t + quantity_t > bid.limit_t:
        return VoidReason.ABOVE_LIMIT
    if bid.group_limit_t is not None and together_t + quantity_t > bid.group_limit_t:
        return VoidReason.ABOVE_GROUP_LIMIT
    return None


def _opened(envelope: bytes, bound_to: bytes, key: X25519PrivateKey) -> Offer | None:
    try:
        text = _SUITE.decrypt(envelope, key, info=bound_to)
    except InvalidTag:
        return None
    found = _OFFER.fullmatch(text)
    offer = Offer(int(found[1]), int(found[2])) if found else None
    return offer if offer and offer.price_fen_per_t > 0 and offer.quantity_t > 0 else None


def _text(offer: Offer) -> bytes:
    text = f"{offer.price_fen_per_t:015d} {offer.quantity_t:015d}".encode()
    if not (offer.price_fen_per_t > 0 and offer.quantity_t > 0 and _OFFER.fullmatch(text)):
        raise ValueError("price and quantity of a bid must be positive and have 15 digits at most")
    return text


# LabeledExtract and LabeledExpand of RFC 9180 §4; no output here is longer than one block of SHA-256.
def _extract(suite: bytes, salt: bytes, label: bytes, key: bytes) -> bytes:
    return _hmac(salt or bytes(32), b"HPKE-v1" + suite + label + key)


def _expand(root: bytes, suite: bytes, label: bytes, info: bytes, size: int) -> bytes:
    return _hmac(root, size.to_bytes(2) + b"HPKE-v1" + suite + label + info + b"\x01")[:size]


def _hmac(key: bytes, message: bytes) -> bytes:
    mac = HMAC(key, hashes.SHA256())
    mac.update(message)
    return mac.finalize()
