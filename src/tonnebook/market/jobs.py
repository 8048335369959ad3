"""What the market does by itself: count the bids of an auction as soon as its time is over."""

from procrastinate.contrib.django import app

from tonnebook.core.roles import SYSTEM
from tonnebook.journal import services as journal
from tonnebook.market import queries, services


@app.periodic(cron="* * * * *")
@app.task(name="market.count_bids", queueing_lock="market.count_bids")
def count_bids(timestamp: int) -> None:
    """Count the bids of every auction that has closed, so that the public log says how many there are."""
    del timestamp
    now = journal.now()
    for number in queries.auctions_to_count(now=now):
        services.count_bids(SYSTEM, auction=number, key=f"count-bids-{number}", now=now)
