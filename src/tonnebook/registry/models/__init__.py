"""The rows of the registry, one file per idea."""

from tonnebook.registry.models.books import (
    Account,
    Asset,
    Balance,
    Hold,
    Posting,
    SerialBlock,
    SerialLine,
    SerialMove,
    Transfer,
)

__all__ = [
    "Account",
    "Asset",
    "Balance",
    "Hold",
    "Posting",
    "SerialBlock",
    "SerialLine",
    "SerialMove",
    "Transfer",
]
