"""What members do: register organisations and people, hand in documents, and approve by two people.

`require`, `require_signed`, `require_documents` and `use_approval` run inside the command of another room;
`expire_approvals` is run by a job; the others are commands. Second factors have their own module, `factors`.
"""

from tonnebook.members.services.documents import keep_document, require_documents
from tonnebook.members.services.people import (
    ApprovedBy,
    OrganisationDraft,
    PersonDraft,
    approve,
    expire_approvals,
    propose,
    register_organisations,
    register_people,
    reject,
    require,
    require_signed,
    use_approval,
)

__all__ = [
    "ApprovedBy",
    "OrganisationDraft",
    "PersonDraft",
    "approve",
    "expire_approvals",
    "keep_document",
    "propose",
    "register_organisations",
    "register_people",
    "reject",
    "require",
    "require_documents",
    "require_signed",
    "use_approval",
]
