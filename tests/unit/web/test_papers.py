"""The pages of official papers: draft, sign, read, receive, seal, bind, and check as everybody."""

import base64
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.unit.faces import files
from tests.unit.members.cast import seal_key_entered
from tests.unit.members.test_papers import PRIVATE
from tests.unit.members.test_seals import pem_of
from tests.unit.web.town import BUREAU, NOW, RED_RIVER, YEAR, Town

from tonnebook.core import seals as core_seals
from tonnebook.core.papers import PUBLISHED, PaperKind
from tonnebook.members import queries as members

NUMBER = f"沪环气候〔{NOW.year}〕1号"
PAGE = f"/papers/{NUMBER}"


def draft_page(kind: PaperKind = PaperKind.ALLOCATION, entity: str = RED_RIVER, language: str = "zh-hans") -> str:
    return f"/papers/new?kind={kind.value}&entity={entity}&year={YEAR}&language={language}"


def hand_over(browser: Client, page: str, **changes: str) -> str:
    """Fill the form as it is shown, with changes; the address it leads to."""
    shown = browser.get(page)
    assert shown.status_code == 200
    form = shown.context["form"]
    told = {"books": shown.context["books"], "subject": form["subject"].value(), "text": form["text"].value()}
    sent = browser.post(page, {**told, **changes})
    assert sent.status_code == 302, sent.content.decode()
    return str(sent["Location"])


def issue(town: Town, page: str = "", **changes: str) -> None:
    """Draft as Zhou and sign as Chen."""
    waiting = hand_over(town.browser("zhou"), page or draft_page(), **changes)
    chen = town.browser("chen")
    digest = chen.get(waiting).context["row"].digest
    sent = chen.post(f"/approvals/{waiting.rsplit('/', 1)[-1]}", {"decision": "approve", "digest": digest})
    assert sent.status_code == 302


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("kind", sorted(set(PaperKind) - PUBLISHED))
def test_every_kind_begins_with_a_text_and_what_the_books_give(town: Town, kind: PaperKind, language: str) -> None:
    town.reported()
    shown = town.browser("zhou", language).get(draft_page(kind, language=language))
    paper = shown.context["paper"]
    assert (shown.status_code, paper.language) == (200, language)
    assert paper.subject
    assert paper.paragraphs[0]
    assert paper.figures or paper.annexes
    assert (re.search(r"[\u4e00-\u9fff]", paper.subject) is not None) == (language == "zh-hans")


def test_a_paper_is_drafted_by_one_signed_by_another_and_read_by_its_addressee(town: Town) -> None:
    waiting = hand_over(town.browser("zhou"), draft_page(), text="第一段。\n\n第二段。")
    number = waiting.rsplit("/", 1)[-1]
    own = town.browser("zhou").get(waiting)
    assert 'value="approve"' not in own.content.decode()
    assert "第二段。" in own.content.decode()
    assert number in {row.number for row, _ in town.browser("chen").get("/papers").context["waiting"]}
    chen = town.browser("chen")
    digest = chen.get(waiting).context["row"].digest
    chen.post(f"/approvals/{number}", {"decision": "approve", "digest": digest})
    red = town.browser("red")
    assert NUMBER in red.get("/papers").content.decode()
    page = red.get(PAGE)
    assert "第一段。" in page.content.decode()
    assert red.post(f"/notices/{page.context['copy'].notice}/receipt").status_code == 302
    assert members.paper(NUMBER).served_by == town.actor("red").person
    told = [(one.topic, one.told) for one in red.get(f"/entity/{RED_RIVER}/file?year={NOW.year}").context["events"]]
    assert told.count(("paper", NUMBER)) == 2
    for form, start in (("pdf", b"%PDF-"), ("docx", b"PK\x03\x04"), ("ofd", b"PK\x03\x04")):
        answer = red.get(f"{PAGE}/file.{form}")
        assert answer.content.startswith(start)
        assert form in answer["Content-Disposition"]
    assert red.get(f"{PAGE}/file.odt").status_code == 404


def test_others_do_not_learn_of_a_paper(town: Town) -> None:
    issue(town)
    north = town.browser("north")
    for path in (PAGE, f"{PAGE}/file.pdf"):
        assert north.get(path).status_code == 404
    assert NUMBER not in north.get("/papers").content.decode()
    assert NUMBER in town.browser("eye").get("/papers").content.decode()


