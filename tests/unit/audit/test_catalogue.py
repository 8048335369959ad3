"""Every check of the auditor has a number of its own, by which people name what they were told."""

from collections import Counter

from tonnebook_audit.catalogue import CHECKS


def test_no_two_checks_share_a_number() -> None:
    assert [number for number, times in Counter(one.number for one in CHECKS.values()).items() if times > 1] == []
