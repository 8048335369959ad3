"""The one table from the kind of an approved command to the service that does it.

An approval keeps the arguments of a command as plain JSON; here they become what the service asks for again. A service
is named by its place, so that a room is loaded only when one of its commands runs.
"""

import inspect
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from importlib import import_module
from types import MappingProxyType
from typing import TypeAlias

from tonnebook.core.approvals import act_of
from tonnebook.core.canonical import Json
from tonnebook.core.roles import Actor
from tonnebook.journal.services import Answer
from tonnebook.members import queries as members

Service: TypeAlias = Callable[..., Answer]

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "compliance.cover": "tonnebook.compliance.services:cover",
        "compliance.correct_list": "tonnebook.compliance.services:correct_list",
        "compliance.adopt_plan": "tonnebook.compliance.services:adopt_plan",
        "compliance.issue_batch": "tonnebook.compliance.services:issue_batch",
        "compliance.decide_objection": "tonnebook.compliance.services:decide_objection",
        "compliance.decide_list_objection": "tonnebook.compliance.services:decide_list_objection",
        "compliance.decide_recheck": "tonnebook.compliance.services:decide_recheck",
        "compliance.carry_over": "tonnebook.compliance.services:carry_over",
        "compliance.decide_carry_over": "tonnebook.compliance.services:decide_carry_over",
        "compliance.force_surrender": "tonnebook.compliance.services:force_surrender",
        "compliance.mark_at_risk": "tonnebook.compliance.services:mark_at_risk",
        "compliance.end_risk": "tonnebook.compliance.services:end_risk",
        "compliance.move_deadline": "tonnebook.compliance.services:move_deadline",
        "compliance.hand_over": "tonnebook.compliance.services:hand_over",
        "compliance.run_transition": "tonnebook.compliance.services:run_transition",
        "compliance.settle_exit": "tonnebook.compliance.services:settle_exit",
        "compliance.draw_headroom": "tonnebook.compliance.services:draw_headroom",
        "compliance.record_change": "tonnebook.compliance.services:record_change",
        "compliance.set_aside": "tonnebook.compliance.services:set_aside",
        "compliance.intervene": "tonnebook.compliance.services:intervene",
        "compliance.move_reserve": "tonnebook.compliance.services:move_reserve",
        "emissions.admit_body": "tonnebook.emissions.services:admit_body",
        "emissions.remove_body": "tonnebook.emissions.services:remove_body",
        "emissions.determine": "tonnebook.emissions.services:determine",
        "emissions.publish_factors": "tonnebook.emissions.services:publish_factors",
        "emissions.redetermine": "tonnebook.emissions.services:redetermine",
        "emissions.waive_check": "tonnebook.emissions.services:waive_check",
        "emissions.publish_factor": "tonnebook.emissions.services:publish_factor",
        "market.allow_trading": "tonnebook.market.services:allow_trading",
        "market.announce_auction": "tonnebook.market.services:announce_auction",
        "market.bust_trade": "tonnebook.market.services:bust_trade",
        "market.correct_trade": "tonnebook.market.services:correct_trade",
        "market.exempt_holder": "tonnebook.market.services:exempt_holder",
        "market.resume": "tonnebook.market.services:resume",
        "market.cancel_auction": "tonnebook.market.services:cancel_auction",
        "market.issue_auction_paper": "tonnebook.market.services:issue_auction_paper",
        "registry.grant_application": "tonnebook.registry.services:grant_application",
        "members.register_organisation": "tonnebook.members.services:register_organisation",
        "members.lift_bar": "tonnebook.members.services:lift_bar",
        "members.set_remit": "tonnebook.members.services:set_remit",
        "members.admit_person": "tonnebook.members.services.access:admit_person",
        "members.readmit_person": "tonnebook.members.services.access:readmit_person",
        "members.link_identity": "tonnebook.members.services.identities:link_identity",
        "members.enter_seal_key": "tonnebook.members.services.seals:enter_seal_key",
        "members.erase_secrets": "tonnebook.members.services:erase_secrets",
        "members.issue_paper": "tonnebook.members.services:issue_paper",
        "registry.issue_credits": "tonnebook.registry.services:issue_credits",
        "registry.transfer_non_trade": "tonnebook.registry.services:transfer_non_trade",
        "registry.confirm_bank_account": "tonnebook.registry.services:confirm_bank_account",
        "registry.lift_freeze": "tonnebook.registry.services:lift_freeze",
        "registry.reopen_account": "tonnebook.registry.services:reopen_account",
        "registry.open_settlement_bank": "tonnebook.registry.services:open_settlement_bank",
        "registry.work_off_bank_entry": "tonnebook.registry.services:work_off_bank_entry",
        "registry.reverse": "tonnebook.registry.services:reverse",
        "registry.lift_court_freeze": "tonnebook.registry.services:lift_court_freeze",
        "registry.release_immobilised": "tonnebook.registry.services:release_immobilised",
    }
)


def service_of(kind: str) -> Service:
    """Give the service that does a command.

    Args:
        kind: such as "compliance.issue_batch".

    Returns:
        The service; it takes the actor, then its arguments, `approval`, `key` and `now` by keyword.

    Raises:
        Refused: NOT_FOR_APPROVAL when no such command is approved by two people.
    """
    act_of(kind)
    module, _, name = COMMANDS[kind].partition(":")
    service: Service = getattr(import_module(module), name)
    return service


def execute(actor: Actor, *, approval: str, key: str, now: datetime) -> Answer:
    """Do what an approval covers, with exactly the arguments it keeps.

    Args:
        actor: who sets it off.
        approval: number of an approved proposal.
        key: idempotency key.
        now: when.

    Returns:
        The answer of the service.

    Raises:
        Refused: NO_SUCH_APPROVAL, and whatever the service refuses.
    """
    row = members.approval(approval)
    service = service_of(row.kind)
    return service(actor, **arguments(service, row.payload), approval=approval, key=key, now=now)


def arguments(service: Service, payload: Mapping[str, Json]) -> dict[str, object]:
    """Turn stored arguments back into the types a service asks for.

    Args:
        service: whose annotations say what it wants.
        payload: plain JSON.

    Returns:
        Arguments by name; enums, days, instants and decimals are restored, everything else is as stored.
    """
    wanted = inspect.signature(service).parameters
    return {
        name: _restored(wanted[name].annotation, value) if name in wanted else value for name, value in payload.items()
    }


def _restored(wanted: object, value: Json) -> object:
    if not isinstance(wanted, type) or not isinstance(value, str):
        return value
    if issubclass(wanted, datetime | date):
        return wanted.fromisoformat(value)
    return wanted(value) if issubclass(wanted, Enum | Decimal) else value
