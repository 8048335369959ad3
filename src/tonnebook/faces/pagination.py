"""Lists in pages with an address of their own: never an endless page, and a link reproduces the view."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import HttpRequest, QueryDict

ROWS_PER_PAGE = 50

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list.

    Attributes:
        rows: the rows of this page.
        number: 1 for the first page.
        pages: how many pages there are, >= 1.
        count: rows in the whole list.
        query: the other parameters of the address, such as "q=steel&sort=name", for the links.
    """

    rows: tuple[Row, ...]
    number: int
    pages: int
    count: int
    query: str

    @property
    def before(self) -> int | None:
        """The number of the page before, if there is one."""
        return self.number - 1 if self.number > 1 else None

    @property
    def after(self) -> int | None:
        """The number of the next page, if there is one."""
        return self.number + 1 if self.number < self.pages else None


def page_of(rows: Sequence[Row], request: HttpRequest, *, size: int = ROWS_PER_PAGE) -> Page[Row]:
    """Cut the page the address asks for (`?page=2`) out of a list; a page that does not exist gives the nearest."""
    pages = max(1, -(-len(rows) // size))
    number = min(max(_asked(request.GET), 1), pages)
    rest = request.GET.copy()
    rest.pop("page", None)
    chosen = tuple(rows[(number - 1) * size : number * size])
    return Page(rows=chosen, number=number, pages=pages, count=len(rows), query=rest.urlencode())


def _asked(parameters: QueryDict) -> int:
    text = parameters.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() else 1
