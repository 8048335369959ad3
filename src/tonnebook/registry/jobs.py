"""What happens to holds by itself."""

from procrastinate.contrib.django import app

from tonnebook.journal import services as journal
from tonnebook.registry import services


@app.periodic(cron="*/10 * * * *")
@app.task(name="registry.release_expired", queueing_lock="registry.release_expired")
def release_expired(timestamp: int) -> None:
    """Set free the holds whose time is over, every ten minutes."""
    del timestamp
    services.release_expired(now=journal.now())
