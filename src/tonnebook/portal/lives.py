"""The life of one tonne, as far as the asker may see it."""

from dataclasses import dataclass

from tonnebook.core.ledger import AccountType
from tonnebook.core.roles import Actor, Role
from tonnebook.journal import tenancy
from tonnebook.journal.tenancy import Why
from tonnebook.registry import queries as registry
from tonnebook.registry.queries import LifeStep

# The largest serial a database can hold; beyond it no unit can exist.
SERIAL_MAX = 2**63 - 1
# Whoever keeps or supervises the registry sees the serials of units in use; everybody else those of units that can
# never be used again; accounts are named by their kind only, so that nobody learns whose they were.
_ENTITLED = frozenset({Role.OFFICER, Role.REGISTRAR, Role.AUDITOR})
_PUBLIC = frozenset({AccountType.RETIREMENT, AccountType.SURRENDER, AccountType.CANCELLATION})


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One step of the life as a page shows it: what happened, from and to which kind of account."""

    step: LifeStep
    from_type: AccountType
    to_type: AccountType


@tenancy.everywhere(Why.DISCLOSURE)
def life(serial: int, *, actor: Actor | None) -> tuple[ShownStep, ...]:
    """Tell the life of a unit.

    Args:
        serial: on the global line of serial numbers.
        actor: who asks, None for the public.

    Returns:
        The moves in order; empty when there is no such unit or its life is not public, which look the same.
    """
    if serial > SERIAL_MAX:
        return ()
    steps = registry.life_of_unit(serial)
    is_entitled = actor is not None and bool(actor.roles & _ENTITLED)
    if not steps:
        return ()
    types = {number: registry.account(number).type for step in steps for number in (step.debit, step.credit)}
    if not is_entitled and types[steps[-1].credit] not in _PUBLIC:
        return ()
    return tuple(ShownStep(step, types[step.debit], types[step.credit]) for step in steps)
