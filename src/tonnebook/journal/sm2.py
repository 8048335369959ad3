"""SM2 with SM3 for the log's second signature: the only module that knows gmssl.

gmssl is used for its arithmetic alone: the number used once per signature is derived from key and message, because
the one gmssl draws comes from a generator that is no secret. Source: GB 32918 (SM2, parts 1, 2 and 5), GB 32905 (SM3).
"""

import functools
import hashlib
import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from gmssl import sm2

ORDER = int(sm2.default_ecc_table["n"], 16)
_DERIVED_BYTES = 48  # 128 bits more than the order has, so that the remainder is even


def private_key(seed: bytes) -> int:
    """Derive a private key from secret bytes.

    Args:
        seed: secret bytes, such as those of the log.

    Returns:
        A number from 1 to the order of the curve less 2.

    Source: design choice, no legal source (HKDF of RFC 5869).
    """
    derived = HKDF(SHA256(), _DERIVED_BYTES, salt=None, info=b"tonnebook public log SM2").derive(seed)
    return int.from_bytes(derived, "big") % (ORDER - 2) + 1


@functools.lru_cache(maxsize=8)
def public_key(private: int) -> bytes:
    """Give the public key: 64 bytes, x and y."""
    return bytes.fromhex(_crypt(private, "")._kg(private, sm2.default_ecc_table["g"]))


def sign(private: int, message: bytes) -> bytes:
    """Sign a message.

    Args:
        private: the private key.
        message: what is signed, hashed with SM3 behind the signer's digest (default identity 1234567812345678).

    Returns:
        64 bytes, r and s; the same message gives the same signature.

    Source: GB 32918 part 2.
    """
    crypt, attempt = _crypt(private, public_key(private).hex()), 0
    while True:
        told = crypt.sign_with_sm3(message, f"{_once(private, message, attempt):064x}")
        if told is not None:
            return bytes.fromhex(told)
        attempt += 1


def _crypt(private: int, public: str) -> sm2.CryptSM2:
    crypt = sm2.CryptSM2(private_key=f"{private:064x}", public_key="")
    # Set past the constructor, which takes the digits 0 and 4 off the front of a key that begins with them.
    crypt.public_key = public
    return crypt


# After the idea of RFC 6979: a number nobody can guess without the key, and another one for every message.
def _once(private: int, message: bytes, attempt: int) -> int:
    seed = hmac.digest(private.to_bytes(32, "big"), attempt.to_bytes(4, "big") + message, hashlib.sha512)
    return int.from_bytes(seed, "big") % (ORDER - 1) + 1
