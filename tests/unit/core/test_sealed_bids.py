"""Envelopes: what opens them and what does not, how a key is shared out, and which opened bids are void."""

import itertools
import secrets

import pytest
import shamir_mnemonic
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given
from hypothesis import strategies as st

from tonnebook.core import sealed_bids
from tonnebook.core.errors import Refusal, Refused
from tonnebook.core.sealed_bids import Offer, Opened, SealedBidRefusal, VoidReason

SECRET = bytes(range(1, 33))
KEY = sealed_bids.public_key(SECRET)
MARK = "0123456789abcdef" * 2
BOUND_TO = sealed_bids.context("AU-1", mark=MARK, deposit_fen=75_000)


def refused(code: Refusal, act: object, *args: object, **kwargs: object) -> None:
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)  # type: ignore[operator]
    assert caught.value.code is code
    assert caught.value.zh
    assert caught.value.en


@given(st.integers(1, 10**15 - 1), st.integers(1, 10**15 - 1), st.binary(min_size=32, max_size=32))
def test_what_is_sealed_here_opens_with_the_library(price: int, quantity: int, ephemeral: bytes) -> None:
    offer = Offer(price, quantity)
    envelope = sealed_bids.seal(offer, BOUND_TO, opening_key=KEY, ephemeral=ephemeral)
    assert len(envelope) == sealed_bids.ENVELOPE_BYTES
    assert sealed_bids.open_envelope(envelope, BOUND_TO, secret=SECRET) == offer


def test_another_context_another_key_or_a_changed_byte_opens_nothing() -> None:
    envelope = sealed_bids.seal(Offer(7500, 10), BOUND_TO, opening_key=KEY, ephemeral=secrets.token_bytes(32))
    contexts = [
        sealed_bids.context("AU-2", mark=MARK, deposit_fen=75_000),
        sealed_bids.context("AU-1", mark=MARK[::-1], deposit_fen=75_000),
        sealed_bids.context("AU-1", mark=MARK, deposit_fen=75_001),
    ]
    assert [sealed_bids.open_envelope(envelope, one, secret=SECRET) for one in contexts] == [None] * 3
    assert sealed_bids.open_envelope(envelope, BOUND_TO, secret=bytes(32)) is None
    for place in range(len(envelope)):
        altered = bytearray(envelope)
        altered[place] ^= 1
        assert sealed_bids.open_envelope(bytes(altered), BOUND_TO, secret=SECRET) is None


@pytest.mark.parametrize("text", [b"0" * 15 + b" " + b"1" * 15, b"1" * 15 + b" " + b"0" * 15, b"x" * 31, b"1" * 31])
def test_an_envelope_without_price_and_quantity_is_unreadable(text: bytes) -> None:
    suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
    envelope = suite.encrypt(text, X25519PublicKey.from_public_bytes(bytes.fromhex(KEY)), info=BOUND_TO)
    assert sealed_bids.open_envelope(envelope, BOUND_TO, secret=SECRET) is None


@pytest.mark.parametrize(("price", "quantity"), [(0, 1), (1, 0), (10**15, 1), (1, 10**15)])
def test_an_offer_that_does_not_fit_is_not_sealed(price: int, quantity: int) -> None:
    with pytest.raises(ValueError, match="15 digits"):
        sealed_bids.seal(Offer(price, quantity), BOUND_TO, opening_key=KEY, ephemeral=SECRET)


def test_any_two_of_three_shares_bring_the_key_together_and_one_does_not() -> None:
    (shares,) = shamir_mnemonic.generate_mnemonics(1, [(2, 3)], SECRET, iteration_exponent=0)
    for pair in itertools.permutations(shares, 2):
        assert sealed_bids.combine("AU-1", pair, opening_key=KEY) == SECRET
    refused(SealedBidRefusal.SHARES_MISSING, sealed_bids.combine, "AU-1", shares[:1], opening_key=KEY)
    (others,) = shamir_mnemonic.generate_mnemonics(1, [(2, 3)], bytes(32), iteration_exponent=0)
    for wrong in ([shares[0], others[1]], others[:2], [shares[0], shares[0]]):
        refused(SealedBidRefusal.SHARES_DO_NOT_FIT, sealed_bids.combine, "AU-1", wrong, opening_key=KEY)


