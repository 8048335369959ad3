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
    """A bid that was not withdrawn, as it was placed; bids of one bidder, and of one group, count together."""

    seq: int
    bidder: int
    group: int
    mark: str
    deposit_fen: int
    limit_t: int | None
    group_limit_t: int | None
    envelope: bytes
    has_reserve: bool


@dataclass(frozen=True)
class Offer:
    """What an auction announced: tonnes, floor price in fen per tonne, and how it is cleared."""

    quantity_t: int
    floor_fen: int
    shortage: str = "LOWEST_BID"
    tie_break: str = "TIME"
    bidders_min: int = 1
    bid_t_min: int = 1
    pricing: str = "UNIFORM_LOWEST_ACCEPTED"


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
    proceeds_fen: int = 0


def is_key_of(secret: str, public: str) -> bool:
    """Say whether a published secret is the one that belongs to an opening key, both hexadecimal."""
    try:
        return (
            X25519PrivateKey.from_private_bytes(bytes.fromhex(secret)).public_key().public_bytes_raw().hex() == public
        )
    except ValueError:
        return False


def clear(auction: str, bids: Sequence[Envelope], *, secret: str, offer: Offer) -> Cleared:
    """Clear an auction again.

    Args:
        auction: number, to which the envelopes are bound.
        bids: those not withdrawn.
        secret: the published key, hexadecimal.
        offer: what was announced.

    Returns:
        What every bid comes to, and the result.
    """
    key, found = X25519PrivateKey.from_private_bytes(bytes.fromhex(secret)), Cleared(unsold_t=offer.quantity_t)
    asked_t: dict[tuple[str, int], int] = defaultdict(int)
    levels: dict[int, list[tuple[int, int]]] = defaultdict(list)
    bidders = set()
    for bid in sorted(bids, key=lambda bid: bid.seq):
        decided = found.bids[bid.seq] = _opened(auction, bid, key)
        own, group = ("bidder", bid.bidder), ("group", bid.group)
        decided.void_reason = _void(bid, decided, offer) or _beyond(bid, decided, asked_t[own], asked_t[group])
        if decided.void_reason or decided.price_fen is None or decided.quantity_t is None:
            continue
        asked_t[own] += decided.quantity_t
        asked_t[group] += decided.quantity_t
        found.demand_t += decided.quantity_t
        bidders.add(bid.bidder)
        levels[decided.price_fen].append((bid.seq, decided.quantity_t))
    found.bidders = len(bidders)
    is_short = found.demand_t < offer.quantity_t
    if found.bidders >= offer.bidders_min and not (is_short and offer.shortage == "NOTHING"):
        _fill(found, levels, offer)
    return found


# From the highest price down, until nothing is left; the lowest price that got anything is everybody's.
def _fill(found: Cleared, levels: dict[int, list[tuple[int, int]]], offer: Offer) -> None:
    for price_fen in sorted(levels, reverse=True):
        if not found.unsold_t:
            break
        found.price_fen = price_fen
        for seq, awarded_t in _level(levels[price_fen], found.unsold_t, offer.tie_break):
            found.bids[seq].awarded_t = awarded_t
            found.unsold_t -= awarded_t
    found.sold_t = offer.quantity_t - found.unsold_t
    is_exact, is_short = found.demand_t == offer.quantity_t, found.demand_t < offer.quantity_t
    at_floor = (is_short and offer.shortage == "FLOOR") or (
        (is_short or is_exact) and offer.shortage == "FLOOR_UNLESS_EXCEEDED"
    )
    is_uniform = offer.pricing != "PAY_AS_BID"
    if at_floor and is_uniform and found.price_fen is not None:
        found.price_fen = offer.floor_fen
    for bid in found.bids.values():
        paid_fen = found.price_fen if is_uniform else bid.price_fen
        found.proceeds_fen += bid.awarded_t * (paid_fen or 0)


# By time the first gets all it asks for; by shares everybody the whole part of its share, and the tonnes that are over
# go to the largest parts cut off, of equal ones to the earliest.
def _level(asked: list[tuple[int, int]], left_t: int, tie_break: str) -> list[tuple[int, int]]:
    total_t = sum(wanted_t for _, wanted_t in asked)
    if total_t <= left_t:
        return asked
    if tie_break == "PRO_RATA":
        over_t = left_t - sum(left_t * wanted_t // total_t for _, wanted_t in asked)
        by_rest = sorted(asked, key=lambda one: (-(left_t * one[1] % total_t), one[0]))
        one_more = {seq for seq, _ in by_rest[:over_t]}
        return [(seq, left_t * wanted_t // total_t + (seq in one_more)) for seq, wanted_t in asked]
    granted = []
    for seq, wanted_t in asked:
        granted.append((seq, min(wanted_t, left_t)))
        left_t -= granted[-1][1]
    return granted


def _opened(auction: str, bid: Envelope, key: X25519PrivateKey) -> Decided:
    bound_to = f"tonnebook-bid-1\n{auction}\n{bid.mark}\n{bid.deposit_fen}".encode()
    try:
        text = _SUITE.decrypt(bid.envelope, key, info=bound_to)
    except InvalidTag:
        return Decided()
    offer = _OFFER.fullmatch(text)
    price_fen, quantity_t = (int(offer[1]), int(offer[2])) if offer else (0, 0)
    return Decided(price_fen, quantity_t) if price_fen and quantity_t else Decided()


def _void(bid: Envelope, decided: Decided, offer: Offer) -> str:
    if not bid.has_reserve:
        return "RESERVE_LOST"
    if decided.price_fen is None or decided.quantity_t is None:
        return "UNREADABLE"
    if decided.price_fen < offer.floor_fen:
        return "BELOW_FLOOR"
    if decided.quantity_t < offer.bid_t_min:
        return "BELOW_SIZE"
    return "ABOVE_DEPOSIT" if decided.price_fen * decided.quantity_t > bid.deposit_fen else ""


def _beyond(bid: Envelope, decided: Decided, asked_t: int, together_t: int) -> str:
    wanted_t = decided.quantity_t or 0
    if bid.limit_t is not None and asked_t + wanted_t > bid.limit_t:
        return "ABOVE_LIMIT"
    if bid.group_limit_t is not None and together_t + wanted_t > bid.group_limit_t:
        return "ABOVE_GROUP_LIMIT"
    return ""
