"""Withdrawal when a program falls silent (断线撤单): how long its silence may last, and whether it has."""

from datetime import timedelta

from tonnebook.core.errors import Refusal, Refused, Sentence

# Short enough for a withdrawal within a second of the last word; longer than a minute guards nothing.
SILENCE_MS_MIN, SILENCE_MS_MAX = 200, 60_000


class WatchRefusal(Refusal):
    """Why nobody watches over the orders of a program."""

    SILENCE_UNFIT = Sentence(
        zh="断线时限须为 {least} 至 {most} 毫秒，请修改。",
        en="The silence after which orders are withdrawn lasts {least} to {most} milliseconds; change it.",
        article="design choice",
        status=422,
    )
    NOBODY_WATCHES = Sentence(
        zh="{region} 的市场目前没有撮合引擎，无法在断线时撤单；请稍后重试，或自行撤单。",
        en="No engine is at work on the market of {region}, so nobody would notice your silence; try again shortly, or "
        "withdraw your orders yourself.",
        article="design choice",
        transient=True,
    )
    FELL_SILENT = Sentence(
        zh="{silence} 毫秒内未收到您的心跳，等待中的请求已作废，未成交委托已撤销；请重新登记断线撤单后再发送。",
        en="Nothing was heard of you for {silence} milliseconds; what waited was dropped, and what rested withdrawn. "
        "Ask to be watched again before you send more.",
        article="design choice",
    )


def silence(silence_ms: int) -> timedelta:
    """Read how long a program may be silent.

    Args:
        silence_ms: milliseconds.

    Raises:
        Refused: SILENCE_UNFIT when it is shorter than `SILENCE_MS_MIN` or longer than `SILENCE_MS_MAX`.

    Source: design choice, no legal source.
    """
    if not SILENCE_MS_MIN <= silence_ms <= SILENCE_MS_MAX:
        raise Refused(WatchRefusal.SILENCE_UNFIT, least=SILENCE_MS_MIN, most=SILENCE_MS_MAX)
    return timedelta(milliseconds=silence_ms)