def test_what_is_sent_back_is_taken_up_again_as_it_was_written(town: Town) -> None:
    zhou = town.browser("zhou")
    number = hand_over(zhou, draft_page(), subject="我的标题").rsplit("/", 1)[-1]
    town.browser("chen").post(f"/approvals/{number}", {"decision": "reject", "reason": "请写明依据"})
    listed = zhou.get("/papers").content.decode()
    assert "请写明依据" in listed
    again = zhou.get(f"{draft_page()}&again={number}")
    assert again.context["form"]["subject"].value() == "我的标题"
    theirs = town.browser("chen").get(f"{draft_page()}&again={number}")
    assert theirs.context["form"]["subject"].value() != "我的标题"


def test_values_that_have_moved_are_looked_at_again(town: Town) -> None:
    zhou = town.browser("zhou")
    sent = zhou.post(draft_page(), {"books": "0" * 64, "subject": "标题", "text": "正文"})
    assert sent.status_code == 422
    assert members.open_approvals("shanghai") == ()


def test_a_sign_that_no_font_draws_is_refused_before_anybody_signs(town: Town) -> None:
    zhou = town.browser("zhou")
    books = zhou.get(draft_page()).context["books"]
    sent = zhou.post(draft_page(), {"books": books, "subject": "标题", "text": "正文 🚲"})
    assert sent.status_code == 422
    assert "🚲" in str(sent.context["form"].errors["text"])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?kind=NONE&entity=x&year=1&language=zh", 422),
        ("", 200),
        (f"?kind=PENALTY&entity=X&year={YEAR}&language=en", 404),
    ],
)
def test_a_draft_needs_a_kind_and_a_known_addressee(town: Town, query: str, status: int) -> None:
    assert town.browser("zhou").get(f"/papers/new{query}").status_code == status


def test_an_approval_of_something_else_is_no_paper(town: Town) -> None:
    assert town.browser("zhou").get("/papers/waiting/AP-000000-00").status_code == 404


def test_seal_and_stamped_print_are_put_on_the_page_and_checked_by_everybody(town: Town) -> None:
    issue(town)
    digest, chen = members.paper(NUMBER).row.digest, town.browser("chen")
    sealed = base64.b64encode(PRIVATE.sign(core_seals.message(digest))).decode()
    assert chen.post(f"{PAGE}/seal", {"signature": sealed}).status_code == 409
    assert chen.post(f"{PAGE}/seal", {}).status_code == 422
    seal_key_entered(town.actor("chen"), town.actor("zhou"), BUREAU, pem_of(PRIVATE), now=NOW)
    assert chen.post(f"{PAGE}/seal", {"signature": sealed}).status_code == 302

    def scanned(printed: str) -> int:
        scan = SimpleUploadedFile("盖章件.pdf", files.pdf())
        return chen.post(f"{PAGE}/print", {"printed": printed, "scan": scan}).status_code

    assert scanned("0" * 16) == 422
    assert members.documents(BUREAU) == ()
    assert scanned("") == 422
    assert scanned(digest[:16]) == 302
    shown = town.browser().get("/public/document", {"asked": NUMBER})
    assert [twin.is_good for twin in shown.context["paper"].twins] == [True, True]
    assert RED_RIVER not in shown.content.decode()


def test_everybody_checks_a_paper_by_its_digest_or_its_file_and_a_changed_file_is_found_out(town: Town) -> None:
    issue(town)
    anybody, row = town.browser(), members.paper(NUMBER).row
    assert row.number in anybody.get("/public/document", {"asked": row.digest}).content.decode()
    for form in ("pdf", "docx"):
        made = town.browser("red").get(f"{PAGE}/file.{form}").content
        kept = SimpleUploadedFile(f"x.{form}", made)
        assert "unchanged" in anybody.post("/public/document", {"file": kept}).content.decode()
        altered = SimpleUploadedFile(f"x.{form}", made + b" ")
        assert anybody.post("/public/document", {"file": altered}).status_code == 404


def test_a_keeper_who_reads_a_paper_of_others_leaves_a_row(town: Town) -> None:
    issue(town)
    town.browser("keeper").get(PAGE)
    looks = town.browser("eye").get("/audit/looks").context["page"].rows
    assert NUMBER in {one.subject for one in looks}
