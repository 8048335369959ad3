"""Keep the documents that organisations hand in, and ask for them where a service needs papers."""

import functools
from collections.abc import Sequence
from datetime import datetime

from tonnebook.core import identity
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Act, Actor
from tonnebook.core.uploads import DocumentPurpose, DocumentRefusal
from tonnebook.faces.uploads import Upload
from tonnebook.journal import services as journal
from tonnebook.journal.services import Answer, Entry
from tonnebook.members import queries
from tonnebook.members.models import Document, Organisation
from tonnebook.members.services.people import require


def keep_document(
    actor: Actor, *, organisation: str, upload: Upload, purpose: DocumentPurpose, key: str, now: datetime
) -> Answer:
    """Keep a document of an organisation; its digest enters the log openly, its name and purpose sealed.

    Args:
        actor: representative of the organisation, or registrar or officer of its region.
        organisation: whose document it is (unified social credit code).
        upload: a file that passed every check (`faces.uploads.accept`).
        purpose: what it is to show.
        key: idempotency key.
        now: when.

    Returns:
        {"document": number, "sha256": digest}.

    Raises:
        Refused: NOT_PERMITTED, NOT_YOUR_REGION, NOT_YOUR_ORGANISATION, NO_SUCH_ORGANISATION.

    Source: design choice, no legal source.
    """
    # For the key, the digest stands for the content.
    keep = journal.command("members.keep_document")(functools.partial(_keep, upload.content))
    return keep(
        actor,
        organisation=organisation,
        name=upload.name,
        kind=upload.kind.value,
        sha256=upload.sha256,
        purpose=purpose.value,
        key=key,
        now=now,
    )


def require_documents(organisation: str, documents: Sequence[str]) -> None:
    """Refuse when papers are needed and none, or those of others, are given; called inside the service that needs them.

    Args:
        organisation: whose documents they must be (unified social credit code).
        documents: numbers.

    Raises:
        Refused: DOCUMENTS_MISSING when none is given, NO_SUCH_DOCUMENT for the first that is not the organisation's.

    Source: design choice, no legal source.
    """
    if not documents:
        raise Refused(DocumentRefusal.DOCUMENTS_MISSING)
    own = {row.number for row in queries.documents(organisation, numbers=documents)}
    for number in documents:
        if number not in own:
            raise Refused(DocumentRefusal.NO_SUCH_DOCUMENT, document=number)


def _keep(
    content: bytes,
    actor: Actor,
    *,
    organisation: str,
    name: str,
    kind: str,
    sha256: str,
    purpose: str,
    key: str,
    now: datetime,
) -> Answer:
    del key
    queries.organisation(organisation)
    require(actor, Act.KEEP_DOCUMENT, organisation=organisation)
    (count,) = journal.next_counts("members_document_number", 1)
    row = Document.objects.create(
        number=identity.numbered("D", count),
        organisation=Organisation.objects.get(uscc=organisation),
        purpose=purpose,
        name=name,
        kind=kind,
        sha256=sha256,
        size=len(content),
        content=content,
        uploaded_by=actor.person,
        at=now,
    )
    facts = {"document": row.number, "sha256": sha256, "by": actor.person}
    sealed = {"organisation": organisation, "name": name, "purpose": purpose}
    journal.append(Entry("members.document.kept", facts, sealed), now=now)
    return {"document": row.number, "sha256": sha256}
