"""Check a receipt step by step with the second pair of eyes, and say each step in words."""

from dataclasses import dataclass

from django.utils.translation import gettext

from tonnebook.faces import formats
from tonnebook_audit import receipt as audit
from tonnebook_audit.receipt import Finding


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the check: what was asked, whether it held, and what is wrong if not."""

    question: str
    is_good: bool
    wrong: tuple[str, ...]


def check(text: str, *, trusted_key: str, language: str) -> tuple[Step, ...]:
    """Check a receipt and tell every step; later steps are left out where the file is no receipt at all.

    Args:
        text: the receipt (JSON).
        trusted_key: this log's own key.
        language: of the sentences about what is wrong.

    Returns:
        The steps in the order of the check.
    """
    findings = audit.check(text, trusted_key=trusted_key)
    steps = []
    for question, codes in _steps():
        wrong = tuple(_words(one, language) for one in findings if one in codes)
        steps.append(Step(question, not wrong, wrong))
        if audit.NOT_A_RECEIPT in findings or (audit.LEAF_MALFORMED in findings and audit.LEAF_MALFORMED in codes):
            break
    return tuple(steps)


def _steps() -> tuple[tuple[str, tuple[Finding, ...]], ...]:
    return (
        (gettext("The file is a receipt and its leaf is canonical."), (audit.NOT_A_RECEIPT, audit.LEAF_MALFORMED)),
        (gettext("The opened private fields are those the leaf commits to."), (audit.SEAL_BROKEN,)),
        (gettext("The key in the receipt is the key of this log."), (audit.KEY_NOT_TRUSTED, audit.ORIGIN_DIFFERS)),
        (gettext("The checkpoint is signed with that key."), (audit.NOTE_MALFORMED, audit.SIGNATURE_WRONG)),
        (
            gettext("The second signature of the log and those of witnesses hold as well."),
            (audit.COSIGNER_WRONG, audit.WITNESS_MISSING),
        ),
        (
            gettext("The leaf stands in the log that was signed, or its promise is signed."),
            (audit.SIZE_DIFFERS, audit.NOT_IN_LOG, audit.PROMISE_DIFFERS),
        ),
    )


def _words(finding: Finding, language: str) -> str:
    return finding.zh if formats.is_chinese(language) else finding.en
