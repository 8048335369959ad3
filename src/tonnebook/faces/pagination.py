"""Lists in pages with an address of their own: never an endless page, and a link reproduces the view."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import HttpRequest, QueryDict

from tonnebook.faces import requests

ROWS_PER_PAGE = 50
_PAGES_MAX = 1_000_000

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
    return page_from(request, count=len(rows), rows=lambda first, limit: rows[first : first + limit], size=size)


def page_from(
    request: HttpRequest, *, count: int, rows: Callable[[int, int], Sequence[Row]], size: int = ROWS_PER_PAGE
) -> Page[Row]:
    """Fetch only the page the address asks for, of a list too long to be read as a whole.

    Args:
        request: whose address may carry `?page=2`; a page that does not exist gives the nearest.
        count: rows in the whole list.
        rows: gives the rows from a first one on (0 is the first), at most so many.
        size: rows of a page.

    Returns:
        The page.
    """
    pages = max(1, -(-count // size))
    number = min(max(_asked(request.GET), 1), pages)
    rest = request.GET.copy()
    rest.pop("page", None)
    chosen = tuple(rows((number - 1) * size, size))
    return Page(rows=chosen, number=number, pages=pages, count=count, query=rest.urlencode())


def _asked(parameters: QueryDict) -> int:
    return requests.whole(parameters.get("page", "1"), most=_PAGES_MAX) or 1
