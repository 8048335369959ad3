"""Explanations of numbers, in words."""

from decimal import Decimal

from django.template import Context, Template
from django.utils import translation

from tonnebook.core import trace
from tonnebook.faces import explanation

ORIGIN = trace.Origin("surrender.credit_limit_share", "CY2026", "S01", "Art. 9", "recalled")


def credit_limit() -> trace.Traced:
    determined = trace.given(Decimal(12_345), "t", zh="审定排放量", en="determined emissions")
    share = trace.parameter(Decimal("0.05"), "", zh="抵销比例上限", en="credit limit share", origin=ORIGIN)
    limit = trace.product([determined, share], "t", zh="未取整的上限", en="limit before rounding")
    return trace.floor(limit, zh="抵销上限", en="credit limit")


def test_formula_is_told_in_the_language_of_the_reader() -> None:
    with translation.override("en"):
        told = explanation.branch(credit_limit(), "en")
    assert told.formula == "limit before rounding, rounded down to a whole number"
    assert told.inputs[0].formula == "determined emissions × credit limit share"
    with translation.override("zh-hans"):
        assert explanation.branch(credit_limit(), "zh-hans").inputs[0].formula == "审定排放量 × 抵销比例上限"


def test_numbers_put_into_a_formula_are_written_in_full() -> None:
    determined = trace.given(Decimal(1_234_567), "t", zh="审定排放量", en="determined emissions")
    bought = trace.given(Decimal(2), "t", zh="购入", en="bought")
    told = explanation.branch(trace.total([determined, bought], "t", zh="合计", en="total"), "zh-hans")
    assert told.figure.text == "123.46万吨"
    assert told.numbers == "1,234,567 吨 + 2 吨"


def test_a_sum_of_many_lines_is_told_by_its_count() -> None:
    lines = [trace.given(one, "t", zh="行", en="line") for one in range(9)]
    with translation.override("en"):
        told = explanation.branch(trace.total(lines, "t", zh="合计", en="total"), "en")
    assert told.formula == "the sum of 9 items below"
    assert len(told.inputs) == 9


def test_explain_tag_names_path_article_and_badge_of_a_stored_trace() -> None:
    template = Template("{% load tonnebook %}{% explain trace 'credit limit' %}")
    with translation.override("en"):
        page = template.render(Context({"trace": trace.to_json(credit_limit())}))
    for part in ("617", "surrender.credit_limit_share", "Art. 9", "CY2026", "to be checked", "<details"):
        assert part in page
    assert "style=" not in page
    assert "onclick" not in page


def test_a_number_shows_how_sure_its_parameters_are_before_it_is_opened() -> None:
    template = Template("{% load tonnebook %}{% explain trace %}")
    with translation.override("en"):
        unsure = template.render(Context({"trace": credit_limit()})).partition("</summary>")[0]
        sure = template.render(Context({"trace": trace.given(1, "t", zh="一", en="one")})).partition("</summary>")[0]
    assert "rests on: to be checked" in unsure
    assert "rests on" not in sure


def test_explain_tag_writes_a_dash_where_nothing_was_computed() -> None:
    assert Template("{% load tonnebook %}{% explain none %}").render(Context({"none": None})).strip() == "—"
