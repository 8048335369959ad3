"""Mandates: a company lets a report writer draft its emission reports of some years, and who may not meet there.

A mandate holds from the moment it is given to the end of its last day, or until it is withdrawn. Whoever verifies a
report is independent of the company and of everybody who wrote it: not the same organisation, and not controlled by the
same one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from tonnebook.core import independence
from tonnebook.core.errors import Refusal, Refused, Sentence

# A mandate is given for a few years at a time (design choice, no legal source).
YEARS_MAX = 5


class MandateRefusal(Refusal):
    """Why a mandate is not given, not withdrawn or does not cover something."""

    NOT_A_REPORT_WRITER = Sentence(
        zh="{writer} 不是登记的报告编制机构，不能接受委托。",
        en="{writer} is no registered report writing firm and can take no mandate.",
        article="design choice",
        status=422,
    )
    MANDATE_YEARS_UNFIT = Sentence(
        zh="委托年度须从早到晚且不超过 {most} 年（填写的是 {first_year}–{last_year}），请修改。",
        en="A mandate covers years in order, {most} at most ({first_year} to {last_year} is neither); change them.",
        article="design choice",
        status=422,
    )
    MANDATE_OVER_ALREADY = Sentence(
        zh="委托的截止日 {until_on} 已经过去，请填写今天或以后的日期。",
        en="The last day of the mandate, {until_on}, is over; name today or a later day.",
        article="design choice",
        status=422,
    )
    ALREADY_MANDATED = Sentence(
        zh="{writer} 已受托编制其中某一年度的报告；如需更改，请先撤销原委托。",
        en="{writer} holds a mandate for one of these years; withdraw that one first to change it.",
        article="design choice",
    )
    NO_SUCH_MANDATE = Sentence(
        zh="没有编号为 {mandate} 的有效委托。",
        en="There is no mandate {mandate} that holds.",
        article="design choice",
        status=404,
    )
    NO_MANDATE = Sentence(
        zh="贵单位没有编制 {entity} {year}年度报告的有效委托；请由该单位先行委托。",
        en="Your organisation holds no mandate for the {year} report of {entity}; the company has to give one first.",
        article="design choice",
        status=403,
    )
    NO_SUCH_DRAFT = Sentence(
        zh="没有编号为 {draft} 的报告草稿。",
        en="There is no draft {draft} of this report.",
        article="design choice",
        status=404,
    )
    WRITER_NOT_INDEPENDENT = Sentence(
        zh="{entity} {year}年度报告的编制机构 {writer} 与核查机构 {verifier} 为同一单位或受同一控制人控制，"
        "不能同时承担。",
        en="{writer}, who writes the {year} report of {entity}, and its verifier {verifier} are one organisation or "
        "controlled by one; they cannot both work on it.",
        article="S65",
    )


@dataclass(frozen=True, slots=True)
class Giving:
    """A mandate about to be given.

    Attributes:
        is_writer: whether it goes to a registered report writer of the same region.
        is_held: whether the writer holds a mandate for one of the years already.
        today: day in the region's zone.
    """

    entity: str
    writer: str
    first_year: int
    last_year: int
    until_on: date
    is_writer: bool
    is_held: bool
    today: date


def check_giving(giving: Giving) -> None:
    """Decide whether a mandate may be given.

    Args:
        giving: the facts.

    Raises:
        Refused: NOT_A_REPORT_WRITER; MANDATE_YEARS_UNFIT when the years run backwards or are more than `YEARS_MAX`;
            MANDATE_OVER_ALREADY; ALREADY_MANDATED.

    Source: design choice, no legal source.
    """
    cases = (
        (not giving.is_writer, MandateRefusal.NOT_A_REPORT_WRITER),
        (not 0 <= giving.last_year - giving.first_year < YEARS_MAX, MandateRefusal.MANDATE_YEARS_UNFIT),
        (giving.until_on < giving.today, MandateRefusal.MANDATE_OVER_ALREADY),
        (giving.is_held, MandateRefusal.ALREADY_MANDATED),
    )
    for applies, code in cases:
        if applies:
            raise Refused(
                code,
                writer=giving.writer,
                first_year=giving.first_year,
                last_year=giving.last_year,
                until_on=giving.until_on,
                most=YEARS_MAX,
            )


def check_writers(
    *, entity: str, year: int, verifier: str, writers: Iterable[str], controllers: Mapping[str, str]
) -> None:
    """Refuse a verifier who is related to somebody who writes or wrote the report.

    Args:
        entity: whose report it is (unified social credit code).
        year: compliance year.
        verifier: code of the verification body.
        writers: codes of those who write or wrote it; the entity itself is none.
        controllers: controller by controlled organisation, one step each; chains are followed.

    Raises:
        Refused: WRITER_NOT_INDEPENDENT, for the first writer by code.

    Source: S65 (independence); invariant C4.
    """
    house = independence.house_of(verifier, controllers)
    for writer in sorted(writers):
        if independence.house_of(writer, controllers) == house:
            facts = {"entity": entity, "year": year, "verifier": verifier, "writer": writer}
            raise Refused(MandateRefusal.WRITER_NOT_INDEPENDENT, **facts)
