"""The documents tell the truth: links of the tour live, refusals are complete, words are in use."""

import ast
import re
from pathlib import Path

import pytest

from tonnebook import refusals

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
