"""The register below a company: streams, events with evidence that the authority decides, and the two boundaries."""

from datetime import date

import pytest
from tests.unit.emissions.story import (
    CHEN,
    GAS,
    NEXT_YEAR,
    POWER,
    RED_RIVER,
    REGION,
    STEEL,
    STEELWORKER,
    STRANGER,
    YEAR,
    ZHOU,
    Story,
)

from tonnebook.core.errors import Refused
from tonnebook.core.mrv import LineKind
from tonnebook.core.register import EventDecision, Reach, RegisterRefusal, SiteEvent, Span
from tonnebook.core.roles import AccessRefusal, MemberRefusal
from tonnebook.core.uploads import DocumentPurpose, DocumentRefusal, UploadKind
from tonnebook.emissions import queries
from tonnebook.emissions import services as emissions
from tonnebook.emissions.services import StreamDraft
from tonnebook.faces.uploads import Upload
from tonnebook.journal import tenancy
from tonnebook.members import services as members

SUMMER = date(YEAR, 7, 1)
TRUCKS = StreamDraft("SS-2", "RR-1", LineKind.ELECTRICITY, "grid", "MWh", date(YEAR, 1, 1), reach=Reach.ORGANISATION)
FURNACE = StreamDraft("SS-1", "RR-1", LineKind.COMBUSTION, "natural_gas", "10^4Nm3", date(YEAR, 1, 1), "Furnace")


def streams(story: Story) -> None:
    """Register two streams of Red River."""
    emissions.register_streams(STEELWORKER, entity=RED_RIVER, drafts=[FURNACE, TRUCKS], key=story.key(), now=NEXT_YEAR)


def paper(story: Story) -> str:
    """Keep a paper of Red River; its number."""
    digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    upload = Upload("notice.pdf", UploadKind.PDF, digest, 4, b"test")
    purpose, key = DocumentPurpose.EVIDENCE, story.key()
    kept = members.keep_document(
        STEELWORKER, organisation=RED_RIVER, upload=upload, purpose=purpose, key=key, now=NEXT_YEAR
    )
    return str(kept["document"])


def declare(
    story: Story, subject: str = "RR-1", kind: SiteEvent = SiteEvent.CLOSURE, on: date = SUMMER, **more: str
) -> str:
    """Declare an event of Red River; its number."""
    document = more.pop("document", None)
    answer = emissions.declare_event(
        STEELWORKER,
        subject=subject,
        kind=kind,
        on=on,
        document=paper(story) if document is None else document,
        key=story.key(),
        now=NEXT_YEAR,
        **more,
    )
    return str(answer["event"])


def decide(story: Story, event: str, decision: EventDecision = EventDecision.APPROVED, note: str = "") -> None:
    """Have an officer decide."""
    emissions.decide_event(ZHOU, event=event, decision=decision, note=note, key=story.key(), now=NEXT_YEAR)


def refusal_of(action: object) -> object:
    """What something is refused with."""
    with pytest.raises(Refused) as refused:
        action()  # type: ignore[operator]
    return refused.value.code


def test_an_event_counts_once_the_authority_has_approved_it_and_reaches_the_streams(story: Story) -> None:
    streams(story)
    event = declare(story)
    assert [row.number for row in queries.open_events(REGION)] == [event]
    assert queries.register_of(RED_RIVER)[0].spans == (Span(date(YEAR, 1, 1), None),)
    decide(story, event)
    assert queries.open_events(REGION) == ()
    place = queries.register_of(RED_RIVER)[0]
    assert place.spans == (Span(date(YEAR, 1, 1), SUMMER),)
    assert {stream.number: stream.spans for stream in place.streams} == {
        "SS-1": (Span(date(YEAR, 1, 1), SUMMER),),
        "SS-2": (Span(date(YEAR, 1, 1), SUMMER),),
    }
    assert place.streams[0].process == "Furnace"
    decide(story, declare(story, "SS-1", SiteEvent.CAPACITY_CHANGE, detail="20 MW"))
    assert refusal_of(lambda: declare(story)) is RegisterRefusal.EVENT_OUT_OF_ORDER


