"""Many envelopes are opened by several processes: to the same offers, in the same order."""

import os

import pytest

from tonnebook.core import sealed_bids
from tonnebook.core.sealed_bids import Offer
from tonnebook.market.services import envelopes

SECRET, OTHER = bytes(range(32)), bytes(32 * [7])


@pytest.mark.parametrize("cores", [1, 2, 3])
def test_several_processes_open_what_one_opens(monkeypatch: pytest.MonkeyPatch, cores: int) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setattr(envelopes, "_WORTH_A_PROCESS", 2)
    offers = [Offer(7_400 + seq, 10 + seq) for seq in range(7)]
    bound = [sealed_bids.context("AU-1", mark=f"{seq:032x}", deposit_fen=1_000_000) for seq in range(7)]
    keys = [sealed_bids.public_key(OTHER if seq == 4 else SECRET) for seq in range(7)]
    sealed = [
        (sealed_bids.seal(offer, bound_to, opening_key=key, ephemeral=bytes([seq + 1] * 32)), bound_to)
        for seq, (offer, bound_to, key) in enumerate(zip(offers, bound, keys, strict=True))
    ]
    assert envelopes._offers(sealed, SECRET) == [*offers[:4], None, *offers[5:]]
