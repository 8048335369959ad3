"""Act for clients: a member asks, the client agrees, either of them ends it; and trading in the name of a client."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from tonnebook import rulebook
from tonnebook.core import clients as core
from tonnebook.core import periods
from tonnebook.core.clients import ClientRefusal, ClientState
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.journal import services as journal
from tonnebook.journal import tenancy
from tonnebook.journal.services import Answer
from tonnebook.journal.tenancy import Why
from tonnebook.market.models import Client
from tonnebook.members import queries
from tonnebook.members import services as members

_STANDING = (ClientState.ASKED, ClientState.AGREED)


@journal.command("market.ask_client")
def ask_client(actor: Actor, *, client: str, key: str, now: datetime) -> Answer:
    """Ask an organisation to let one trade for it.

    Args:
        actor: representative of the member.
        client: unified social credit code of the organisation.
        key: idempotency key.
        now: when.

    Returns:
        `client`, `state` and `receipt` (leaf hash).

    Raises:
        Refused: NOT_PERMITTED; BARRED_KIND, BARRED_BY_NAME; NO_SUCH_ORGANISATION; what `core.clients.check_asking`
            refuses.

    Source: S30 Art. 22; that the client agrees in the system is a design choice (feature T17).
    """
    del key
    members.require(actor, Act.ASK_ENTRY)
    members.require_may_trade(actor)
    with tenancy.everywhere(Why.UNIQUENESS):
        queries.organisation(client)
        is_taken = Client.objects.filter(region=actor.region, client=client, state__in=_STANDING).exists()
    rules = rulebook.at(actor.region, on=periods.day_of(now))
    core.check_asking(rules, actor.kind, member=actor.organisation, client=client, is_taken=is_taken)
    row = Client.objects.create(
        region=actor.region,
        member=actor.organisation,
        client=client,
        state=ClientState.ASKED,
        asked_by=actor.person,
        asked_at=now,
    )
    return _logged(row, actor, now)


@journal.command("market.agree_client")
def agree_client(actor: Actor, *, member: str, key: str, now: datetime) -> Answer:
    """Agree that a member trades for the own organisation, in its name and from its accounts.

    Args:
        actor: representative of the client.
        member: unified social credit code of the member that asked.
        key: idempotency key.
        now: when.

    Returns:
        As `ask_client`.

    Raises:
        Refused: NOT_PERMITTED; BARRED_KIND, BARRED_BY_NAME; NOT_ASKED_BY.

    Source: S30 Art. 22; design choice (feature T17).
    """
    del key
    members.require(actor, Act.ASK_ENTRY)
    members.require_may_trade(actor)
    row = _standing(actor.region, member, actor.organisation, ClientState.AGREED)
    row.state, row.agreed_by, row.agreed_at = ClientState.AGREED, actor.person, now
    row.save(update_fields=["state", "agreed_by", "agreed_at"])
    return _logged(row, actor, now)


@journal.command("market.end_client")
def end_client(actor: Actor, *, member: str, client: str, key: str, now: datetime) -> Answer:
    """End what a member and a client have agreed; what rests in the books stays the client's.

    Args:
        actor: representative of either of the two.
        member: unified social credit code.
        client: unified social credit code.
        key: idempotency key.
        now: when.

    Returns:
        As `ask_client`.

    Raises:
        Refused: NOT_PERMITTED; NOT_ASKED_BY, also for what is between others.

    Source: design choice, no legal source (feature T17).
    """
    del key
    members.require(actor, Act.ASK_ENTRY)
    if actor.organisation not in (member, client):
        raise Refused(ClientRefusal.NOT_ASKED_BY, member=member)
    row = _standing(actor.region, member, client, ClientState.ENDED)
    row.state, row.ended_by, row.ended_at = ClientState.ENDED, actor.person, now
    row.save(update_fields=["state", "ended_by", "ended_at"])
    return _logged(row, actor, now)


@contextmanager
def acting_for(actor: Actor, client: str) -> Iterator[Actor]:
    """Have somebody of a member trade for a client: the same person, with the reach of the client for so long.

    Args:
        actor: of the member.
        client: unified social credit code; empty for the own organisation.

    Yields:
        Whoever acts: the person of the member, the organisation of the client.

    Raises:
        Refused: NO_SUCH_CLIENT when the client has not agreed to it, or not any more.

    Source: S30 Art. 22; design choice (feature T17).
    """
    if client in ("", actor.organisation):
        yield actor
        return
    with tenancy.acting(tenancy.scope_of(actor)):
        agreed = Client.objects.filter(region=actor.region, member=actor.organisation, client=client)
        if not agreed.filter(state=ClientState.AGREED).exists():
            raise Refused(ClientRefusal.NO_SUCH_CLIENT, client=client)
    with tenancy.everywhere(Why.MARKET):
        kind = queries.organisation(client).kind
    acting = replace(actor, organisation=client, kind=kind)
    with tenancy.acting(tenancy.scope_of(acting)):
        yield acting


def _standing(region: str, member: str, client: str, wanted: ClientState) -> Client:
    found = Client.objects.select_for_update().filter(region=region, member=member, client=client).order_by("-id")
    row = found.first()
    if row is None:
        raise Refused(ClientRefusal.NOT_ASKED_BY, member=member)
    core.check_turn(ClientState(row.state), wanted, member=member)
    return row


def _logged(row: Client, actor: Actor, now: datetime) -> Answer:
    facts = {"region": row.region, "state": row.state, "by": actor.person}
    sealed = {"member": row.member, "client": row.client}
    receipt = journal.append(journal.Entry("market.client.turned", facts, sealed), now=now)
    return {"client": row.client, "state": row.state, "receipt": receipt}
