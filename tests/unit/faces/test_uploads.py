"""Files that people hand in: two hundred bad ones are refused, and opening one harms nobody."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from tests.unit.faces import files
from tests.unit.faces.files import Bad

from tonnebook.core import uploads as limits
from tonnebook.core.errors import Refused
from tonnebook.core.uploads import UploadKind, UploadRefusal
from tonnebook.faces import sandbox, uploads
from tonnebook.faces.uploads import Upload

CORPUS = files.bad_files()
# One bad file of each code through the real child; TONNEBOOK_LONG sends all of them.
SAMPLE = list({bad.code: bad for bad in CORPUS}.values())


def taken(name: str, content: bytes, kinds: frozenset[UploadKind] = frozenset(UploadKind)) -> Upload:
    return uploads.accept(ContentFile(content, name=name), kinds=kinds)


def refusal_of(bad: Bad) -> Refused | None:
    try:
        taken(bad.name, bad.content)
    except Refused as refused:
        return refused
    return None


def opened_here(kind: UploadKind, content: bytes, *more: str) -> dict[str, object]:
    return sandbox.inspect(kind.value, content, wants_cells=bool(more))


@pytest.mark.parametrize("kind", UploadKind)
def test_a_good_file_is_taken_with_its_digest(kind: UploadKind) -> None:
    name, content = f"文件.{files.ENDINGS[kind]}", files.GOOD[kind]()
    upload = taken(f"C:\\papers\\{name}", content)
    assert (upload.name, upload.kind, upload.size, upload.content) == (name, kind, len(content), content)
    assert len(upload.sha256) == 64


def test_the_corpus_has_two_hundred_files_and_every_code() -> None:
    assert len({(bad.name, bad.content) for bad in CORPUS}) >= 200
    assert {bad.code for bad in CORPUS} == {one.name for one in UploadRefusal} - {"FILE_TOO_DEMANDING"}
    assert max(len(bad.content) for bad in CORPUS if bad.code != "FILE_TOO_LARGE") < 2 * files.MIB


def test_every_bad_file_is_refused_for_its_own_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "opened_apart", opened_here)
    told = [(index, bad.name, bad.code, refusal_of(bad)) for index, bad in enumerate(CORPUS)]
    assert [one for one in told if one[3] is None or one[3].code.name != one[2]] == []


@pytest.mark.parametrize("bad", CORPUS if os.environ.get("TONNEBOOK_LONG") else SAMPLE, ids=lambda bad: bad.code)
def test_a_bad_file_is_refused_by_the_child_and_costs_the_parent_nothing(bad: Bad) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused = refusal_of(bad)
    assert refused is not None
    assert refused.code.name == bad.code
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024
    if "{file}" in refused.code.sentence.en:
        assert bad.name in refused.zh
        assert bad.name in refused.en


def test_a_kind_not_asked_for_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        taken("a.csv", files.table(), limits.PAPERS)
    assert refused.value.code is UploadRefusal.FILE_KIND_NOT_TAKEN
    assert "JPEG, PDF, PNG" in refused.value.en


def test_a_child_that_does_not_answer_in_time_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "WAIT_SECONDS", 0)
    with pytest.raises(Refused) as refused:
        taken("a.png", files.png())
    assert refused.value.code is UploadRefusal.FILE_TOO_DEMANDING


@pytest.mark.parametrize(
    ("deed", "error"),
    [
        (f"bytearray({sandbox.MEMORY_BYTES_MAX})", "MemoryError"),
        ("open('written', 'wb', 0).write(b'x')", "File too large"),
        ("[open('/dev/null') for _ in range(40)]", "Too many open files"),
    ],
)
def test_the_child_has_little_memory_and_writes_no_file(tmp_path: Path, deed: str, error: str) -> None:
    child = f"import sys; sys.path.insert(0, {str(Path(sandbox.__file__).parent)!r}); import sandbox\n"
    for limit, is_stopped in (("sandbox.limit_self()\n", True), ("", False)):
        ignore = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        program = [sys.executable, "-c", child + ignore + limit + deed]
        done = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (error in done.stderr) is is_stopped, done.stderr


def test_the_child_keeps_the_limits_of_core() -> None:
    for name in ("UNPACKED_BYTES_MAX", "RATIO_MAX", "MEMBERS_MAX", "PIXELS_MAX"):
        assert getattr(sandbox, name) == getattr(limits, name)


def test_cells_come_back_as_they_were_typed() -> None:
    upload, sheets = uploads.accept_workbook(ContentFile(files.workbook(), name="a.xlsx"))
    assert upload.kind is UploadKind.XLSX
    assert sheets == {"Sheet": [["uscc", "quantity"], ["红河钢铁", 120.5]]}
