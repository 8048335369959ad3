"""Documents that organisations hand in: kept once and unchanged, and shown to nobody else."""

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, connection, transaction
from pytest_django.fixtures import Settings
from tests.unit.faces import files
from tests.unit.web import town as towns
from tests.unit.web.town import NORTH_POWER, NOW, RED_RIVER, Town

from tonnebook.core import identity
from tonnebook.core.errors import Refused
from tonnebook.core.roles import AccessRefusal
from tonnebook.core.uploads import PAPERS, DocumentPurpose, DocumentRefusal
from tonnebook.faces import uploads
from tonnebook.faces.uploads import Upload
from tonnebook.journal.models import JournalLeaf
from tonnebook.members import queries
from tonnebook.members import services as members
from tonnebook.members.models import Document


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return towns.open_town()


def paper(*objects: bytes) -> Upload:
    return uploads.accept(ContentFile(files.pdf(*objects), name="判决书.pdf"), kinds=PAPERS)


def kept(town: Town, username: str = "red", *, upload: Upload | None = None, key: str = "k") -> str:
    answer = members.keep_document(
        town.actor(username),
        organisation=RED_RIVER,
        upload=upload or paper(),
        purpose=DocumentPurpose.JUDGMENT,
        key=key,
        now=NOW,
    )
    return str(answer["document"])


def test_a_document_is_kept_as_it_came_and_its_name_stays_out_of_the_log(town: Town) -> None:
    upload = paper()
    number = kept(town, upload=upload)
    row = queries.document(number)
    assert identity.is_numbered(number)
    assert (row.organisation, row.name, row.sha256) == (RED_RIVER, "判决书.pdf", upload.sha256)
    assert queries.document_content(number) == upload.content
    (leaf,) = JournalLeaf.objects.filter(kind="members.document.kept")
    assert upload.sha256 in leaf.payload
    assert "判决书" not in leaf.payload
    assert RED_RIVER not in leaf.payload


def test_the_same_key_keeps_a_document_once_and_another_file_is_not_it(town: Town) -> None:
    assert kept(town) == kept(town)
    with pytest.raises(Refused, match="KEY_REUSED"):
        kept(town, upload=paper(b"<< >>"))
    assert len(queries.documents(RED_RIVER)) == 1


def test_nobody_hands_in_documents_of_others(town: Town) -> None:
    for username, code in (("north", AccessRefusal.NOT_YOUR_ORGANISATION), ("true", AccessRefusal.NOT_PERMITTED)):
        with pytest.raises(Refused) as refused:
            kept(town, username)
        assert refused.value.code is code
    kept(town, "keeper")


def test_papers_that_a_service_needs_must_be_there_and_the_organisations_own(town: Town) -> None:
    number = kept(town)
    members.require_documents(RED_RIVER, [number])
    for organisation, numbers, code in (
        (RED_RIVER, [], DocumentRefusal.DOCUMENTS_MISSING),
        (NORTH_POWER, [number], DocumentRefusal.NO_SUCH_DOCUMENT),
        (RED_RIVER, [number, "D-0"], DocumentRefusal.NO_SUCH_DOCUMENT),
    ):
        with pytest.raises(Refused) as refused:
            members.require_documents(organisation, numbers)
        assert refused.value.code is code


def test_the_database_keeps_no_content_under_a_wrong_digest(town: Town) -> None:
    row = Document.objects.get(number=kept(town))
    row.pk, row.number, row.content = None, "D-X", b"another"
    with pytest.raises(IntegrityError, match="members_document_sha256"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.parametrize("statement", ["UPDATE members_document SET name = 'x'", "DELETE FROM members_document"])
def test_a_document_is_changed_by_nobody(town: Town, statement: str) -> None:
    kept(town)
    with pytest.raises(Exception, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_document_is_downloaded_by_its_owner_and_the_keepers_only(town: Town) -> None:
    number = kept(town)
    address = f"/members/documents/{number}"
    for username in ("red", "zhou", "keeper", "eye"):
        answer = town.browser(username).get(address)
        assert answer.content == files.pdf()
        assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Type"] == "application/pdf"
    for username in ("north", "lotus", "bell", "true"):
        assert town.browser(username).get(address).status_code == 404
    assert town.browser("north").get("/members/documents/D-0").status_code == 404
    assert town.browser().get(address)["Location"].startswith("/sign-in")
