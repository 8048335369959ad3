"""Open the bids of an auction again and clear it again, from envelopes and the published key alone."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_OFFER = re.compile(rb"([0-9]{15}) ([0-9]{15})")


@dataclass(frozen=True)
class Envelope:
    """A bid that was not withdrawn, as it was placed."""

    seq: int
    bidder: str
    mark: str
    deposit_fen: int
    limit_t: int | None
    envelope: bytes
    has_reserve: bool


@dataclass
class Decided:
    """What a bid said, why it is void (empty when it counts), and what it receives, tonnes."""

    price_fen: int | None = None
    quantity_t: int | None = None
    void_reason: str = ""
    awarded_t: int = 0


@dataclass
class Cleared:
    """The result of an auction."""

    bids: dict[int, Decided] = field(default_factory=dict)
    price_fen: int | None = None
    sold_t: int = 0
    unsold_t: int = 0
    demand_t: int = 0
    bidders: int = 0


def is_key_of(secret: str, public: str) -> bool:
    """Say whether a published secret is the one that belongs to an opening key, both hexadecimal."""
    try:
        return (
            X25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).public_key().public_bytes_raw().hex() == public
        )
    except ValueError:
        return False


def clear(auction: str, bids: Sequence[Envelope], *, secret: str, quantity_t: int, floor_fen: int) -> Cleared:
    """Clear an auction again.

    Args:
        auction: number, to which the envelopes are bound.
        bids: those not withdrawn.
        secret: the published key, hexadecimal.
        quantity_t: offered.
        floor_fen: floor price, fen per tonne.

    Returns:
        What every bid comes to, and the result.
    """
    key, found = X25519PrivateKey.from_private_bytes(bytes.fromhex(secret)), Cleared(unsold_t=quantity_t)
    asked_t: dict[str, int] = defaultdict(int)
    valid: list[tuple[int, int, int]] = []
    bidders = set()
    for bid in sorted(bids, key=lambda bid: bid.seq):
        decided = found.bids[bid.seq] = _opened(auction, bid, key)
        decided.void_reason = _void(bid, decided, floor_fen, asked_t[bid.bidder])
        if decided.void_reason or decided.price_fen is None or decided.quantity_t is None:
            continue
        asked_t[bid.bidder] += decided.quantity_t
        found.demand_t += decided.quantity_t
        bidders.add(bid.bidder)
        valid.append((-decided.price_fen, bid.seq, decided.quantity_t))
    for minus_price, seq, wanted_t in sorted(valid):
        if not found.unsold_t:
            break
        found.bids[seq].awarded_t = min(wanted_t, found.unsold_t)
        found.unsold_t -= found.bids[seq].awarded_t
        found.price_fen = -minus_price
    found.sold_t, found.bidders = quantity_t - found.unsold_t, len(bidders)
    return found


def _opened(auction: str, bid: Envelope, key: X25519PrivateKey) -> Decided:
    bound_to = f"tonnebook-bid-1\n{auction}\n{bid.mark}\n{bid.deposit_fen}".encode()
    try:
        text = _SUITE.decrypt(bid.envelope, key, info=bound_to)
    except InvalidTag:
        return Decided()
    offer = _OFFER.fullmatch(text)
    price_fen, quantity_t = (int(offer[1]), int(offer[2])) if offer else (0, 0)
    return Decided(price_fen, quantity_t) if price_fen and quantity_t else Decided()


def _void(bid: Envelope, decided: Decided, floor_fen: int, asked_t: int) -> str:
    if not bid.has_reserve:
        return "RESERVE_LOST"
    if decided.price_fen is None or decided.quantity_t is None:
        return "UNREADABLE"
    if decided.price_fen < floor_fen:
        return "BELOW_FLOOR"
    if decided.price_fen * decided.quantity_t > bid.deposit_fen:
        return "ABOVE_DEPOSIT"
    is_above = bid.limit_t is not None and asked_t + decided.quantity_t > bid.limit_t
    return "ABOVE_LIMIT" if is_above else ""
