"""What every browser test does first: become somebody."""

import re

from playwright.sync_api import Page


def become(page: Page, name: str) -> None:
    """Change the demo person in the role bar."""
    page.goto("/")
    page.get_by_role("button", name=re.compile(name)).click()
