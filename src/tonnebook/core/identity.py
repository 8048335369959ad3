"""Numbers that people see and type: unified social credit codes and account numbers, both with check signs."""

import functools
import re
import unicodedata

from tonnebook.core.errors import Refusal, Refused, Sentence

_USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_LENGTH = 18
# Word processors and input methods write dashes of their own.
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−", "-"))
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters that are drawn as nothing.
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f")
# Scripts whose letters look like one another's.
_ALIKE = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
# Operators outside China have no such code: they are known by their number in the registry of their scheme.
_FOREIGN_CODES = {"eu": re.compile(r"EU-[0-9A-Z]{1,15}")}


class IdentityRefusal(Refusal):
    """Why a number is not taken."""

    NUMBER_MISTYPED = Sentence(
        "编号“{number}”的校验位不符，请核对是否输错。",
        "The check digits of “{number}” do not fit: please compare it, something is mistyped.",
        "design choice",
        status=422,
    )


def uscc_check_sign(body: str) -> str:
    """Compute the 18th sign of a unified social credit code (统一社会信用代码).

    Args:
        body: the first 17 signs (digits and capitals without I, O, S, V, Z).

    Returns:
        One sign.

    Raises:
        ValueError: when the body is not 17 such signs.

    Source: GB 32100-2015, check sign by weights 3^i mod 31.

    Example:
        >>> uscc_check_sign("91310000MA1FL0001")
        'R'
    """
    if len(body) != _USCC_LENGTH - 1 or any(sign not in _USCC_SIGNS for sign in body):
        raise ValueError(f"not the first 17 signs of a unified social credit code: {body!r}")
    weighted = sum(_USCC_SIGNS.index(sign) * pow(3, index, 31) for index, sign in enumerate(body))
    return _USCC_SIGNS[(31 - weighted % 31) % 31]


def is_uscc(code: str) -> bool:
    """Say whether a text is a unified social credit code with a correct check sign."""
    body = code[:-1]
    if len(code) != _USCC_LENGTH or any(sign not in _USCC_SIGNS for sign in body):
        return False
    return uscc_check_sign(body) == code[-1]


def is_organisation_code(code: str, *, region: str) -> bool:
    """Say whether a text may name an organisation of a region.

    Args:
        code: a unified social credit code, or in the European registry "EU-" and an account number.
        region: region code.

    Source: GB 32100-2015 for China; "EU-" codes: design choice, no legal source.

    Example:
        >>> is_organisation_code("EU-100000", region="eu"), is_organisation_code("EU-100000", region="shanghai")
        (True, False)
    """
    foreign = _FOREIGN_CODES.get(region)
    return is_uscc(code) or (foreign is not None and foreign.fullmatch(code) is not None)


def numbered(prefix: str, count: int, digits: int = 6) -> str:
    """Write a number people can check: prefix, running count and two check digits (ISO 7064, mod 97-10).

    Args:
        prefix: what kind of thing it is, such as "SH-100".
        count: running count, >= 0.
        digits: least number of digits of the count.

    Returns:
        Such as "SH-100-000042-97".

    Source: design choice, no legal source (ISO 7064 MOD 97-10 as in IBAN).
    """
    number = f"{count:0{digits}d}"
    remainder = (_mod_97(prefix) * 10 ** len(number) + count) * 100 % 97
    return f"{prefix}-{number}-{98 - remainder:02d}"


def is_numbered(text: str) -> bool:
    """Say whether the two check digits of such a number are right."""
    return text.count("-") >= 2 and any(_counts(sign) for sign in text) and _mod_97(text) == 1


def check_numbered(text: str) -> str:
    """Take a number that somebody typed, with whatever case, spaces and dashes, and refuse a mistyped one.

    Args:
        text: such as " sh-holding-000042-17".

    Returns:
        The number as it is written in the books.

    Raises:
        Refused: NUMBER_MISTYPED when the check digits do not fit; one digit for another, or one letter
            for another, is always found.

    Source: design choice, no legal source (ISO 7064 MOD 97-10 as in IBAN).

    Example:
        >>> check_numbered(" sh-100-000042–97 ")
        'SH-100-000042-97'
    """
    number = unicodedata.normalize("NFKC", text).translate(_DASHES).replace(" ", "").upper()
    if not is_numbered(number):
        raise Refused(IdentityRefusal.NUMBER_MISTYPED, number=text.strip())
    return number


def odd_sign(name: str, *, region: str = "") -> str | None:
    """Find what makes a name read otherwise than it is: signs nobody sees, or look-alikes of another script in a word.

    Compatible forms such as full-width brackets are looked at as what they stand for (NFKC), and stay as typed.

    Args:
        name: of an organisation or a person, as typed.
        region: where it is registered; names of the Union's register come as that register has them, in which Greek
            and Latin letters stand in one word.

    Returns:
        The sign as "U+202E"; None when the name is as it reads.

    Source: design choice, no legal source (Unicode UTS 39: one script in a word; UAX 9 and 31: no control signs).

    Example:
        >>> odd_sign("红河（集团）有限公司 Red River"), odd_sign("R\u0435d River"), odd_sign("a\u202eb")
        (None, 'U+0435', 'U+202E')
    """
    for sign in name:
        if unicodedata.category(sign) in _UNSEEN or sign in _BLANK_LETTERS:
            return f"U+{ord(sign):04X}"
    if region in _FOREIGN_CODES:
        return None
    for word in re.findall(r"\w+", unicodedata.normalize("NFKC", name)):
        scripts = {script: sign for sign in word for script in _ALIKE if unicodedata.name(sign, "").startswith(script)}
        if len(scripts) > 1:
            return next(f"U+{ord(sign):04X}" for script, sign in scripts.items() if script != "LATIN")
    return None


# As for an IBAN: letters count as 10 to 35, everything else but digits is passed over. Thousands of numbers in a second
# begin with the same few prefixes.
@functools.lru_cache(maxsize=1_000)
def _mod_97(text: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in text if _counts(sign)) or "0") % 97


def _counts(sign: str) -> bool:
    return sign.isalnum() and sign.isascii()
