"""The auditor's own check of SM2 signatures, on plain numbers. Sources: GB 32918 parts 2 and 5, GB 32905 (SM3)."""

from cryptography.hazmat.primitives.hashes import SM3, Hash

# The curve of GB 32918 part 5: y² = x³ + ax + b over the field of P, with a point of order N.
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
_IDENTITY = b"1234567812345678"

# A point, or None for the point at infinity.
Point = tuple[int, int] | None


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether a signature is by this key over this message.

    Args:
        public: 64 bytes, x and y.
        message: what was signed.
        signature: 64 bytes, r and s.

    Returns:
        False also for a key that is no point of the curve; never raises.
    """
    if len(public) != 64 or len(signature) != 64:
        return False
    key = (_number(public[:32]), _number(public[32:]))
    r, s = _number(signature[:32]), _number(signature[32:])
    t = (r + s) % N
    if not _is_on_curve(key) or not 0 < r < N or not 0 < s < N or t == 0:
        return False
    point = _add(_times(s, G), _times(t, key))
    return point is not None and (_digest(public, message) + point[0]) % N == r


def _digest(public: bytes, message: bytes) -> int:
    curve = b"".join(number.to_bytes(32, "big") for number in (A, B, *G))
    head = (len(_IDENTITY) * 8).to_bytes(2, "big") + _IDENTITY + curve + public
    return _number(_sm3(_sm3(head) + message))


def _sm3(data: bytes) -> bytes:
    digest = Hash(SM3())
    digest.update(data)
    return digest.finalize()


def _is_on_curve(point: tuple[int, int]) -> bool:
    x, y = point
    return x < P and y < P and (y * y - x * x * x - A * x - B) % P == 0


def _times(factor: int, point: Point) -> Point:
    product: Point = None
    for bit in f"{factor:b}":
        product = _add(product, product)
        if bit == "1":
            product = _add(product, point)
    return product


def _add(left: Point, right: Point) -> Point:
    if left is None or right is None:
        return right if left is None else left
    (x1, y1), (x2, y2) = left, right
    if x1 == x2:
        if (y1 + y2) % P == 0:
            return None
        slope = (3 * x1 * x1 + A) * pow(2 * y1, -1, P)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P)
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big")