def test_a_share_is_read_with_any_blanks_and_capitals_and_a_wrong_word_is_found() -> None:
    ((words, *_),) = shamir_mnemonic.generate_mnemonics(1, [(2, 3)], SECRET, iteration_exponent=0)
    assert sealed_bids.check_share("  " + words.upper().replace(" ", "\n ")) == words
    first, *rest = words.split()
    wrong = next(word for word in ("academic", "acid") if word != first)
    refused(SealedBidRefusal.SHARE_UNREADABLE, sealed_bids.check_share, " ".join([wrong, *rest]))
    refused(SealedBidRefusal.SHARE_UNREADABLE, sealed_bids.check_share, "")


def test_only_an_opening_key_is_taken_for_one() -> None:
    assert sealed_bids.check_key(KEY) == KEY
    for given_ in ("", KEY[:-1], KEY.upper() + "0", "0" * 64, "g" * 64):
        refused(SealedBidRefusal.NO_OPENING_KEY, sealed_bids.check_key, given_)


@pytest.mark.parametrize(
    ("price", "quantity", "reason"),
    [
        (7_399, 10, VoidReason.BELOW_FLOOR),
        (7_400, 10, None),
        (7_500, 10, None),
        (7_501, 10, VoidReason.ABOVE_DEPOSIT),
        (7_399, 11, VoidReason.BELOW_FLOOR),
    ],
)
def test_a_bid_counts_from_the_floor_up_to_its_deposit(price: int, quantity: int, reason: VoidReason | None) -> None:
    bid = Opened(1, "A", Offer(price, quantity), 75_000, None)
    assert sealed_bids.void([bid], floor_price_fen_per_t=7_400).get(1) is reason


def test_what_goes_above_the_limit_is_void_in_order_of_time_and_what_still_fits_counts() -> None:
    def bid(seq: int, quantity: int, bidder: str = "A") -> Opened:
        return Opened(seq, bidder, Offer(7_500, quantity), 10**12, 100)

    bids = [bid(4, 40), bid(1, 60), bid(2, 41), bid(3, 100, "B"), bid(5, 1)]
    above = VoidReason.ABOVE_LIMIT
    assert sealed_bids.void(bids, floor_price_fen_per_t=1) == {2: above, 5: above}


def test_a_bid_without_reserve_is_void_before_anything_else() -> None:
    bid = Opened(1, "A", None, 1, None, has_reserve=False)
    assert sealed_bids.void([bid], floor_price_fen_per_t=1) == {1: VoidReason.RESERVE_LOST}


def test_a_bid_below_the_smallest_size_is_void() -> None:
    bids = [Opened(seq, "A", Offer(7_500, quantity), 10**12, None) for seq, quantity in ((1, 999), (2, 1_000))]
    assert sealed_bids.void(bids, floor_price_fen_per_t=1, bid_t_min=1_000) == {1: VoidReason.BELOW_SIZE}


def test_bidders_under_one_controller_share_the_limit_of_their_group() -> None:
    def bid(seq: int, bidder: str, quantity: int, group: str = "G") -> Opened:
        return Opened(seq, bidder, Offer(7_500, quantity), 10**12, 80, group, 100)

    bids = [bid(1, "A", 80), bid(2, "B", 21), bid(3, "B", 20), bid(4, "C", 80, "H"), bid(5, "A", 1)]
    reasons = {2: VoidReason.ABOVE_GROUP_LIMIT, 5: VoidReason.ABOVE_LIMIT}
    assert sealed_bids.void(bids, floor_price_fen_per_t=1) == reasons
