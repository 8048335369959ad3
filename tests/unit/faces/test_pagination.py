"""Lists in pages."""

from django.test import RequestFactory

from tonnebook.faces import pagination


def asked(query: str) -> pagination.Page[int]:
    return pagination.page_of(range(120), RequestFactory().get(f"/?{query}"), size=50)


def test_first_page_knows_what_comes_after() -> None:
    page = asked("")
    assert (page.rows[0], page.rows[-1], page.pages, page.before, page.after) == (0, 49, 3, None, 2)


def test_a_page_that_does_not_exist_gives_the_nearest() -> None:
    assert asked("page=99").number == 3
    assert asked("page=x").number == 1
    assert asked("page=0").number == 1


def test_links_keep_the_other_parameters() -> None:
    assert asked("q=steel&page=2").query == "q=steel"
