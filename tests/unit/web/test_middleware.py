"""Faults and busy books leave as pages that give nothing away."""

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from tonnebook.core.errors import Busy, Fault
from tonnebook.web.middleware import FaceMiddleware

PAGE = FaceMiddleware(lambda request: HttpResponse("never"))


@pytest.mark.parametrize("error", [Fault("O3", secret="inside"), RuntimeError("inside")])
def test_a_fault_shows_a_report_number_and_nothing_else(error: Exception) -> None:
    answer = PAGE.process_exception(RequestFactory().get("/"), error)
    assert answer is not None
    assert answer.status_code == 500
    page = answer.content.decode()
    assert "inside" not in page
    assert "O3" not in page
    assert "<code>" in page


@pytest.mark.parametrize("error", [Busy("lock"), OperationalError("server closed the connection")])
def test_busy_books_answer_503_and_when_to_try_again(error: Exception) -> None:
    answer = PAGE.process_exception(RequestFactory().get("/"), error)
    assert answer is not None
    assert answer.status_code == 503
    assert answer["Retry-After"] == "3"
    assert "lock" not in answer.content.decode().replace("clock", "")
