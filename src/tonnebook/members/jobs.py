"""What happens to approvals, sessions and nonces by itself."""

from datetime import UTC, datetime

from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from procrastinate.contrib.django import app

from tonnebook.journal import queries
from tonnebook.journal import services as journal
from tonnebook.members import services
from tonnebook.members.services import sign_ins, webhooks


@app.periodic(cron="5 * * * *")
@app.task(name="members.expire_approvals", queueing_lock="members.expire_approvals")
def expire_approvals(timestamp: int) -> None:
    """Close the approvals whose time is over, every hour."""
    del timestamp
    services.expire_approvals(now=journal.now())


@app.periodic(cron="35 * * * *")
@app.task(name="members.forget_sign_ins", queueing_lock="members.forget_sign_ins")
def forget_sign_ins(timestamp: int) -> None:
    """Drop the sessions that are over, every hour; they have let nobody in since."""
    del timestamp
    sign_ins.forget(at=datetime.now(UTC))
    SessionStore.clear_expired()


@app.periodic(cron="45 * * * *")
@app.task(name="members.forget_nonces", queueing_lock="members.forget_nonces")
def forget_nonces(timestamp: int) -> None:
    """Forget the nonces of signed requests that are long out of time, every hour."""
    del timestamp
    services.forget_nonces(now=journal.real_now())


@app.periodic(cron="* * * * *")
@app.task(name="members.pass_on_alerts", queueing_lock="members.pass_on_alerts")
def pass_on_alerts(timestamp: int) -> None:
    """Pass on the alerts that nobody has answered, every minute."""
    del timestamp
    services.pass_on_alerts(now=journal.now())


@app.periodic(cron="0 2 * * *")
@app.task(name="members.drill", queueing_lock="members.drill")
def drill(timestamp: int) -> None:
    """Ask every day at ten in the morning (Shanghai) whether alerts are heard; the clock of a demo leaps over days."""
    del timestamp
    if not queries.clock().is_demo:
        services.drill(now=journal.now())


@app.periodic(cron="* * * * * */10")
@app.task(name="members.deliver_messages", queueing_lock="members.deliver_messages")
def deliver_messages(timestamp: int) -> None:
    """Deliver what programs are to be told, and try again what nobody took."""
    del timestamp
    now = journal.now()
    while webhooks.deliver_next(now=now):
        pass


@app.periodic(cron="* * * * *")
@app.task(name="members.release_news", queueing_lock="members.release_news")
def release_news(timestamp: int) -> None:
    """Release the news whose time has come, every minute."""
    del timestamp
    with transaction.atomic():
        services.release_due(now=journal.now())
