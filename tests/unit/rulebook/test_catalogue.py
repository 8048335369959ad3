"""The catalogue of numbered checks: every check passes what it should and fails what it should."""

import re
from collections import Counter
from dataclasses import replace

import pytest

from tonnebook.core import checks as core
from tonnebook.core.checks import Scope, Severity
from tonnebook.core.checks.kinds import KINDS
from tonnebook.core.rules import Status
from tonnebook.rulebook import catalogue

CASES = catalogue.cases()
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("case", CASES, ids=[case.check.number for case in CASES])
def test_a_check_lets_its_passing_case_pass_and_finds_its_failing_one(case: catalogue.Case) -> None:
    assert core.run([case.check], [case.passes]) == ()
    (found,) = core.run([case.check], [case.fails])
    assert (found.check, found.severity, found.is_waived) == (case.check.number, case.check.severity, False)
    assert CHINESE.search(found.zh)
    assert not CHINESE.search(found.en)
    assert "{" not in found.zh + found.en


@pytest.mark.parametrize("case", CASES, ids=[case.check.number for case in CASES])
def test_a_check_speaks_of_the_case_it_passes_and_not_by_lacking_a_fact(case: catalogue.Case) -> None:
    # A passing case that lacked the fact would pass whatever the check asked for.
    assert case.passes.facts.keys() == case.fails.facts.keys()
    assert case.passes.facts != case.fails.facts


def test_there_are_enough_checks_of_every_scope_severity_and_kind() -> None:
    assert len(CASES) >= 150
    assert {case.check.scope for case in CASES} == set(Scope)
    assert {case.check.severity for case in CASES} == set(Severity)
    assert {case.check.kind for case in CASES} == set(KINDS)
    assert max(Counter(case.check.number for case in CASES).values()) == 1


def test_a_check_that_cannot_fail_is_found() -> None:
    # The mutant: every check made blind. The test above would fail for each of them.
    blind = [replace(case.check, when={"no such fact": ("x",)}) for case in CASES]
    assert not any(core.run([check], [case.fails]) for check, case in zip(blind, CASES, strict=True))


def test_no_check_claims_more_of_its_source_than_we_know() -> None:
    assert all(case.check.status is not Status.ENACTED for case in CASES if case.check.source == "D00")


def test_a_file_that_is_not_well_formed_says_where() -> None:
    good = (
        "- {kind: PRESENT, severity: NOTE, scope: PLAN, zh: 缺, en: lacks, reference: {source: D00, article: x}, "
        "status: scenario, checks: [{number: P9, settings: {field: a}, passes: {a: x}, fails: {a: ''}}]}"
    )
    (case,) = catalogue.read(good, "f.yaml")
    assert case.check.number == "P9"
    for old, new, told in (
        ("kind: PRESENT", "kind: NO_SUCH", "f.yaml: P9: no kind NO_SUCH"),
        ("en: lacks, ", "", "f.yaml: P9: lacks en"),
        ("number: P9,", "number: P9, colour: red,", "f.yaml: P9: unknown colour"),
        ("passes: {a: x}", "passes: {a: 5}", "needs quotes"),
    ):
        with pytest.raises(ValueError, match=told):
            list(catalogue.read(good.replace(old, new), "f.yaml"))
