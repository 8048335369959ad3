"""A client of tonnebook's API: signs requests, tries again what is safe to try again, and checks webhooks.

It needs `requests` and `cryptography` and knows nothing of the system it talks to but its API.

    from tonnebook_client import Tonnebook

    market = Tonnebook("http://127.0.0.1:8000", api_key="K-000001-23", private_key=bytes.fromhex("…"))
    market.quote("SHEA")["last_fen_per_t"]
    placed = market.place_order("SHEA", "BUY", price_fen_per_t=8000, quantity_t=100)
    placed["trades"], placed["rest_t"]
"""

from tonnebook_client.client import Refused, Tonnebook, Unreachable, from_environment
from tonnebook_client.messages import Message, NotGenuine, read_message
from tonnebook_client.signing import signed_headers

__all__ = [
    "Message",
    "NotGenuine",
    "Refused",
    "Tonnebook",
    "Unreachable",
    "from_environment",
    "read_message",
    "signed_headers",
]
