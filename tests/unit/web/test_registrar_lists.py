"""The lists a registrar keeps: entered on their page, ended there, and the file of an entity as a document."""

from datetime import timedelta

import pytest
from django.test import Client
from tests.unit.members.test_papers import PRIVATE, signature
from tests.unit.members.test_seals import DIGEST, pem_of
from tests.unit.web.town import LOTUS, NORTH_POWER, NOW, RED_RIVER, REGION, YEAR, Town

from tonnebook.core.errors import Refused
from tonnebook.members import queries
from tonnebook.members.services import seals

ISSUER = "https://portal.example"


def cells(browser: Client, path: str) -> list[tuple[str, ...]]:
    return [line.cells for line in browser.get(path).context["page"].lines]


def second_agrees(town: Town) -> None:
    """An officer approves what the registrar has proposed, which is then done."""
    (row,) = queries.open_approvals(REGION)
    sent = {"decision": "approve", "digest": row.digest}
    assert town.browser("zhou").post(f"/approvals/{row.number}", sent).status_code == 302


def test_a_key_for_seals_is_entered_and_after_its_withdrawal_seals_nothing(town: Town) -> None:
    keeper, red, path = town.browser("keeper"), town.actor("red"), "/members/seal-keys"
    # The clock of the pages runs on from the stage's instant.
    later = NOW + timedelta(hours=1)
    assert keeper.post(path, {"organisation": RED_RIVER, "pem": "no key"}).status_code == 422
    assert keeper.post(path, {"organisation": RED_RIVER, "pem": pem_of(PRIVATE)}).status_code == 302
    assert cells(keeper, path) == []
    second_agrees(town)
    seals.seal(red, digest=DIGEST, signature=signature(DIGEST), key="seal-00001", now=later)
    ((organisation, fingerprint, *_days),) = cells(keeper, path)
    assert (organisation, fingerprint) == (RED_RIVER, queries.fingerprint(pem_of(PRIVATE)))
    sent = {"organisation": organisation, "fingerprint": fingerprint}
    assert keeper.post(f"{path}/withdraw", sent).status_code == 302
    with pytest.raises(Refused, match="NO_SEAL_KEY"):
        seals.seal(red, digest=DIGEST, signature=signature(DIGEST), key="seal-00002", now=later)
    assert keeper.post(f"{path}/withdraw", sent).status_code == 409
    assert "seal-keys/withdraw" not in keeper.get(path).content.decode()


def test_somebody_is_linked_to_a_provider_and_unlinked_again(town: Town) -> None:
    keeper, path, person = town.browser("keeper"), "/members/identities", town.actor("red").person
    told = {"person": person, "provider": ISSUER, "known_as": "red-1"}
    assert keeper.post(path, {**told, "person": "P-000000-00"}).status_code == 404
    assert keeper.post(path, told).status_code == 302
    assert cells(keeper, path) == []
    second_agrees(town)
    assert keeper.post(path, told).status_code == 409
    ((found, *_rest),) = cells(keeper, path)
    assert found == person
    sent = {"issuer": ISSUER, "subject": "red-1"}
    assert keeper.post(f"{path}/unlink", sent).status_code == 302
    assert cells(keeper, path) == []
    answer = keeper.post(f"{path}/unlink", sent)
    assert (answer.status_code, "NO_SUCH_LINK" in answer.content.decode()) == (404, True)


def test_somebody_is_barred_seen_by_the_exchange_and_let_trade_again(town: Town) -> None:
    keeper, bell, path = town.browser("keeper"), town.browser("bell"), "/members/barred"
    assert keeper.post(path, {"subject": LOTUS, "ground": "亲属任职交易所"}).status_code == 302
    assert keeper.post(path, {"subject": LOTUS, "ground": "再次"}).status_code == 409
    ((subject, ground, *_days),) = cells(bell, path)
    assert (subject, ground) == (LOTUS, "亲属任职交易所")
    assert bell.get(path).context["form"] is None
    assert bell.post(path, {"subject": NORTH_POWER, "ground": "x"}).status_code == 403
    assert keeper.post(f"{path}/lift", {"subject": LOTUS}).status_code == 302
    ((*_names, lifted),) = cells(bell, path)
    assert lifted == "—"
    second_agrees(town)
    assert keeper.post(f"{path}/lift", {"subject": LOTUS}).status_code == 404


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_file_of_an_entity_is_handed_out_as_a_document(town: Town, language: str) -> None:
    town.reported()
    answer = town.browser("red", language).get(f"/entity/{RED_RIVER}/file.pdf?year={YEAR}")
    assert answer.content.startswith(b"%PDF-")
    assert f"{RED_RIVER}-{YEAR}.pdf" in answer["Content-Disposition"]
    assert town.browser("north").get(f"/entity/{RED_RIVER}/file.pdf").status_code == 404
