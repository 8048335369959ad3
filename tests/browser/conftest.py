"""A served demo town and a browser that looks at it."""

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from pytest_django.fixtures import Settings
from tests.unit.web import town as towns


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def process_request_thread(self, request: object, client_address: object) -> None:
        super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        # Each thread has connections of its own, and an open one would keep the database from being dropped.
        connections.close_all()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        del format, args


@pytest.fixture
def town(browser: Browser, fresh_database: str, settings: Settings) -> towns.Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return towns.open_town()


@pytest.fixture
def served(town: towns.Town) -> Iterator[str]:
    """The address of a web server on this machine that shows the town."""
    with make_server("127.0.0.1", 0, get_wsgi_application(), server_class=_Server, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, in which Django would refuse the database; nothing here is async.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


def _is_complaint(message: ConsoleMessage) -> bool:
    # What the rules refuse is a page with a status of its own, and the browser notes each of these.
    return message.type == "error" and not re.search(r"status of (403|409|422)\b", message.text)


@contextmanager
def watched(browser: Browser, served: str) -> Iterator[Page]:
    """Open a browser of its own, in English, that fails the test when it blocks or misses anything."""
    context = browser.new_context(base_url=served, locale="en-GB", viewport={"width": 1280, "height": 900})
    shown = context.new_page()
    complaints: list[str] = []
    shown.on("console", lambda message: complaints.append(message.text) if _is_complaint(message) else None)
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    yield shown
    context.close()
    assert complaints == []


@pytest.fixture
def page(browser: Browser, served: str) -> Iterator[Page]:
    """A page of the served town, in English, that fails the test when the browser blocks or misses anything."""
    with watched(browser, served) as shown:
        yield shown
