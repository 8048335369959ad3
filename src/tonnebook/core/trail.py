"""The trail of looks: what of others is only looked at with a row that says who did."""

from enum import StrEnum


class LookKind(StrEnum):
    """What somebody looked at that belongs to another organisation, or that a door kept closed."""

    ACCOUNT = "ACCOUNT"
    ORGANISATION = "ORGANISATION"
    DOCUMENT = "DOCUMENT"
    APPLICATION = "APPLICATION"
    APPROVAL = "APPROVAL"
    REPORT = "REPORT"
    NUMBER = "NUMBER"
    CLIENT_MONEY = "CLIENT_MONEY"
    LIST = "LIST"
    DOOR = "DOOR"
