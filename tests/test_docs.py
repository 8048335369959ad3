"""The documents tell the truth: links of the tour live, refusals are complete, words are in use."""

import ast
import re
from pathlib import Path

import pytest

from tonnebook import conflicts, matrix, refusals

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"\]\((?P<path>[^)#\s]+)(?:#(?P<name>[A-Za-z_][\w.-]*))?\)")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "tests" / "README.md"])


def _links(document: Path) -> list[tuple[str, str | None]]:
    found = LINK.finditer(document.read_text(encoding="utf-8"))
    return [(link["path"], link["name"]) for link in found if "://" not in link["path"]]


def _names(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document: Path) -> None:
    for path, name in _links(document):
        target = (document.parent / path).resolve()
        assert target.exists(), f"{document.name} links to {path}, which is not there"
        if name and target.suffix == ".py":
            assert name in _names(target), f"{document.name} links to {name}, which {path} does not define"


def test_tour_walks_through_functions() -> None:
    named = [link for link in _links(ROOT / "docs" / "tour.md") if link[1]]
    assert len(named) >= 15


def test_refusals_page_is_what_the_code_refuses() -> None:
    written = (ROOT / "docs" / "refusals.md").read_text(encoding="utf-8")
    assert written == refusals.page(), "run ./tonnebook refusals --write"


def test_matrix_page_is_what_the_book_decides_by() -> None:
    written = (ROOT / "docs" / "matrix.md").read_text(encoding="utf-8")
    assert written == matrix.page(), "run ./tonnebook matrix --write"


def test_holds_page_is_the_table_that_decides() -> None:
    written = (ROOT / "docs" / "holds.md").read_text(encoding="utf-8")
    assert written == conflicts.page(), "run ./tonnebook holds --write"


def test_every_refusal_has_both_sentences_with_the_same_facts() -> None:
    facts = re.compile(r"\{(\w+)")
    for enum in refusals.enums():
        for code in enum:
            sentence = code.sentence
            assert re.search("[\u4e00-\u9fff]", sentence.zh), f"{code.name} lacks its Chinese sentence"
            assert sentence.en
            assert sentence.article
            zh, en = set(facts.findall(sentence.zh)), set(facts.findall(sentence.en))
            # A fact may carry words of one language only (…_zh / …_en); all others stand in both sentences.
            shared = {name for name in zh ^ en if not name.endswith(("_zh", "_en"))}
            assert not shared, f"{code.name}: {shared} stand in one sentence only"


def test_every_refusal_is_raised_by_a_test() -> None:
    tests = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*") if path.suffix in {".py", ".yaml"}
    )
    missing = [code.name for enum in refusals.enums() for code in enum if not re.search(rf"\b{code.name}\b", tests)]
    assert not missing, f"no test raises {missing}"


def test_glossary_code_words_are_the_ones_in_use() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    in_use = re.findall(r"`(\w+)` ✓", glossary)
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    assert len(in_use) >= 25
    dead = [word for word in in_use if not re.search(rf"\b\w*{word}\w*\b", source, re.IGNORECASE)]
    assert not dead, f"the glossary marks words in use that the code does not use: {dead}"


IDENTIFIER = re.compile(r"\b(?:[SD]\d+|[A-Z]{2,5}\d{2,})[a-z]?\b")
"""S24, D00, SH89, S36a: what looks like the id of a source (A13 or C2 is the number of an invariant)."""

ANCHOR = re.compile(r"design choice|`[a-z_]+\.[a-z_.<>*]+`|\b(?:RFC|SLIP|GB) [\d-]+|\bC2SP\b")
"""What may stand instead of an id: our own choice, a path of the rule book, a technical standard."""


def _listed() -> set[str]:
    sources = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| (\w+(?: [\d-]+)?) \|", sources, re.MULTILINE))


def _unknown(citation: str) -> list[str]:
    listed = _listed()
    standards = re.findall(r"\b(?:RFC \d+|SLIP \d+|GB [\d-]+\d)", citation)
    ids = IDENTIFIER.findall(citation)
    if not ids and not ANCHOR.search(citation):
        return [f"no source in “{citation}”"]
    return [name for name in (*ids, *standards) if name not in listed]


def _source_sections() -> list[tuple[str, str]]:
    """List the `Source:` parts of all docstrings, up to the next blank line."""
    found = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                text = ast.get_docstring(node) or ""
                found += [(path.name, part) for part in re.findall(r"\bSource: ((?:.+\n?)+)", text)]
    return found


def test_every_refusal_cites_a_listed_source_or_our_own_choice() -> None:
    wrong = {
        code.name: unknown for enum in refusals.enums() for code in enum if (unknown := _unknown(code.sentence.article))
    }
    assert not wrong, f"docs/sources.md does not list {wrong}"


def test_every_source_section_cites_a_listed_source_or_our_own_choice() -> None:
    sections = _source_sections()
    assert len(sections) >= 80
    wrong = [(name, unknown) for name, part in sections if (unknown := _unknown(part))]
    assert not wrong, f"docs/sources.md does not list {wrong}"


def test_every_golden_case_cites_a_listed_source_or_says_where_it_is_from() -> None:
    wrong = []
    for path in sorted((ROOT / "tests" / "golden").glob("*.yaml")):
        for source in re.findall(r"^  source: (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
            wrong += [(path.name, name) for name in re.findall(r"\b[SD]\d+[a-z]?\b", source) if name not in _listed()]
            if not re.search(r"\b[SD]\d\d\b|design choice|recalled", source):
                wrong.append((path.name, source))
    assert not wrong


@pytest.mark.parametrize("citation", ["S99", "S24i", "SH89", "notes §1.4", "RFC 1", "S06 Art. 29; S36a"])
def test_a_citation_that_leads_nowhere_is_found(citation: str) -> None:
    assert _unknown(citation)


def test_every_control_leads_to_code_and_test_or_to_the_operator() -> None:
    trust = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:-1] for line in trust.splitlines() if line.startswith("| ") and line.count("|") == 5]
    controls = [row for row in rows if "enforced by" not in row[1] and "---" not in row[0] and "| class" not in row[0]]
    controls = [row for row in controls if "../" in "".join(row) or not row[1].strip()]
    assert len(controls) >= 25
    for name, code, test, operator in controls:
        is_software = "../src/" in code and "../tests/" in test
        assert is_software or operator.strip(), f"nobody meets {name.strip()}"
        assert not code.strip() or "../tests/" in test, f"{name.strip()} has code without a test"
