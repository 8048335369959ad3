"""The checking page forbids itself everything but its own script and style, wherever it is opened from."""

import base64
import hashlib
import re

from tests.unit.web.town import Town

from tonnebook.portal import verifier


def test_the_policy_names_exactly_the_script_and_style_of_the_page() -> None:
    page = verifier.page()
    for tag in ("script", "style"):
        (body,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in verifier.policy()
    assert f'content="{verifier.policy()}"' in page
    assert verifier.policy().startswith("default-src 'none'")
    assert not re.search(r"\b(src|href)=|https?://|@[A-Z]+@", page)


def test_anybody_gets_the_page_with_its_own_policy(town: Town) -> None:
    answer = town.browser().get("/public/verify.html")
    assert answer.status_code == 200
    assert answer["Content-Security-Policy"] == f"{verifier.policy()}; frame-ancestors 'none'"
    assert answer.content.decode() == verifier.page()
    assert "/public/verify.html" in town.browser().get("/public/check-it-yourself").content.decode()
