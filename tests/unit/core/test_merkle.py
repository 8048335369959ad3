"""The tree of the log against the reference vectors that Certificate Transparency publishes."""

import hashlib
import hmac

import pytest

from tonnebook.core import merkle

# Inputs and roots of the reference implementation of RFC 6962 (certificate-transparency, merkle tree tests).
_INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [merkle.leaf_hash(data) for data in _INPUTS]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_equal_the_reference_vectors(size: int) -> None:
    assert merkle.root(LEAVES[:size]).hex() == _ROOTS[size - 1]


def test_an_empty_log_has_the_hash_of_nothing_as_root() -> None:
    assert merkle.root([]) == hashlib.sha256(b"").digest()


def test_membership_proof_equals_the_reference_vector() -> None:
    # Third leaf of seven is not in the vectors; the sixth of eight is.
    path = [node.hex() for node in merkle.membership_proof(LEAVES, 5)]
    assert path == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_consistency_proof_equals_the_reference_vector() -> None:
    proof = [node.hex() for node in merkle.consistency_proof(LEAVES, 6)]
    assert proof == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_a_frontier_refuses_nodes_that_do_not_fit_its_size() -> None:
    with pytest.raises(ValueError, match="cannot stand for"):
        merkle.Frontier(3, (LEAVES[0],))
    with pytest.raises(ValueError, match="whole number"):
        merkle.Frontier.from_bytes(1, b"short")


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_proof_for_a_leaf_outside_the_log(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.membership_proof(LEAVES[:size], index)


@pytest.mark.parametrize("length", [0, 1, 55, 64, 200])
def test_a_keyed_digest_is_the_hmac_of_the_library(length: int) -> None:
    key, text = hashlib.sha256(bytes([length])).digest(), bytes(range(length))
    assert merkle.keyed_digest(key, text) == hmac.digest(key, text, "sha256")
    digest = merkle.keyed_digests(key, text[:60])
    assert [digest(text[60:]), digest(b"other")] == [
        hmac.digest(key, text[:60] + rest, "sha256") for rest in (text[60:], b"other")
    ]


def test_texts_sealed_in_turn_have_salts_that_follow_from_their_places() -> None:
    key, texts = hashlib.sha256(b"key").digest(), ["{}", '{"name":"\u7ea2\u6cb3"}', "x" * 200]
    salts = [hmac.digest(key, f"B-1/{place}".encode(), "sha256") for place in range(len(texts))]
    sealed = [merkle.seal_text(text, salt) for text, salt in zip(texts, salts, strict=True)]
    assert merkle.seal_texts(texts, key, b"B-1/") == sealed


def test_a_seal_changes_with_its_salt_and_its_fields() -> None:
    salt = bytes(32)
    sealed = merkle.seal({"name": "\u7ea2\u6cb3"}, salt)
    assert sealed != merkle.seal({"name": "\u7ea2\u6cb3"}, bytes(31) + b"\x01")
    assert sealed != merkle.seal({"name": "\u7ea2\u6c5f"}, salt)
    with pytest.raises(ValueError, match="32 bytes"):
        merkle.seal({}, b"short")
