"""Samples and test reports of laboratories: the chain from the heap to the value, and what a false report costs.

A sample is taken, sealed, received and tested in this order, by a laboratory that is accredited for the parameter on
the day of the test. A test report found to be false counts for nothing: its parameter falls back to the default of the
rule book, which is on the safe side, and so does a parameter that any month has no good sample of.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from tonnebook.core import periods
from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.independence import Standing


class LaboratoryRefusal(Refusal):
    """Why a sample is not entered or flagged, in order of precedence."""

    NO_SUCH_SAMPLE = Sentence(
        zh="没有编号为 {sample} 的样品。", en="There is no sample {sample}.", article="design choice", status=404
    )
    DAYS_OUT_OF_ORDER = Sentence(
        zh="样品 {sample} 的采样、接收、检测日期须依次且不晚于今日，采样须在{year}年{month}月内。",
        en="Sample {sample} is taken within {year}-{month:02d}, then received, then tested, none of it after today.",
        article="S65",
        status=422,
    )
    NOT_SEALED = Sentence(
        zh="样品 {sample} 缺少封签号或检测报告摘要。",
        en="Sample {sample} lacks the number of its seal or the digest of its test report.",
        article="S65",
        status=422,
    )
    NOT_ACCREDITED = Sentence(
        zh="实验室 {laboratory} 在 {tested_on} 未列入名录、被暂停或资质无效。",
        en="Laboratory {laboratory} was not on the register, was suspended or not accredited on {tested_on}.",
        article="S02 item 15",
    )
    NOT_IN_SCOPE = Sentence(
        zh="参数“{parameter}”不在实验室 {laboratory} 的资质范围内。",
        en="The parameter {parameter} is not in the scope of laboratory {laboratory}.",
        article="S02 item 15",
    )
    SAMPLE_ENTERED = Sentence(
        zh="样品 {sample} 或其封签号已经登记。",
        en="Sample {sample}, or one with its seal, is entered already.",
        article="design choice",
    )
    FLAGGED_ALREADY = Sentence(
        zh="样品 {sample} 的检测报告已被认定为虚假。",
        en="The test report of sample {sample} has been found false already.",
        article="design choice",
    )


@dataclass(frozen=True, slots=True)
class SampleFacts:
    """A sample about to be entered.

    Attributes:
        sample: its number.
        laboratory: unified social credit code.
        parameter: such as "carbon_content".
        year: of the month the sample stands for.
        month: 1 to 12.
        seal: number of its seal.
        digest: SHA-256 (hex) of the test report.
        is_entered: number or seal are taken.
        today: day in the region's zone.
    """

    sample: str
    laboratory: str
    parameter: str
    year: int
    month: int
    sampled_on: date
    received_on: date
    tested_on: date
    seal: str
    digest: str
    is_entered: bool
    today: date


def check_sample(facts: SampleFacts, standing: Standing | None) -> None:
    """Decide whether a sample may be entered.

    Args:
        facts: of the sample.
        standing: of the laboratory on the register, None when it is not there.

    Raises:
        Refused: DAYS_OUT_OF_ORDER, NOT_SEALED, NOT_ACCREDITED, NOT_IN_SCOPE or SAMPLE_ENTERED.

    Source: S65 (samples with receipts, dates in order); S02 item 15 (laboratories).
    """
    told = {"sample": facts.sample, "laboratory": facts.laboratory, "parameter": facts.parameter}
    is_ordered = facts.sampled_on <= facts.received_on <= facts.tested_on <= facts.today
    if not is_ordered or facts.sampled_on not in periods.month(facts.year, facts.month):
        raise Refused(LaboratoryRefusal.DAYS_OUT_OF_ORDER, sample=facts.sample, year=facts.year, month=facts.month)
    if not (facts.seal.strip() and facts.digest):
        raise Refused(LaboratoryRefusal.NOT_SEALED, sample=facts.sample)
    if standing is None or not _is_accredited(standing, facts.tested_on):
        laboratory, tested_on = facts.laboratory, facts.tested_on
        raise Refused(LaboratoryRefusal.NOT_ACCREDITED, laboratory=laboratory, tested_on=tested_on)
    if facts.parameter not in standing.sectors:
        raise Refused(LaboratoryRefusal.NOT_IN_SCOPE, parameter=facts.parameter, laboratory=facts.laboratory)
    if facts.is_entered:
        raise Refused(LaboratoryRefusal.SAMPLE_ENTERED, sample=told["sample"])


def months_on_default(samples: Iterable[tuple[int, bool]]) -> tuple[int, ...]:
    """Give the months of a year whose parameter falls back to the conservative default of the rule book.

    Args:
        samples: month (1 to 12) of each sample of one facility and parameter, and whether its report is false.

    Returns:
        Months without one good sample, rising.

    Source: S65 (what is not measured takes the default); that a false report counts for nothing is a design choice.

    Example:
        >>> months_on_default([(month, month == 3) for month in range(1, 12)])
        (3, 12)
    """
    good = {month for month, is_false in samples if not is_false}
    return tuple(month for month in range(1, 13) if month not in good)


def _is_accredited(standing: Standing, on: date) -> bool:
    is_suspended = standing.suspended_until_on is not None and on <= standing.suspended_until_on
    return standing.is_admitted and not is_suspended and standing.from_on <= on <= standing.until_on
