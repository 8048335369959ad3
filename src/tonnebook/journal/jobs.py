"""What the journal does by itself: number, sign, have witnessed, anchor; and the loop that runs all jobs."""

import asyncio
import contextlib
import signal

import structlog
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation

from tonnebook.journal import anchors, messengers, remembered, services, witnesses
from tonnebook.journal.outside import Unreachable

log = structlog.get_logger(__name__)

# One long job, such as playing a demo, must not keep checkpoints waiting.
CONCURRENCY = 3


@app.periodic(cron="* * * * * */10")
@app.task(name="journal.publish", queueing_lock="journal.publish")
def publish(timestamp: int) -> None:
    """Number what has been committed and sign the root over it, every ten seconds if there is anything."""
    del timestamp
    now = services.now()
    services.integrate(now=now)
    remembered.keep(services.publish_checkpoint(now=now))


@app.periodic(cron="* * * * * */10")
@app.task(name="journal.witness", queueing_lock="journal.witness")
def witness(timestamp: int) -> None:
    """Have every witness sign the latest checkpoint; one that is away or refuses does not keep the others waiting."""
    del timestamp
    for one in witnesses.configured():
        try:
            witnesses.cosign(one)
        except witnesses.Ahead as error:
            log.error("a witness is ahead", witness=one.name, reason=str(error))
        except (Unreachable, witnesses.Refusing) as error:
            log.warning("not witnessed", witness=one.name, reason=str(error))


@app.periodic(cron="0 * * * *")
@app.task(name="journal.anchor", queueing_lock="journal.anchor")
def anchor(timestamp: int) -> None:
    """Put the latest checkpoint down outside, every hour, where the settings say."""
    del timestamp
    for address in anchors.configured():
        try:
            anchors.anchor(address, now=services.now())
        except Unreachable as error:
            log.warning("not anchored", sink=address, reason=str(error))


@app.periodic(cron="* * * * * */10")
@app.task(name="journal.send", queueing_lock="journal.send")
def send(timestamp: int) -> None:
    """Send what commands put into the outbox, each message by its channel."""
    del timestamp
    now = services.now()
    while services.send_next(messengers.deliver, now=now):
        pass


@app.periodic(cron="* * * * *")
@app.task(name="journal.resume", queueing_lock="journal.resume")
async def resume(timestamp: int) -> None:
    """Put the jobs of workers that were killed back into the queue."""
    del timestamp
    for job in await app.job_manager.get_stalled_jobs():
        # A periodic job may wait already; then it need not be put back.
        with contextlib.suppress(AlreadyEnqueued, UniqueViolation):
            await app.job_manager.retry_job(job)


def work() -> None:
    """Take jobs from the queue until somebody ends the process.

    A signal ends it at once, in the middle of a job: what a job does is done in commands, each of which is one
    transaction and has a key, so the job can be taken up again.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    assert isinstance(app.connector, DjangoConnector)
    with app.replace_connector(app.connector.get_worker_connector()):
        asyncio.run(_work())


async def _work() -> None:
    async with app.open_async():
        await app.run_worker_async(
            concurrency=CONCURRENCY, install_signal_handlers=False, delete_jobs="successful", wait=True
        )
