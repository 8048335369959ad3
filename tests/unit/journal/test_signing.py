"""Signatures of the log against published vectors and against other programs, both ways."""

import base64
import shutil
import subprocess
from pathlib import Path

import pytest
from gmssl import func, sm3

from tonnebook.journal import sm2
from tonnebook.journal.signing import Signer
from tonnebook_audit import notes
from tonnebook_audit import sm2 as own

# GB 32918 part 5, example of a signature on the recommended curve.
PRIVATE = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
PUBLIC = bytes.fromhex(
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
ONCE = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
SIGNATURE = bytes.fromhex(
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)
MESSAGE = b"message digest"

# The key and the note of golang.org/x/mod/sumdb/note, the first program of this format (its tests).
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_LINE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
GO_NOTE = f"{GO_TEXT}\n\u2014 PeterNeumann {GO_LINE}\n"

SIGNER = Signer("log.example/trial", bytes(range(32)), PRIVATE)


def sm2_key(signer: Signer) -> notes.Key:
    key = notes.read_key(signer.sm2_key)
    assert key is not None
    return key


def test_sm3_and_sm2_give_the_values_of_the_standards(monkeypatch: pytest.MonkeyPatch) -> None:
    # GB 32905, first example.
    abc = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm3.sm3_hash(func.bytes_to_list(b"abc")) == own._sm3(b"abc").hex() == abc
    assert sm2.public_key(PRIVATE) == PUBLIC
    monkeypatch.setattr(sm2, "_once", lambda *_: ONCE)
    assert sm2.sign(PRIVATE, MESSAGE) == SIGNATURE


def test_the_auditor_accepts_the_signature_of_the_standard_and_no_other() -> None:
    assert own.is_signed(PUBLIC, MESSAGE, SIGNATURE)
    assert not own.is_signed(PUBLIC, b"message digesT", SIGNATURE)
    for at in range(64):
        altered = SIGNATURE[:at] + bytes([SIGNATURE[at] ^ 1]) + SIGNATURE[at + 1 :]
        assert not own.is_signed(PUBLIC, MESSAGE, altered)
    for wrong in (bytes(64), SIGNATURE[:63], SIGNATURE + b"\0", bytes(32) + SIGNATURE[32:], SIGNATURE[:32] + bytes(32)):
        assert not own.is_signed(PUBLIC, MESSAGE, wrong)
    order = own.N.to_bytes(32, "big")
    assert not own.is_signed(PUBLIC, MESSAGE, SIGNATURE[:32] + order)
    assert not own.is_signed(bytes(64), MESSAGE, SIGNATURE)
    assert not own.is_signed(PUBLIC[:63], MESSAGE, SIGNATURE)


@pytest.mark.parametrize("private", [1, 2, 7, own.N - 2, *(sm2.private_key(bytes([seed] * 32)) for seed in range(12))])
def test_what_the_log_signs_the_auditor_accepts_whatever_the_key(private: int) -> None:
    # gmssl drops the digits 0 and 4 from the front of keys given to it; among these are such keys.
    signature = sm2.sign(private, MESSAGE)
    assert own.is_signed(sm2.public_key(private), MESSAGE, signature)
    assert sm2.sign(private, MESSAGE) == signature
    assert sm2.sign(private, b"another")[:32] != signature[:32]


def test_openssl_accepts_what_the_log_signs_and_the_auditor_what_openssl_signs(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    kinds = subprocess.run([openssl, "list", "-public-key-algorithms"], capture_output=True).stdout if openssl else b""
    if openssl is None or b"SM2" not in kinds:
        pytest.skip("the openssl of this machine knows no SM2: the cross-check of the second signature was not run")

    def run(*words: str) -> bytes:
        done = subprocess.run([openssl, *words], capture_output=True, cwd=tmp_path, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    (tmp_path / "message").write_bytes(MESSAGE)
    point = "04" + PUBLIC.hex()
    (tmp_path / "asn1").write_text(
        "asn1=SEQUENCE:key\n[key]\nkind=SEQUENCE:kind\npoint=FORMAT:HEX,BITSTRING:" + point + "\n"
        "[kind]\nname=OID:id-ecPublicKey\ncurve=OID:SM2\n"
    )
    run("asn1parse", "-genconf", "asn1", "-noout", "-out", "public.der")
    r, s = (int.from_bytes(part, "big") for part in (sm2.sign(PRIVATE, MESSAGE)[:32], sm2.sign(PRIVATE, MESSAGE)[32:]))
    (tmp_path / "pair").write_text(f"asn1=SEQUENCE:pair\n[pair]\nr=INTEGER:0x{r:x}\ns=INTEGER:0x{s:x}\n")
    run("asn1parse", "-genconf", "pair", "-noout", "-out", "signature.der")
    identity = ("-rawin", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678", "-in", "message")
    run(
        "pkeyutl",
        "-verify",
        "-pubin",
        "-keyform",
        "DER",
        "-inkey",
        "public.der",
        "-sigfile",
        "signature.der",
        *identity,
    )

    run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", "theirs.pem")
    run("pkeyutl", "-sign", "-inkey", "theirs.pem", "-out", "theirs.der", *identity)
    theirs = run("pkey", "-in", "theirs.pem", "-pubout", "-outform", "DER")[-64:]
    pair = run("asn1parse", "-inform", "DER", "-in", "theirs.der").decode()
    numbers = [int(line.rpartition(":")[2], 16) for line in pair.splitlines() if "INTEGER" in line]
    signature = b"".join(number.to_bytes(32, "big") for number in numbers)
    assert own.is_signed(theirs, MESSAGE, signature)


def test_a_note_of_another_program_is_accepted_and_ours_is_the_same_to_the_letter() -> None:
    key, note = notes.read_key(GO_KEY), notes.read_note(GO_NOTE)
    assert key is not None
    assert note is not None
    assert note.is_signed_by(key)
    assert note.text == GO_TEXT
    ours = Signer("PeterNeumann", base64.b64decode(GO_SECRET)[1:], PRIVATE)
    assert ours.verifier_key == GO_KEY
    assert ours.sign(GO_TEXT).startswith(GO_NOTE)


def test_both_signatures_of_a_checkpoint_are_over_the_same_text() -> None:
    note, first = notes.read_note(SIGNER.checkpoint(size=5, root_hash=bytes(32))), notes.read_key(SIGNER.verifier_key)
    assert note is not None
    assert first is not None
    assert len(note.signatures) == 2
    assert note.is_signed_by(first)
    assert note.is_signed_by(sm2_key(SIGNER))
    head = notes.read_head(note)
    assert head == notes.Head("log.example/trial", 5, bytes(32))


def test_the_checkpoint_of_the_specification_is_read_as_it_says() -> None:
    # The example of C2SP tlog-cosignature; its keys are not published, so it is read and not verified.
    note = notes.read_note(
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "\u2014 example.com/behind-the-sofa "
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZ"
        "qhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    assert note is not None
    head = notes.read_head(note)
    assert head is not None
    assert (head.origin, head.size) == ("example.com/behind-the-sofa", 20852163)
    # "time 1679315147" stands in the text that the specification says was signed.
    assert notes.signed_at(note.signatures[1].body) == 1679315147
    assert notes.cosigned(note.text, 1679315147).decode() == (
        "cosignature/v1\ntime 1679315147\n"
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )


@pytest.mark.parametrize(
    "altered",
    [
        GO_NOTE[:-1],
        GO_NOTE + "\n",
        GO_NOTE.replace("\n\n", "\n"),
        GO_NOTE.replace("\u2014", "-"),
        GO_NOTE.replace("Neumann x", "Neumann  x"),
        GO_NOTE.replace("AM=\n", "AN=\n"),
        GO_NOTE.replace("you", "you\t", 1),
        "\n" + GO_NOTE.partition("\n\n")[1],
        GO_TEXT,
        GO_TEXT + "\n",
        GO_NOTE + f"\u2014 PeterNeumann {GO_LINE}\n" * notes.SIGNATURES_MAX,
    ],
)
def test_what_is_not_written_as_a_note_is_none(altered: str) -> None:
    assert notes.read_note(altered) is None


def test_a_key_is_read_whole_or_not_at_all() -> None:
    for start in range(len(GO_KEY)):
        for end in range(start + 1, len(GO_KEY) + 1):
            assert notes.read_key(GO_KEY[start:end]) is None or GO_KEY[start:end] == GO_KEY
    for at, sign in enumerate(GO_KEY):
        assert notes.read_key(GO_KEY[:at] + chr(ord(sign) + 1) + GO_KEY[at + 1 :]) is None


def test_a_line_by_a_known_key_that_does_not_hold_spoils_the_note() -> None:
    key = notes.read_key(GO_KEY)
    wrong = base64.b64encode(base64.b64decode(GO_LINE)[:-1] + b"\0").decode()
    note = notes.read_note(GO_NOTE + f"\u2014 PeterNeumann {wrong}\n")
    assert key is not None
    assert note is not None
    assert not note.is_signed_by(key)
