"""What happens to approvals by itself."""

from procrastinate.contrib.django import app

from tonnebook.journal import services as journal
from tonnebook.members import services


@app.periodic(cron="5 * * * *")
@app.task(name="members.expire_approvals", queueing_lock="members.expire_approvals")
def expire_approvals(timestamp: int) -> None:
    """Close the approvals whose time is over, every hour."""
    del timestamp
    services.expire_approvals(now=journal.now())
