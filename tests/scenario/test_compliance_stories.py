"""Compliance years told twice, by core in memory and by the services on PostgreSQL; the auditor has the last word.

After every step both agree on balances, titles, stages, duties and the standing of each year. The words stand in
`compliance_words`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.scenario.compliance_words import cast_of, take
from tests.scenario.memory_year import MemoryYear
from tests.scenario.service_year import ServiceYear

from tonnebook import golden
from tonnebook.journal import queries as journal
from tonnebook.journal import services as log
from tonnebook_audit.auditor import audit

STORIES = [
    story
    for name in ("surrender.yaml", "leaving.yaml", "full_year.yaml", "at_risk.yaml")
    for story in golden.entries(Path(__file__).with_name(name))
]


@pytest.mark.usefixtures("fresh_database")
@pytest.mark.parametrize("story", STORIES, ids=lambda story: str(story["id"]).replace(" ", "_"))
def test_core_and_services_tell_the_same_years_without_a_break(story: Mapping[str, Any]) -> None:
    place = (story["region"], cast_of(story))
    memory, services = MemoryYear(*place), ServiceYear(*place)
    for step in story["steps"]:
        take(memory, step)
        take(services, step)
        assert services.state() == memory.state(), step
    log.integrate(now=services.now)
    log.publish_checkpoint(now=services.now)
    report = audit(journal.audit_url(), **journal.signer().keys)
    assert report.breaks == []
    assert report.log_size > 0


def test_a_word_that_no_story_knows_is_an_error() -> None:
    with pytest.raises(ValueError, match="no dance"):
        take(MemoryYear("shanghai", {}), {"dance": {}})
