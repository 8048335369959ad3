"""What compliance does by itself: remind whoever has something left to do."""

from procrastinate.contrib.django import app

from tonnebook.compliance import services
from tonnebook.journal import services as journal
from tonnebook.registry import queries as registry


@app.periodic(cron="25 * * * *")
@app.task(name="compliance.remind", queueing_lock="compliance.remind")
def remind(timestamp: int) -> None:
    """Send the reminders that are due in every region, every hour; each goes out once, whoever runs beside."""
    del timestamp
    for region in registry.regions():
        services.remind(region=region, now=journal.now())
