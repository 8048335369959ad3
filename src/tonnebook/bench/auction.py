"""What an auction costs in memory: a million bids cleared, and envelopes opened.

Prices and quantities are drawn and the same in every run. The clearing is beside a sorted list, the opening beside the
agreement on a secret alone, which no way of opening an envelope can leave out.
"""

import hashlib
import random
import time
from collections.abc import Callable

import numpy as np
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from numpy.typing import NDArray

from tonnebook.bench.report import Figure
from tonnebook.core import award_columns, sealed_bids
from tonnebook.core.sealed_bids import Offer

MILLION = 1_000_000
ENVELOPES = 5_000
ROUNDS = 15
_SECRET = bytes(range(32))


def measure() -> list[Figure]:
    """Measure clearing and opening, in processor time.

    Returns:
        Figures with their references and targets.

    Raises:
        ValueError: when the sorted list clears to another price, or an envelope does not open.
    """
    return [_clearing(), _opening()]


def _clearing() -> Figure:
    chance = np.random.default_rng(2026)
    bidder, price, quantity_t = (
        chance.integers(low, high, MILLION) for low, high in ((0, 5_000), (7_400, 12_000), (1, 1_000))
    )
    offered_t = int(quantity_t.sum()) // 3

    def clear() -> int | None:
        return award_columns.clear(
            bidder, price, quantity_t, offered_t=offered_t, floor_price_fen_per_t=7_400
        ).price_fen_per_t

    if clear() != _by_sorting(price, quantity_t, offered_t):
        raise ValueError("the sorted list clears to another price")
    ours, plain = _seconds(clear, ROUNDS), _seconds(lambda: _by_sorting(price, quantity_t, offered_t), 2)
    return Figure("million_cleared_ms", ours * 1e3, plain * 1e3, target=15, is_cost=True, plain="a sorted list")


def _by_sorting(price: NDArray[np.int64], quantity_t: NDArray[np.int64], offered_t: int) -> int:
    ranked = sorted(zip((-price).tolist(), range(MILLION), quantity_t.tolist(), strict=True))
    left_t, last = offered_t, 0
    for minus_price, _, wanted_t in ranked:
        if left_t <= 0:
            break
        left_t, last = left_t - wanted_t, -minus_price
    return last


def _opening() -> Figure:
    chance, opening_key = random.Random(2026), sealed_bids.public_key(_SECRET)  # noqa: S311 - drawn bids, no secret
    sealed = []
    for place in range(ENVELOPES):
        bound_to = sealed_bids.context("BENCH", mark=f"{place:032x}", deposit_fen=1)
        offer = Offer(chance.randint(7_400, 12_000), chance.randint(1, 1_000))
        ephemeral = hashlib.sha256(bound_to).digest()
        sealed.append((sealed_bids.seal(offer, bound_to, opening_key=opening_key, ephemeral=ephemeral), bound_to))
    if None in sealed_bids.open_envelopes(sealed, secret=_SECRET):
        raise ValueError("an envelope does not open")
    key = X25519PrivateKey.from_private_bytes(_SECRET)

    def agree() -> None:
        for envelope, _ in sealed:
            key.exchange(X25519PublicKey.from_public_bytes(envelope[:32]))

    ours = _seconds(lambda: sealed_bids.open_envelopes(sealed, secret=_SECRET), 3)
    return Figure(
        "opened_per_s", ENVELOPES / ours, ENVELOPES / _seconds(agree, 3), target_ratio=0.5, plain="X25519 alone"
    )


def _seconds(work: Callable[[], object], rounds: int) -> float:
    found = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return min(found)
