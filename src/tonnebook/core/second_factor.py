"""Second factors: which one-time codes still count, and how many wrong ones are too many.

Codes are those of RFC 6238 (a new one every 30 seconds). Each step is used once: after a code was accepted, only codes
of later steps are, so that whoever looks over a shoulder has seen nothing of worth.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tonnebook.core import periods
from tonnebook.core.errors import Refusal, Refused, Sentence

# RFC 6238 recommends steps of 30 s and one step of tolerance to either side.
STEP = timedelta(seconds=30)
TOLERANCE_STEPS = 1

# Six digits withstand guessing only when few guesses are free (design choice, no legal source).
FAILURES_MAX = 5
LOCKED_FOR = timedelta(minutes=15)


class FactorKind(StrEnum):
    """What somebody has beside a password."""

    CODE = "CODE"
    PASSKEY = "PASSKEY"
    RECOVERY = "RECOVERY"


class FactorRefusal(Refusal):
    """Why a second factor is not accepted, enrolled or removed."""

    FACTOR_LOCKED = Sentence(
        zh="第二因素连续错误次数过多，请在 {until} 之后重试。",
        en="Too many wrong second factors in a row; try again after {until}.",
        article="design choice",
        transient=True,
        status=403,
    )
    FACTOR_WRONG = Sentence(
        zh="动态口令、恢复码或通行密钥不正确，或已经用过；请使用下一个口令。",
        en="This code, recovery code or passkey is wrong or was used before; please use the next code.",
        article="design choice",
        transient=True,
        status=403,
    )
    FACTOR_ENROLLED = Sentence(
        zh="已绑定动态口令，请先解除后再重新绑定。",
        en="One-time codes are set up already; remove them before setting them up again.",
        article="design choice",
    )
    PASSWORD_WRONG = Sentence(
        zh="密码不正确；更改登录方式须先输入当前密码。",
        en="The password is wrong; how you sign in is changed only with the present password.",
        article="design choice",
        transient=True,
        status=403,
    )


@dataclass(frozen=True, slots=True)
class Trials:
    """How somebody's second factor has been used.

    Attributes:
        step_used: the last step whose code was accepted, 0 before the first.
        failures: wrong ones since the last right one.
        locked_until: instant before which none is looked at, None when not locked.
    """

    step_used: int = 0
    failures: int = 0
    locked_until: datetime | None = None


def usable_steps(trials: Trials, *, at: datetime) -> range:
    """List the steps whose codes count.

    Args:
        trials: what was used before.
        at: the instant of the attempt, on the clock of the wall (a telephone knows no demo clock).

    Returns:
        Steps since 1970, those used up left out.

    Source: RFC 6238; single use: design choice, no legal source (invariant E10).

    Example:
        >>> from datetime import UTC
        >>> list(usable_steps(Trials(step_used=2), at=datetime(1970, 1, 1, 0, 1, 0, tzinfo=UTC)))
        [3]
    """
    step = int(at.timestamp()) // int(STEP.total_seconds())
    return range(max(step - TOLERANCE_STEPS, trials.step_used + 1), step + TOLERANCE_STEPS + 1)


def check_trials(trials: Trials, *, at: datetime) -> None:
    """Refuse to look at another attempt while too many were wrong.

    Raises:
        Refused: FACTOR_LOCKED until the time is over.

    Source: design choice, no legal source (invariant E10).
    """
    if trials.locked_until is not None and at < trials.locked_until:
        raise Refused(FactorRefusal.FACTOR_LOCKED, until=periods.wall_clock(trials.locked_until))


def after_failure(trials: Trials, *, at: datetime) -> Trials:
    """Count a wrong attempt; the last that is allowed locks.

    Source: design choice, no legal source (invariant E10).
    """
    if trials.failures + 1 < FAILURES_MAX:
        return Trials(trials.step_used, trials.failures + 1, None)
    return Trials(trials.step_used, 0, at + LOCKED_FOR)
