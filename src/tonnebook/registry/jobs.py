"""What happens by itself: holds end, and what has waited long enough is carried out; by night an audit."""

from procrastinate.contrib.django import app

from tonnebook.journal import queries as journal_queries
from tonnebook.journal import services as journal
from tonnebook.registry import services
from tonnebook_audit import auditor


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


# Jobs go by universal time: half past three at night in Shanghai.
@app.periodic(cron="30 19 * * *")
@app.task(name="registry.audit", queueing_lock="registry.audit")
def audit(timestamp: int) -> None:
    """Have the second pair of eyes look at everything at night; what does not hold stops every region."""
    del timestamp
    report = auditor.audit(journal_queries.audit_url(), **journal_queries.signer().keys)
    breaks = [f"{one.number} {one.check}: {one.subject}" for one in report.breaks]
    services.settle_audit(breaks, log_root=report.log_root, now=journal.now())
