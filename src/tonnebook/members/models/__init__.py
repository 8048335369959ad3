"""The rows of members, one file per idea."""

from tonnebook.members.models.people import Approval, Organisation, Person

__all__ = ["Approval", "Organisation", "Person"]
