"""What a company does next in its year, and by when."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from tonnebook.compliance.queries import Deadline, Position
from tonnebook.core.reporting import ReportState


@dataclass(frozen=True, slots=True)
class NextStep:
    """One sentence, the page where it is done (URL name, or nothing), and its deadline."""

    sentence: str
    page: str
    action: str
    deadline: Deadline | None


def next_step(position: Position, report: ReportState | None, deadlines: Sequence[Deadline]) -> NextStep:
    """Say what a company does next.

    Args:
        position: where it stands.
        report: state of its annual report, None before it is submitted.
        deadlines: of the year.

    Returns:
        The step.
    """
    days = {one.code: one for one in deadlines}
    if position.code:
        return NextStep(gettext("The year is settled. Nothing is left to do."), "", "", None)
    if position.determined_t is None:
        return _before_determination(report, days)
    if position.due_t == 0:
        return NextStep(gettext("You have surrendered everything; the authority confirms it."), "", "", None)
    if position.gap_t:
        sentence = gettext("You are short: buy the missing tonnes before the deadline, then surrender.")
        return NextStep(sentence, "market:market", gettext("To the market"), days.get("surrender"))
    return NextStep(
        gettext("You hold enough: surrender now."), "web:surrender", gettext("Surrender"), days.get("surrender")
    )


def _before_determination(report: ReportState | None, days: dict[str, Deadline]) -> NextStep:
    if report is None:
        sentence = gettext("File each month, then submit the annual report.")
        return NextStep(sentence, "web:filings", gettext("To the filings"), days.get("report"))
    if report is ReportState.NOT_VERIFIED:
        sentence = gettext("The verifier could not confirm your report: correct it and submit a new version.")
        return NextStep(sentence, "web:reports", gettext("To the report"), days.get("verification"))
    sentence = gettext("Your report is being verified and determined; you need do nothing now.")
    return NextStep(sentence, "web:reports", gettext("See the report"), days.get("determination"))
