"""Refusals carry both sentences, an order of precedence, and nothing they did not declare."""

import pytest

from tonnebook.core.errors import Refusal, Refused, Sentence, first


class _Sample(Refusal):
    HEAVY = Sentence(zh="{what}太重", en="{what} is too heavy", article="design choice")
    LIGHT = Sentence(zh="{what}太轻", en="{what} is too light", article="design choice", transient=True)


def test_refusal_fills_both_sentences_with_its_facts() -> None:
    refused = Refused(_Sample.HEAVY, what="coal")
    assert (refused.zh, refused.en) == ("coal太重", "coal is too heavy")
    assert str(refused) == "HEAVY: coal is too heavy"


def test_refusal_with_a_missing_fact_fails_instead_of_showing_a_gap() -> None:
    with pytest.raises(KeyError):
        str(Refused(_Sample.HEAVY))


def test_first_refusal_is_the_one_declared_earliest() -> None:
    heavy, light = Refused(_Sample.HEAVY, what="a"), Refused(_Sample.LIGHT, what="b")
    assert first([light, heavy]) is heavy
    assert first([]) is None
