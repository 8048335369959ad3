"""The limits of STYLE as a ratchet: the lists of exemptions may only shrink."""

import ast
import re
import statistics
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tonnebook import settings

REPOSITORY = Path(__file__).resolve().parent.parent
LAUNCHER = REPOSITORY / "tonnebook"

FUNCTION_LINES_MAX = 70
FUNCTION_LINES_MEDIAN_MAX = 15
FILE_LINES_MAX = 500
BANNED_MODULES = {"utils", "helpers", "common", "misc", "manager", "processor", "base"}
# Written once and never again, these are not rules that somebody forgot: they are the only exceptions.
# Compiled: its module says why it is one function.
LONG_FUNCTIONS_ALLOWED = {f"src/tonnebook/core/ladder.py:{name}" for name in ("_specialised", "match")}
LONG_FILES_ALLOWED: set[str] = set()
# Sessions and one-time codes go by the wall, as browsers and telephones do; the doctor compares the two clocks; a page
# shown without a database has no other; whoever looks a rule up for today means the day on the wall.
HOST_CLOCK_ALLOWED = {
    "src/tonnebook/members/jobs.py",
    "src/tonnebook/operations/commands.py",
    "src/tonnebook/rulebook/commands.py",
    "src/tonnebook/web/middleware.py",
    "src/tonnebook/web/sessions.py",
}


def sources() -> list[Path]:
    written = [path for folder in ("src", "tests") for path in (REPOSITORY / folder).rglob("*.py")]
    return sorted(path for path in [*written, LAUNCHER, REPOSITORY / "manage.py"] if "migrations" not in path.parts)


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each function of a file with its length in lines, the docstring not counted."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if ast.get_docstring(node) is not None:
                lines -= (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
            yield f"{name_of(path)}:{node.name}", lines


def test_no_function_is_long() -> None:
    long = {name for path in sources() for name, lines in functions(path) if lines > FUNCTION_LINES_MAX}
    assert long == LONG_FUNCTIONS_ALLOWED


def test_half_of_all_functions_are_short() -> None:
    lengths = [lines for path in sources() if "tests" not in path.parts for _, lines in functions(path)]
    assert statistics.median(lengths) < FUNCTION_LINES_MEDIAN_MAX


def test_no_file_is_long() -> None:
    long = {name_of(path) for path in sources() if len(path.read_bytes().splitlines()) > FILE_LINES_MAX}
    assert long == LONG_FILES_ALLOWED


# Django looks for the connection of a database under this name.
NAMED_BY_DJANGO = "src/tonnebook/journal/postgresql/base.py"


def test_no_module_has_an_empty_name() -> None:
    assert [
        name_of(path)
        for path in sources()
        if {path.stem, path.parent.name} & BANNED_MODULES and name_of(path) != NAMED_BY_DJANGO
    ] == []


def test_core_knows_no_float() -> None:
    """Amounts are integers and decimals; a float literal, a cast or an annotation is a mistake waiting."""
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in (REPOSITORY / "src" / "tonnebook" / "core").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float")
    ]
    assert found == []


def test_only_who_needs_the_hosts_clock_reads_it() -> None:
    """Order, deadlines and fees go by the database's clock, however wrong that of a host is (O3)."""
    reading = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time|timezone\.(now|localtime))\(")
    found = {name_of(path) for path in sources() if reading.search(path.read_text(encoding="utf-8"))}
    assert {name for name in found if name.startswith("src/tonnebook/")} == HOST_CLOCK_ALLOWED


def test_library_does_not_print() -> None:
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in (REPOSITORY / "src").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert found == []


def tracked_text() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = REPOSITORY / name
        if path.is_file() and path.suffix not in {".png", ".woff2", ".mo", ".ico", ".xlsx", ".otf"}:
            yield name, path.read_text(encoding="utf-8", errors="ignore")


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a folder of one machine", re.compile(r"/(?:work|farm|root)/|/(?:tmp)/[a-z]|/home/[a-z]")),
        ("the address of a package index", re.compile(r"--(?:extra-)?index-url|https?://[^\s]*pypi")),
    ],
)
def test_repository_speaks_of_the_project_alone(what: str, pattern: re.Pattern[str]) -> None:
    found = [name for name, text in tracked_text() if pattern.search(text) and name != "tests/test_tidy.py"]
    assert found == [], what


def test_lock_files_hold_hashes_and_no_addresses() -> None:
    for lock in (REPOSITORY / "requirements").glob("*.txt"):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        pinned = re.findall(r"^[a-z0-9][^\n]*==[^\n]*\\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
        assert len(pinned) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE)) > 0


def test_rule_files_are_written_alike() -> None:
    for path in (REPOSITORY / "src" / "tonnebook" / "rulebook").rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        assert text.endswith("\n"), path
        assert "\t" not in text, path
        assert not re.search(r"[ \t]+$", text, re.MULTILINE), path


def test_version_is_the_newest_heading_of_the_changelog() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == settings.version() != "0.0.0"
