"""What the market does by itself: turn the phases of its day, and count the bids of an auction that has closed."""

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


@app.periodic(cron="* * * * *")
@app.task(name="market.turn_phases", queueing_lock="market.turn_phases")
def turn_phases(timestamp: int) -> None:
    """Take the instruments of every region to the phase the clock has them in."""
    now = journal.now()
    for region in queries.regions_to_turn(now=now):
        services.turn_phases(SYSTEM, region=region, key=f"turn-phases-{region}-{timestamp}", now=now)
