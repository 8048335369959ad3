"""What the journal can refuse: idempotency keys (same key and body, same answer) and leaves nobody wrote."""

from tonnebook.core.errors import Fault, Refusal, Refused, Sentence

KEY_LENGTH_MAX = 200
DIGEST_DIGITS = 64


class KeyRefusal(Refusal):
    """Why a command is not even started."""

    KEY_MALFORMED = Sentence(
        zh="幂等键须为 1 至 {length} 个字符。",
        en="An idempotency key has 1 to {length} signs.",
        article="design choice",
        status=422,
    )
    KEY_REUSED = Sentence(
        zh="同一幂等键（{key}）已用于另一请求；请换一个键，或原样重发原请求。",
        en="This idempotency key ({key}) was used for another request; take a new one, or repeat it unchanged.",
        article="design choice",
        status=422,
    )


class LogRefusal(Refusal):
    """Why the public log has nothing to show."""

    NO_SUCH_LEAF = Sentence(
        zh="公开日志中没有叶子 {leaf}。",
        en="The public log has no leaf {leaf}.",
        article="design choice",
        status=404,
    )
    NO_SUCH_SIZES = Sentence(
        zh="公开日志没有先 {old_size} 条、后 {new_size} 条的两个状态；前者至少为 1，且不大于后者。",
        en="The log never had {old_size} and later {new_size} entries; the first is at least 1 and not the larger.",
        article="design choice",
        status=404,
    )
    NOTHING_SEALED = Sentence(
        zh="叶子 {leaf} 没有（或已不再有）保密字段，无可删除。",
        en="The leaf {leaf} has no private fields, or none any more; there is nothing to erase.",
        article="design choice",
    )


def check_key(key: str) -> None:
    """Refuse a key that cannot be stored.

    Raises:
        Refused: KEY_MALFORMED when it is empty, too long or not printable.
    """
    if not 0 < len(key) <= KEY_LENGTH_MAX or not key.isprintable():
        raise Refused(KeyRefusal.KEY_MALFORMED, length=KEY_LENGTH_MAX)


def is_digest(text: str) -> bool:
    """Say whether a text is a digest as the log writes it: 64 hexadecimal digits, small letters."""
    return len(text) == DIGEST_DIGITS and not set(text) - set("0123456789abcdef")


def name_of(code: Refusal) -> str:
    """Write a refusal code as `Enum.CODE`, for storage with its key."""
    return f"{type(code).__name__}.{code.name}"


def code_named(name: str) -> Refusal:
    """Find the code that `name_of` wrote.

    Raises:
        Fault: when no enum with that code is loaded.
    """
    enum_name, _, code_name = name.partition(".")
    for enum in Refusal.__subclasses__():
        if enum.__name__ == enum_name and code_name in enum.__members__:
            return enum[code_name]
    raise Fault("E1", refusal=name)
