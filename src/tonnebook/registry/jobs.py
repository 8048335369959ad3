"""What happens by itself: holds end, and what has waited long enough is carried out."""

from procrastinate.contrib.django import app

from tonnebook.journal import services as journal
from tonnebook.registry import services


@app.periodic(cron="*/10 * * * *")
@app.task(name="registry.release_expired", queueing_lock="registry.release_expired")
def release_expired(timestamp: int) -> None:
    """Set free the holds whose time is over, every ten minutes."""
    del timestamp
    services.release_expired(now=journal.now())


@app.periodic(cron="* * * * *")
@app.task(name="registry.carry_out_due", queueing_lock="registry.carry_out_due")
def carry_out_due(timestamp: int) -> None:
    """Carry out the transfers and withdrawals that have waited long enough, every minute."""
    del timestamp
    services.carry_out_due(now=journal.now())
