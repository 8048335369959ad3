"""The job that plays the demo."""

from django.db import OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from tonnebook.core.errors import Busy
from tonnebook.demo import services

# Somebody at a page may hold a lock that a step needs.
_AGAIN = RetryStrategy(max_attempts=10, wait=5, retry_exceptions=[Busy, OperationalError])


@app.task(name=services.JOB, queueing_lock=services.JOB, retry=_AGAIN)
def play() -> None:
    """Play what is due."""
    services.play_on()
