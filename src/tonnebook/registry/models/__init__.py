"""The rows of the registry, one file per idea."""

from tonnebook.registry.models.books import (
    Account,
    Asset,
    Balance,
    Posting,
    SerialBlock,
    SerialLine,
    SerialMove,
    Transfer,
)
from tonnebook.registry.models.holds import Hold

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
