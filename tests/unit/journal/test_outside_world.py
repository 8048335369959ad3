"""Witnesses, anchors and the remembered checkpoint: what others keep of the log, so that nobody rewrites it here."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from pytest_django import Settings

from tonnebook.core import merkle
from tonnebook.journal import anchors, jobs, outside, queries, remembered, witnesses
from tonnebook.journal import services as journal
from tonnebook.journal.models import Anchor, Checkpoint, Cosignature
from tonnebook.journal.outside import Reply, Unreachable
from tonnebook.journal.services import Entry
from tonnebook_audit import notes, receipt
from tonnebook_witness.server import Server
from tonnebook_witness.state import State
from tonnebook_witness.witness import Cosigner
from tonnebook_witness.witness import Witness as Watching

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
SECONDS = 1_679_315_147
COSIGNER = Cosigner("witness.example/w1", bytes(range(1, 33)))
FAR = witnesses.Witness(COSIGNER.verifier_key, "https://witness.example")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    settings.WITNESSES = []
    return tmp_path


@pytest.fixture
def watching(tmp_path: Path) -> Watching:
    """A witness elsewhere that knows this log."""
    key = notes.read_key(queries.signer().verifier_key)
    assert key is not None
    return Watching(COSIGNER, State(tmp_path / "witness.json"), [key])


def by_hand(watching: Watching) -> witnesses.Send:
    """Carry requests to a witness without a network."""

    def send(address: str, body: bytes) -> Reply:
        assert address == "https://witness.example/add-checkpoint"
        answer = watching.add_checkpoint(body, seconds=SECONDS)
        return Reply(answer.status, answer.text)

    return send


def grow(count: int) -> str:
    """Log, number, sign; give the last leaf."""
    leaves = journal.append_many([Entry("trial.taken", {"i": i, "of": count}) for i in range(count)], now=NOW)
    journal.integrate(now=NOW)
    journal.publish_checkpoint(now=NOW)
    return leaves[-1]


def test_every_checkpoint_is_witnessed_once_and_the_receipt_carries_it(watching: Watching) -> None:
    for count in (3, 300, 1):
        leaf = grow(count)
        assert witnesses.cosign(FAR, send=by_hand(watching))
        assert not witnesses.cosign(FAR, send=by_hand(watching))
    assert [row.size for row in Cosignature.objects.order_by("size")] == [3, 303, 304]
    text = json.dumps(queries.receipt(leaf))
    assert receipt.check(text, witnesses=[COSIGNER.verifier_key]) == []
    assert "witnessed by witness.example/w1 at 2023-03-20T12:25:47+00:00" in receipt.signers(json.loads(text))[1]
    note = notes.read_note(queries.published_note() or "")
    assert note is not None
    assert len(note.signatures) == 3


def test_a_receipt_leans_on_the_newest_witnessed_checkpoint_over_its_leaf(watching: Watching) -> None:
    first = grow(3)
    witnesses.cosign(FAR, send=by_hand(watching))
    second = grow(2)
    assert (queries.receipt(first)["size"], queries.receipt(second)["size"]) == (3, 5)


def test_a_receipt_without_the_witness_asked_for_does_not_hold(watching: Watching) -> None:
    text = json.dumps(queries.receipt(grow(3)))
    assert receipt.check(text, witnesses=[COSIGNER.verifier_key]) == [receipt.WITNESS_MISSING]


def test_no_altered_byte_of_a_witnessed_receipt_goes_unnoticed(watching: Watching) -> None:
    leaf = grow(9)
    witnesses.cosign(FAR, send=by_hand(watching))
    text = json.dumps(queries.receipt(leaf), ensure_ascii=False)
    document = json.loads(text)
    for at in range(0, len(text), 3):
        altered = text[:at] + ("0", "A", "b", '"')[at % 4] + text[at + 1 :]
        assert altered == text or receipt.check(altered) or json.loads(altered) == document


def test_a_line_by_nobody_named_and_a_name_without_line_spoil_a_receipt(watching: Watching) -> None:
    leaf = grow(9)
    witnesses.cosign(FAR, send=by_hand(watching))
    document = queries.receipt(leaf)
    named = document["cosigners"]
    assert isinstance(named, list)
    for cosigners in (named[:-1], [*named, Cosigner("other", bytes(32)).verifier_key], [*named, "no key"]):
        assert receipt.check(json.dumps({**document, "cosigners": cosigners})) == [receipt.COSIGNER_WRONG]
    assert receipt.check(json.dumps({**document, "cosigners": "x"})) == [receipt.NOT_A_RECEIPT]


def test_a_receipt_of_the_first_days_with_one_signature_still_holds() -> None:
    document = dict(queries.receipt(grow(9)))
    note = str(document["checkpoint"])
    document["checkpoint"] = "\n".join(note.split("\n")[:5]) + "\n"
    del document["cosigners"]
    assert receipt.check(json.dumps(document)) == []


def test_a_witness_whose_answer_was_lost_is_asked_again_from_where_it_is(watching: Watching) -> None:
    grow(3)
    witnesses.cosign(FAR, send=by_hand(watching))
    grow(2)
    latest = Checkpoint.objects.get(size=5)
    witnesses._ask(FAR, latest, 3, by_hand(watching))
    grow(4)
    assert witnesses.cosign(FAR, send=by_hand(watching))
    assert Cosignature.objects.filter(size=9).exists()


def test_a_witness_that_has_seen_more_than_there_is_raises_the_alarm(watching: Watching) -> None:
    grow(3)
    longer = queries.signer().checkpoint(size=9, root_hash=bytes(32))
    watching.add_checkpoint(b"old 0\n\n" + longer.encode(), seconds=SECONDS)
    with pytest.raises(witnesses.Ahead, match="log of 9 leaves, here are 3"):
        witnesses.cosign(FAR, send=by_hand(watching))


@pytest.mark.parametrize("reply", [Reply(403, ""), Reply(409, "x\n"), Reply(409, ""), Reply(200, ""), Reply(302, "")])
def test_a_witness_that_does_not_sign_is_refusing(reply: Reply) -> None:
    grow(3)
    with pytest.raises(witnesses.Refusing):
        witnesses.cosign(FAR, send=lambda *_: reply)
    assert not Cosignature.objects.exists()


def test_a_signature_by_another_witness_or_over_another_checkpoint_is_not_kept() -> None:
    grow(3)
    text = queries.signer().checkpoint(size=3, root_hash=merkle.EMPTY_ROOT).partition("\n\n")[0] + "\n"
    for line in (COSIGNER.cosign(text, SECONDS), Cosigner("other", bytes(32)).cosign(text, SECONDS)):
        with pytest.raises(witnesses.Refusing, match="without a signature that holds"):
            witnesses.cosign(FAR, send=lambda *_, line=line: Reply(200, line))


@pytest.fixture
def served(watching: Watching) -> Iterator[str]:
    """The address of a witness that listens on this machine."""
    with Server(("127.0.0.1", 0), COSIGNER, watching) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_the_job_has_a_witness_sign_over_http_and_goes_on_when_one_is_away(served: str, settings: Settings) -> None:
    settings.WITNESSES = [(COSIGNER.verifier_key, "http://127.0.0.1:9"), (COSIGNER.verifier_key, served)]
    grow(3)
    jobs.witness.func(0)
    assert [one.size for one in queries.latest_cosignatures()] == [3]
    assert outside.post(f"{served}/nowhere", b"", content_type="text/plain").status == 404
    assert outside.post(f"{served}/add-checkpoint", b"x" * 200_000, content_type="text/plain").status == 413


def test_only_the_web_is_asked() -> None:
    with pytest.raises(Unreachable, match="not an address"):
        outside.post("file:///etc/passwd", b"", content_type="text/plain")


def test_the_job_remembers_the_checkpoint_and_the_same_database_passes() -> None:
    remembered.check()
    journal.append(Entry("trial.taken", {}), now=NOW)
    jobs.publish.func(0)
    assert remembered.path().read_text(encoding="utf-8") == queries.published_note()
    remembered.check()
    grow(300)
    remembered.check()


def test_a_database_behind_the_remembered_checkpoint_is_refused() -> None:
    grow(3)
    row = queries.latest_checkpoint()
    assert row is not None
    longer = queries.signer().checkpoint(size=4, root_hash=bytes(32))
    remembered.keep(queries.CheckpointRow(4, bytes(32).hex(), longer, NOW))
    with pytest.raises(remembered.Behind, match=r"has 3 entries, but the file .* knows 4: this is an older backup"):
        remembered.check()
    remembered.forget()
    remembered.check()


def test_a_database_with_another_log_of_the_same_length_is_refused() -> None:
    grow(3)
    other = queries.signer().checkpoint(size=3, root_hash=bytes(32))
    remembered.keep(queries.CheckpointRow(3, bytes(32).hex(), other, NOW))
    with pytest.raises(remembered.Behind, match="is not the one that"):
        remembered.check()


def test_a_remembered_checkpoint_that_this_log_has_not_signed_is_refused() -> None:
    grow(3)
    remembered.keep(queries.CheckpointRow(3, "", "nothing\n", NOW))
    with pytest.raises(remembered.Behind, match="no checkpoint signed by this log"):
        remembered.check()


def test_a_database_behind_a_witness_is_refused_and_one_that_is_away_says_nothing(
    watching: Watching, settings: Settings
) -> None:
    settings.WITNESSES = [(COSIGNER.verifier_key, "https://witness.example")]
    remembered.check(send=by_hand(watching))
    grow(3)
    witnesses.cosign(FAR, send=by_hand(watching))
    remembered.check(send=by_hand(watching))

    def away(address: str, body: bytes) -> Reply:
        raise Unreachable(address)

    remembered.check(send=away)
    with pytest.raises(remembered.Behind, match=r"the witness witness\.example/w1 knows 99"):
        remembered.check(send=lambda *_: Reply(409, "99\n"))


def test_a_checkpoint_is_put_down_in_a_file_once(home: Path, settings: Settings) -> None:
    settings.ANCHORS = [f"file://{home}/notary.txt", f"file://{home}/no/such/folder"]
    jobs.anchor.func(0)
    assert not Anchor.objects.exists()
    for count in (3, 4):
        grow(count)
        jobs.anchor.func(0)
        jobs.anchor.func(0)
    lines = [json.loads(line) for line in (home / "notary.txt").read_text(encoding="utf-8").splitlines()]
    assert [line["size"] for line in lines] == [3, 7]
    latest, (anchored,) = queries.latest_checkpoint(), queries.latest_anchors()
    assert latest is not None
    assert lines[1]["digest"] == anchored.digest == anchors.digest_of(latest.note)
    assert anchored.reference == f"notary.txt:{len((home / 'notary.txt').read_bytes().splitlines(keepends=True)[0])}"


class _Chain(BaseHTTPRequestHandler):
    """A gateway that answers with the number of a transaction, or refuses."""

    taken: list[dict[str, object]] = []  # noqa: RUF012

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.taken.append(body)
        self.send_response(201 if self.path == "/put" else 500)
        self.end_headers()
        self.wfile.write(b"tx-1")

    def log_message(self, format: str, *args: object) -> None:
        del format, args


def test_a_checkpoint_is_put_down_on_a_chain_and_its_reference_kept() -> None:
    grow(3)
    with HTTPServer(("127.0.0.1", 0), _Chain) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        with pytest.raises(Unreachable, match="answered 500"):
            anchors.anchor(f"{address}/full", now=NOW)
        assert anchors.anchor(f"{address}/put", now=NOW)
        server.shutdown()
    (anchored,) = queries.latest_anchors()
    assert (anchored.size, anchored.reference) == (3, "tx-1")
    assert _Chain.taken[-1]["digest"] == anchored.digest
