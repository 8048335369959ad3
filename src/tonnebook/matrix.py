"""The page of everything that can be done to the books, made from the matrix of the core: `docs/matrix.md`."""

from collections.abc import Iterable
from enum import StrEnum

from tonnebook.core.ledger import AccountState, AccountType, AssetKind, Delay, Effect, Lane, Row, TransactionType
from tonnebook.core.ledger.matrix import MATRIX, REVERSAL_DAYS, STAYS_OPEN
from tonnebook.core.ledger.states import TRANSITIONS, ways
from tonnebook.core.roles import Role

HEAD = f"""# The matrix: every transaction, and what goes for it

Made by `./tonnebook matrix`; one test keeps this page equal to the code, another tries every cell of it on a book.
What has no lane here is refused with `TRANSFER_NOT_ALLOWED` or `HOLD_NOT_ALLOWED` ([refusals](refusals.md)).

- *lanes*: from which account types to which, and what. A hold leaves its units where they are.
- *begun by*: the roles that may do it ([roles.py](../src/tonnebook/core/roles.py#Act)).
- *approved by*: the roles of a second person without whose approval nothing happens; empty where one person is enough.
- *when*: at once, or by the working-day clock unless the receiver is trusted.
- *back*: working days within which a correction may take it back ({REVERSAL_DAYS}, design choice).
- *open*: goes on under a freeze switch, and in restricted and suspended accounts.
- *own*: whether units that only their holder may surrender can be its object.
- *done by*: the command; a room alone when that room brings it later.
"""

_TITLES = {
    Effect.TRANSFER: "Transfers: units or money move",
    Effect.HOLD: "Holds: a quantity is set aside",
    Effect.RELEASE: "Releases: a quantity is set free",
    Effect.STATE: "Changes of state: no quantity changes",
}
_COLUMNS = ("transaction", "lanes", "begun by", "approved by", "when", "back", "open", "own", "draws / for", "done by")


def page() -> str:
    """Write the page: one table per effect, then the states of accounts."""
    tables = "".join(_table(effect) for effect in Effect)
    return f"{HEAD}{tables}{_states()}"


def _table(effect: Effect) -> str:
    rows = [row for row in MATRIX.values() if row.effect is effect]
    return f"\n## {_TITLES[effect]}\n\n{_head(_COLUMNS)}" + "".join(_line(_cells(row)) for row in rows)


def _cells(row: Row) -> Iterable[str]:
    yield row.type.value
    yield "<br>".join(_lane(lane) for lane in row.lanes)
    yield _names(Role, row.roles)
    yield _names(Role, row.approvers)
    yield "at once" if row.delay is Delay.AT_ONCE else "waits"
    yield str(row.reversal_days or "")
    yield "yes" if row.stays_open else ""
    yield "yes" if row.takes_restricted else "no"
    yield (row.draws or row.reason or "")
    yield row.served_by


def _lane(lane: Lane) -> str:
    to = f" → {_names(AccountType, lane.credits)}" if lane.credits else ""
    return f"{_names(AccountType, lane.debits)}{to}: {_names(AssetKind, lane.kinds)}"


def _states() -> str:
    lines = "".join(_line(_state(state)) for state in AccountState)
    title = "States of accounts: what leaves, what arrives, what may follow"
    note = (
        "In state SOME_RESTRICTED the account also takes no part in the transactions named for it; what stays open\n"
        "cannot be named.\n"
    )
    return f"\n## {title}\n\n{_head(('state', 'gives or sets aside', 'receives', 'may become'))}{lines}\n{note}"


def _state(state: AccountState) -> Iterable[str]:
    here, everything = ways(state), ways(AccountState.OPEN)
    yield state.value
    yield _set(here.out, everything.out)
    yield _set(here.into, everything.into)
    yield _names(AccountState, TRANSITIONS[state]) or "nothing"


def _set(some: frozenset[TransactionType], everything: frozenset[TransactionType]) -> str:
    if not some:
        return "nothing"
    for known, words in ((everything, "everything"), (everything & STAYS_OPEN, "what stays open")):
        if some == known:
            return words
    if len(some) > len(everything) // 2:
        return "everything but " + " ".join(sorted(everything - some))
    return " ".join(sorted(some))


def _names(enum: type[StrEnum], some: Iterable[StrEnum]) -> str:
    return " ".join(one.value for one in enum if one in some)


def _head(columns: Iterable[str]) -> str:
    names = tuple(columns)
    return _line(names) + _line("---" for _ in names).replace(" ", "")


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
