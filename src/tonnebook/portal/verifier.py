"""The page that checks receipts in a browser, as one file that works on the site and on a disk, without a network.

Script and style stand in the page itself and are allowed by their digests alone; everything else is forbidden to it.
"""

import base64
import functools
import hashlib
from pathlib import Path

_PARTS = Path(__file__).with_name("offline")


@functools.cache
def policy() -> str:
    """Give the page's content security policy: its own script and style, and nothing from anywhere."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src '{_digest('verify.js')}'",
            f"style-src '{_digest('verify.css')}'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


@functools.cache
def page() -> str:
    """Give the whole page."""
    whole = _part("verify.html").replace("@POLICY@", policy())
    return whole.replace("@STYLE@", _part("verify.css")).replace("@SCRIPT@", _part("verify.js"))


def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")


def _digest(name: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(_part(name).encode()).digest()).decode()
