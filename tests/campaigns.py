"""Campaigns: tests that break something very often; short in the suite, whole by `./tonnebook test --long`."""

import os

LONG = bool(os.environ.get("TONNEBOOK_LONG"))
SEED = int(os.environ.get("TONNEBOOK_FAULT_SEED", "20260101"))


def times(short: int, long: int) -> int:
    """Say how often a campaign does what it does."""
    return long if LONG else short
