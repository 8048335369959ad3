"""A certificate of compliance: for a year that is met, checked by anybody by number or file."""

import pytest
from tests.unit.compliance.stage import AFTER_DEADLINE, NORTH_POWER, RED_RIVER, STEELWORKER, STRANGER, YEAR, Stage

from tonnebook.compliance import services as compliance
from tonnebook.core.documents import DocumentKind, IssuedRefusal
from tonnebook.core.errors import Refused
from tonnebook.faces import documents
from tonnebook.journal.services import Answer
from tonnebook.registry import queries as registry


@pytest.fixture
def met(stage: Stage) -> Stage:
    stage.first_batch()
    stage.determine(red_t=60_000, north_t=50_000)
    stage.confirm(stage.submit({"SHEA-2026": 60_000}))
    return stage


def _issue(stage: Stage, *, entity: str = RED_RIVER, language: str = "zh-hans") -> Answer:
    actor = STEELWORKER if entity == RED_RIVER else STRANGER
    return compliance.issue_certificate(
        actor,
        entity=entity,
        year=YEAR,
        language=language,
        site="https://registry.example",
        key=stage.key(),
        now=AFTER_DEADLINE,
    )


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_met_year_is_certified_and_anybody_can_check_it(met: Stage, language: str) -> None:
    met.settle()
    answer = _issue(met, language=language)
    content = registry.issued_content(str(answer["document"]))
    assert content.startswith(b"%PDF")
    found = registry.issued_document(documents.digest(content))
    assert found is not None
    assert (found.number, found.kind, found.leaf) == (answer["document"], DocumentKind.COMPLIANCE, answer["leaf"])


def test_no_certificate_before_the_year_is_settled_or_while_something_is_missing(met: Stage) -> None:
    for entity in (RED_RIVER, NORTH_POWER):
        with pytest.raises(Refused) as caught:
            _issue(met, entity=entity)
        assert caught.value.code is IssuedRefusal.DUTY_NOT_MET
    met.settle()
    with pytest.raises(Refused) as caught:
        _issue(met, entity=NORTH_POWER)
    assert caught.value.code is IssuedRefusal.DUTY_NOT_MET


def test_a_stranger_takes_no_certificate_of_others(met: Stage) -> None:
    met.settle()
    with pytest.raises(Refused, match="NOT_YOUR_ORGANISATION"):
        compliance.issue_certificate(
            STRANGER,
            entity=RED_RIVER,
            year=YEAR,
            language="en",
            site="https://registry.example",
            key=met.key(),
            now=AFTER_DEADLINE,
        )
