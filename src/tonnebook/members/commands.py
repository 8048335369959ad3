"""The command by which a region begins: `found`, with its first two people at the keyboard."""

import sys

from tonnebook.core.errors import Refused
from tonnebook.core.roles import OrganisationKind
from tonnebook.journal import services as journal
from tonnebook.members import services
from tonnebook.members.services import OrganisationDraft, PersonDraft
from tonnebook.members.services.access import FOUNDERS


def found(body: tuple[str, str, str], region: str, people: list[tuple[str, str, str, str]]) -> int:
    """Register the authority of a region and its first two people, and tell what comes next.

    Args:
        body: code of the authority, its names in Chinese and English.
        region: region code.
        people: of each sign-in name, names in Chinese and English, and password.

    Returns:
        Exit code.
    """
    uscc, *_names = body
    draft = OrganisationDraft(*body, OrganisationKind.AUTHORITY, region)
    both = [PersonDraft(username, zh, en, uscc, FOUNDERS, password) for username, zh, en, password in people]
    try:
        numbers = services.found_region(draft, both, now=journal.now())
    except Refused as reason:
        sys.stderr.write(f"{reason.zh}\n{reason.en}\n")
        return 1
    sys.stdout.write(f"已登记 {', '.join(numbers)}；请两人登录、设置第二因素，再在“人员”页面办理其他人员。\n")
    sys.stdout.write(f"Registered {', '.join(numbers)}; both sign in, set up a second factor, and admit the others.\n")
    return 0
