"""A witness signs what goes on from what it signed last, and nothing else, whoever asks in whatever order."""

import contextlib
import json
import threading
from pathlib import Path

import pytest
from tests.unit.witness.witnessed import (
    COSIGNER,
    FORKED,
    LOG,
    SECONDS,
    checkpoint,
    request,
    witness,
)

from tonnebook.journal.signing import Signer
from tonnebook_audit import notes
from tonnebook_witness import state
from tonnebook_witness.state import State
from tonnebook_witness.witness import PROOF_LINES_MAX, Witness, read_request


@pytest.fixture
def asked(tmp_path: Path) -> Witness:
    return witness(tmp_path / "state.json")


def add(witness: Witness, body: bytes) -> tuple[int, str]:
    answer = witness.add_checkpoint(body, seconds=SECONDS)
    return answer.status, answer.text


def test_a_log_that_grows_is_signed_step_by_step(asked: Witness) -> None:
    for old_size, size in ((0, 1), (1, 3), (3, 3), (3, 256), (256, 400)):
        status, line = add(asked, request(old_size, size))
        assert status == 200
        note, key = notes.read_note(checkpoint(size) + line), notes.read_key(COSIGNER.verifier_key)
        assert note is not None
        assert key is not None
        assert note.is_signed_by(key)
        assert notes.signed_at(note.by(key)[0].body) == SECONDS


def test_a_log_may_be_witnessed_while_it_is_empty(asked: Witness) -> None:
    assert add(asked, request(0, 0))[0] == 200
    assert add(asked, request(0, 5))[0] == 200


def test_another_old_size_than_the_one_signed_last_is_told_the_right_one(asked: Witness) -> None:
    add(asked, request(0, 5))
    for body in (request(0, 7), request(4, 7), request(6, 7), request(0, 5)):
        answer = asked.add_checkpoint(body, seconds=SECONDS)
        assert (answer.status, answer.text, answer.content_type) == (409, "5\n", "text/x.tlog.size")


def test_a_rewritten_log_is_not_signed(asked: Witness) -> None:
    add(asked, request(0, 5))
    assert add(asked, request(5, 9, FORKED))[0] == 422
    assert add(asked, request(5, 5, FORKED)) == (409, "5\n")
    assert add(asked, request(5, 9))[0] == 200


@pytest.mark.parametrize(("old_size", "size"), [(0, 3), (3, 3)])
def test_a_proof_where_none_belongs_is_refused(asked: Witness, old_size: int, size: int) -> None:
    if old_size:
        add(asked, request(0, old_size))
    body = request(old_size, size).replace(b"\n\n", b"\n" + b"A" * 43 + b"=\n\n", 1)
    assert add(asked, body)[0] == 422


def test_a_log_it_does_not_know_is_not_found_and_a_foreign_signature_forbidden(asked: Witness) -> None:
    assert add(asked, request(0, 5, log=Signer("log.example/other", LOG.seed, 7)))[0] == 404
    assert add(asked, request(0, 5, log=Signer(LOG.origin, bytes(32), 7)))[0] == 403


def test_a_signature_by_an_unknown_key_beside_the_logs_own_is_passed_over(asked: Witness) -> None:
    other = checkpoint(5, log=Signer("log.example/other", bytes(32), 7)).partition("\n\n")[2]
    assert add(asked, request(0, 5) + other.encode())[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"old 0\n\n",
        request(0, 5).replace(b"old 0", b"old 00"),
        request(0, 5).replace(b"old 0", b"old -1"),
        request(0, 5).replace(b"old 0", b"new 0"),
        request(0, 5).replace(b"old 0\n", b"old 0\nAAAA\n"),
        request(0, 5).replace(b"old 0\n", b"old 0\n" + (b"A" * 43 + b"=\n") * (PROOF_LINES_MAX + 1)),
        request(0, 5).replace(b"\n5\n", b"\n05\n"),
        request(0, 5)[:-1],
        request(0, 3).replace(b"old 0", b"old 4"),
    ],
)
def test_what_is_not_written_as_the_protocol_says_is_malformed(asked: Witness, body: bytes) -> None:
    assert add(asked, body) == (400, "")


def test_the_request_of_the_specification_is_read_as_it_says() -> None:
    # The example of C2SP tlog-witness; its keys are not published, so it is read and not verified.
    origin = "example.com/behind-the-sofa"
    signatures = (
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=",
        "opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=",
    )
    proof = (
        "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=",
        "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=",
        "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=",
        "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=",
    )
    text = f"{origin}\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    lines = "".join(f"\u2014 {origin} {signature}\n" for signature in signatures)
    body = "\n".join(["old 20852014", *proof, "", text, lines])
    found = read_request(body.encode())
    assert found is not None
    assert (found.old_size, len(found.proof), len(found.note.signatures)) == (20852014, 4, 2)
    assert (found.head.origin, found.head.size) == ("example.com/behind-the-sofa", 20852163)


def test_what_was_signed_is_on_the_disk_before_it_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    asked = witness(path)
    add(asked, request(0, 5))
    assert json.loads(path.read_text())["log.example/trial"]["size"] == 5
    asked._state.close()
    assert add(witness(path), request(0, 9, FORKED)) == (409, "5\n")


def test_a_witness_that_cannot_remember_does_not_sign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = witness(tmp_path / "state.json")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        add(asked, request(0, 5))
    monkeypatch.undo()
    assert add(asked, request(0, 7))[0] == 200


def test_a_second_witness_does_not_share_the_memory_of_the_first(tmp_path: Path) -> None:
    State(tmp_path / "state.json")
    with pytest.raises(BlockingIOError):
        State(tmp_path / "state.json")


def race(asked: Witness) -> list[int]:
    """Send two heads that exclude each other at the same time, many times; give how many were signed each time."""
    signed, size = [], 1
    add(asked, request(0, 1))
    for _ in range(40):
        ready = threading.Barrier(2)
        statuses: list[int] = []

        def ask(body: bytes, ready: threading.Barrier = ready, statuses: list[int] = statuses) -> None:
            ready.wait()
            statuses.append(add(asked, body)[0])

        # Both prove that they go on from the same size; only one may become the next head.
        bodies = [request(size, size + 1), request(size, size + 2)]
        threads = [threading.Thread(target=ask, args=(body,)) for body in bodies]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        signed.append(statuses.count(200))
        latest = asked._state.latest(LOG.origin)
        assert latest is not None
        size = latest.size
    return signed


def test_of_two_requests_at_the_same_time_one_is_signed(asked: Witness) -> None:
    assert race(asked) == [1] * 40


def test_control_without_the_lock_both_are_signed(asked: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "write_durably", lambda *_: None)
    monkeypatch.setattr(asked, "_one_at_a_time", contextlib.nullcontext())
    check, meeting = asked._check, threading.Barrier(2)

    def slow(wanted: object) -> object:
        # Both look before either remembers: the race of the specification.
        answer = check(wanted)  # type: ignore[arg-type]
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=0.2)
        return answer

    add(asked, request(0, 1))
    monkeypatch.setattr(asked, "_check", slow)
    statuses: list[int] = []
    bodies = [request(1, 2), request(1, 3)]
    threads = [threading.Thread(target=lambda body=body: statuses.append(add(asked, body)[0])) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200, 200]
