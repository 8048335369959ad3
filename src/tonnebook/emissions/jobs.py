"""What happens by itself: by night every report is computed again and every evidence file is read byte by byte."""

from procrastinate.contrib.django import app

from tonnebook.emissions import services
from tonnebook.journal import services as journal


# Jobs go by universal time: four at night in Shanghai, after the audit of the books.
@app.periodic(cron="0 20 * * *")
@app.task(name="emissions.examine_records", queueing_lock="emissions.examine_records")
def examine_records(timestamp: int) -> None:
    """Compute every report and the digest of every file again, every night; what does not hold calls somebody."""
    del timestamp
    services.examine_records(now=journal.now())
