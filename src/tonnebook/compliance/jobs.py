"""What compliance does by itself: remind whoever has something left to do, watch the closes, settle what is over."""

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


@app.periodic(cron="*/10 * * * *")
@app.task(name="compliance.stabilise", queueing_lock="compliance.stabilise")
def stabilise(timestamp: int) -> None:
    """Record what the closes of new days call for, and settle interventions whose window is over, every ten minutes."""
    del timestamp
    for region in registry.regions():
        services.record_due_findings(region=region, now=journal.now())
        services.settle_due_interventions(region=region, now=journal.now())
