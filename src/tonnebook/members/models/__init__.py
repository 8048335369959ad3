"""The rows of members, one file per idea."""

from tonnebook.members.models.documents import Document
from tonnebook.members.models.factors import FactorTrials
from tonnebook.members.models.people import Approval, Organisation, Person

__all__ = ["Approval", "Document", "FactorTrials", "Organisation", "Person"]