def test_a_returned_event_changes_nothing_and_says_why(story: Story) -> None:
    event = declare(story)
    assert refusal_of(lambda: decide(story, event, EventDecision.RETURNED)) is RegisterRefusal.RETURN_WITHOUT_NOTE
    decide(story, event, EventDecision.RETURNED, "the day is another")
    assert refusal_of(lambda: decide(story, event)) is RegisterRefusal.EVENT_DECIDED
    (row,) = queries.register_of(RED_RIVER)[0].events
    assert (row.decision, row.note) == (EventDecision.RETURNED, "the day is another")
    assert queries.register_of(RED_RIVER)[0].spans == (Span(date(YEAR, 1, 1), None),)


def test_two_declared_closures_cannot_both_be_approved(story: Story) -> None:
    first, second = declare(story), declare(story)
    decide(story, first)
    assert refusal_of(lambda: decide(story, second)) is RegisterRefusal.EVENT_OUT_OF_ORDER


def test_events_are_the_companys_own_with_evidence_and_decided_by_officers(story: Story) -> None:
    with tenancy.acting(tenancy.scope_of(STRANGER)):
        stranger = {"subject": "RR-1", "kind": SiteEvent.CLOSURE, "on": SUMMER, "document": "", "now": NEXT_YEAR}
        code = refusal_of(lambda: emissions.declare_event(STRANGER, **stranger, key=story.key()))  # type: ignore[arg-type]
    assert code in {RegisterRefusal.NO_SUCH_PLACE, AccessRefusal.NOT_YOUR_ORGANISATION}
    assert refusal_of(lambda: declare(story, "XX-9")) is RegisterRefusal.NO_SUCH_PLACE
    assert refusal_of(lambda: declare(story, document="")) is DocumentRefusal.DOCUMENTS_MISSING
    nobody = "91310000MA1FL9999X"
    assert (
        refusal_of(lambda: declare(story, kind=SiteEvent.TRANSFER, receiver=nobody))
        is MemberRefusal.NO_SUCH_ORGANISATION
    )
    asked = {"event": "RE-1", "decision": EventDecision.APPROVED, "now": NEXT_YEAR}
    assert refusal_of(lambda: emissions.decide_event(CHEN, **asked, key=story.key())) is RegisterRefusal.NO_SUCH_EVENT  # type: ignore[arg-type]
    assert (
        refusal_of(lambda: emissions.decide_event(STEELWORKER, **asked, key=story.key()))  # type: ignore[arg-type]
        is AccessRefusal.NOT_PERMITTED
    )


def test_a_number_of_a_stream_is_taken_once_and_its_facility_is_the_companys(story: Story) -> None:
    streams(story)
    assert refusal_of(lambda: streams(story)) is RegisterRefusal.NUMBER_TAKEN
    foreign = StreamDraft("SS-9", "NP-1", LineKind.HEAT, "steam", "GJ", SUMMER)
    asked = {"entity": RED_RIVER, "drafts": [foreign], "now": NEXT_YEAR}
    code = refusal_of(lambda: emissions.register_streams(STEELWORKER, **asked, key=story.key()))  # type: ignore[arg-type]
    assert code is RegisterRefusal.NO_SUCH_PLACE


def test_facilities_and_organisation_of_a_report_add_up_to_its_total(story: Story) -> None:
    story.plan()
    streams(story)
    lines = [emissions.ReportLine("RR-1", GAS, "SS-1"), emissions.ReportLine("RR-1", POWER, "SS-2")]
    asked = {"entity": RED_RIVER, "year": YEAR, "outputs": [STEEL], "now": NEXT_YEAR}
    wrong = [emissions.ReportLine("RR-2", GAS, "SS-1")]
    code = refusal_of(lambda: emissions.submit_report(STEELWORKER, lines=wrong, **asked, key=story.key()))  # type: ignore[arg-type]
    assert code is RegisterRefusal.NO_SUCH_PLACE
    emissions.submit_report(STEELWORKER, lines=lines, **asked, key=story.key())  # type: ignore[arg-type]
    report = queries.report_of(RED_RIVER, YEAR)
    assert report is not None
    found = queries.boundaries_of(RED_RIVER, report.lines, report.total)
    assert found.organisation_only > 0
    assert found.facilities.keys() == {"RR-1"}
    assert found.organisation == report.total.inputs[0].value
