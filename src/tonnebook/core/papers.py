"""Official papers (公文): numbered notices of a public body to one organisation or to all, and why none is made.

A paper is one content; its PDF, its Word file and its OFD file are forms of it, and its digest stands in each, in the
public log and beside every seal. The number is written as public bodies write it: the word of the body, the year in
hexagonal brackets, the count of the year.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tonnebook.core.errors import Refusal, Refused, Sentence
from tonnebook.core.rules import Status

# What somebody copies from a stamped print: enough that no other paper has it, and few enough to type (design choice).
PRINTED_SIGNS = 16


class PaperKind(StrEnum):
    """What a paper is about."""

    ACCOUNT_STATE = "ACCOUNT_STATE"
    FREEZE = "FREEZE"
    ALLOCATION = "ALLOCATION"
    DEADLINE = "DEADLINE"
    ORDER_TO_SURRENDER = "ORDER_TO_SURRENDER"
    PENALTY = "PENALTY"
    ANNOUNCEMENT = "ANNOUNCEMENT"
    AUCTION_NOTICE = "AUCTION_NOTICE"
    AUCTION_RESULT = "AUCTION_RESULT"


# Addressed to everybody, and read by everybody.
PUBLISHED = frozenset({PaperKind.ANNOUNCEMENT, PaperKind.AUCTION_NOTICE, PaperKind.AUCTION_RESULT})


class PaperForm(StrEnum):
    """In which form a paper is handed out."""

    PDF = "PDF"
    DOCX = "DOCX"
    OFD = "OFD"


class PaperRefusal(Refusal):
    """Why a paper is not issued, found or bound to its print, in order of precedence."""

    NO_SUCH_PAPER = Sentence(
        zh="没有编号为“{paper}”的文书。", en="There is no paper {paper}.", article="design choice", status=404
    )
    SIGNERS_OF_TWO_BODIES = Sentence(
        zh="文书须由发文机关（{issuer}）的两名人员拟稿和签发。",
        en="Whoever drafts a paper and whoever signs it both belong to the body that issues it ({issuer}).",
        article="design choice",
        status=403,
    )
    BOUND_ALREADY = Sentence(
        zh="文书 {paper} 已有{seal}，不能重复办理。",
        en="Paper {paper} has its {seal} already.",
        article="design choice",
    )
    PRINT_DIFFERS = Sentence(
        zh="盖章件上的摘要（{printed}）不是文书 {paper} 的摘要；请核对是否拿错文件。",
        en="The digest on the print ({printed}) is not that of paper {paper}; is it the print of another?",
        article="design choice",
        status=422,
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """One value a paper states.

    Attributes:
        name: what it is.
        text: the value with its unit, as it is printed.
        source: where it stands, such as "S17 (三)" or the book it is from.
        status: of the rule it follows from, as `core.rules.Status` says it; empty for what a book holds.
    """

    name: str
    text: str
    source: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Annex:
    """A table behind the text; every row has as many cells as there are columns."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What one person drafts and another signs, word for word.

    Attributes:
        kind: what it is about.
        language: of its text, "zh-hans" or "en".
        subject: its title.
        paragraphs: its text.
        figures: the values it states.
        annexes: its tables.
    """

    kind: PaperKind
    language: str
    subject: str
    paragraphs: tuple[str, ...]
    figures: tuple[Figure, ...] = ()
    annexes: tuple[Annex, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as it is issued; its digest is that of all of it.

    Attributes:
        number: such as "沪环气候〔2026〕1号".
        word: where the word of the number stands: source, article and status.
        issuer: unified social credit code of the body.
        issuer_name: as printed above and below the text.
        addressee: unified social credit code; that of the issuer for a paper to everybody.
        addressee_name: as printed.
        issued_on: day of the signature.
        draft: what was signed.
    """

    number: str
    word: Figure
    issuer: str
    issuer_name: str
    addressee: str
    addressee_name: str
    issued_on: date
    draft: Draft


def number(word: str, year: int, count: int) -> str:
    """Write the number of a paper.

    Args:
        word: of the body (机关代字).
        year: in which it is issued.
        count: place among the body's papers of that year, >= 1.

    Source: GB/T 9704-2012, 7.2.5 (form of the number); that nothing is skipped is a design choice.

    Example:
        >>> number("沪环气候", 2026, 7)
        '沪环气候〔2026〕7号'
    """
    return f"{word}〔{year}〕{count}号"


def check_print(paper: str, *, digest: str, printed: str) -> None:
    """Refuse the scan of a print that carries the digest of something else.

    Args:
        paper: number.
        digest: of the paper, 64 hexadecimal digits.
        printed: what stands on the print, its first `PRINTED_SIGNS` signs or more; spaces and capitals do not matter.

    Raises:
        Refused: PRINT_DIFFERS.

    Source: design choice, no legal source (feature O22).
    """
    signs = "".join(printed.split()).lower()
    if len(signs) < PRINTED_SIGNS or not digest.startswith(signs):
        raise Refused(PaperRefusal.PRINT_DIFFERS, paper=paper, printed=printed)


def least_sure(statuses: Iterable[str]) -> str:
    """Give the status that a value carries which follows from several parameters: the least sure of theirs.

    Args:
        statuses: of the parameters, as `core.rules.Status` says them.

    Returns:
        One of them; empty when there are none.

    Source: design choice, no legal source.

    Example:
        >>> least_sure(["enacted", "draft", "enacted"])
        'draft'
    """
    order = [status.value for status in Status]
    return max(statuses, key=order.index, default="")
