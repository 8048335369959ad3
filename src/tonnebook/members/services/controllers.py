"""Enter who controls an organisation, so that nobody checks the work of a sister."""

from datetime import datetime

from tonnebook.core import identity
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor, MemberRefusal
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members.models import Controller
from tonnebook.members.services.people import require


@journal.command("members.enter_controller")
def enter_controller(actor: Actor, *, organisation: str, controller: str, key: str, now: datetime) -> Answer:
    """Enter the last controller of an organisation, as the public register of companies tells it.

    Args:
        actor: officer or registrar of the organisation's region.
        organisation: who is controlled (unified social credit code).
        controller: code of the last controller, which need not be registered here.
        key: idempotency key.
        now: when.

    Returns:
        {"organisation": code, "controller": code}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, NO_SUCH_ORGANISATION; USCC_MALFORMED when the controller's code is
            none, or that of the organisation itself; CONTROLLER_ENTERED when it has one.

    Source: S65 (independence of verification bodies); that a registrar keeps the list is a design choice.
    """
    del key
    region = require(actor, Act.REGISTER, organisation=organisation)
    if controller == organisation or not identity.is_organisation_code(controller, region=region):
        raise Refused(MemberRefusal.USCC_MALFORMED, uscc=controller)
    if Controller.objects.filter(organisation__uscc=organisation, ended_at=None).exists():
        raise Refused(MemberRefusal.CONTROLLER_ENTERED, uscc=organisation)
    Controller.objects.create(organisation_id=organisation, controller=controller, entered_at=now)
    facts = {"organisation": organisation, "controller": controller, "by": actor.person}
    journal.append(Entry("members.controller.entered", facts), now=now)
    return {"organisation": organisation, "controller": controller}


@journal.command("members.end_controller")
def end_controller(actor: Actor, *, organisation: str, key: str, now: datetime) -> Answer:
    """Note that whoever controlled an organisation does so no more.

    Args:
        actor: officer or registrar of the organisation's region.
        organisation: who was controlled (unified social credit code).
        key: idempotency key.
        now: when.

    Returns:
        {"organisation": code}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, NO_SUCH_ORGANISATION; NO_CONTROLLER when none is entered.

    Source: design choice, no legal source.
    """
    del key
    require(actor, Act.REGISTER, organisation=organisation)
    row = Controller.objects.select_for_update().filter(organisation__uscc=organisation, ended_at=None).first()
    if row is None:
        raise Refused(MemberRefusal.NO_CONTROLLER, uscc=organisation)
    row.ended_at = now
    row.save(update_fields=["ended_at"])
    facts = {"organisation": organisation, "controller": row.controller, "by": actor.person}
    journal.append(Entry("members.controller.ended", facts), now=now)
    return {"organisation": organisation}
