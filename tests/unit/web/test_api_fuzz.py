"""Requests made up from the description of the API: whatever comes, no operation fails, and errors have one shape.

A few requests to each operation in the suite, two hundred in the long form (`./tonnebook test --long`).
"""

import json
import warnings
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import hypothesis
import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, strategies
from schemathesis.core import NotSet
from schemathesis.generation import GenerationMode
from tests import campaigns
from tests.unit.web.town import Town

from tonnebook.web.api import api

PROBLEM = {"code", "message", "facts", "article", "transient", "report"}
EXAMPLES = campaigns.times(8, 200)
OPERATIONS = [
    (path, method.upper()) for path, methods in api.get_openapi_schema()["paths"].items() for method in sorted(methods)
]


@pytest.fixture
def browsers(town: Town) -> list[Client]:
    """A company with units and an officer; clients of tests raise no faults, so that their answers are looked at."""
    town.stage.first_batch()
    signed_in = [town.browser(name) for name in ("red", "zhou")]
    for client in signed_in:
        client.raise_request_exception = False
    return signed_in


def cases(path: str, method: str) -> strategies.SearchStrategy[Any]:
    """Requests that fit the description, and requests that do not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema())))
    operation = schema[path][method]
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    return strategies.one_of([operation.as_strategy(generation_mode=mode) for mode in modes])


def text_of(values: Mapping[str, object] | None) -> dict[str, str]:
    """Headers as a server hands them on: Latin letters in one line."""
    pairs = {name: str(value) for name, value in (values or {}).items()}
    return {name: value.encode("ascii", "replace").decode().replace("\n", " ") for name, value in pairs.items()}


def send(client: Client, case: Any) -> Any:
    """Send a request that was made up."""
    path = case.path
    for name, value in (case.path_parameters or {}).items():
        path = path.replace(f"{{{name}}}", quote(str(value), safe="", errors="replace"))
    query = urlencode(case.query or {}, doseq=True, errors="replace")
    body = b"" if isinstance(case.body, NotSet) else json.dumps(case.body, default=str).encode()
    address = f"{path}?{query}" if query else path
    return client.generic(case.method, address, body, "application/json", headers=text_of(case.headers))


@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=[f"{method} {path}" for path, method in OPERATIONS])
def test_no_request_makes_an_operation_fail(browsers: list[Client], path: str, method: str) -> None:
    @hypothesis.seed(campaigns.SEED)
    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=not campaigns.LONG,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @hypothesis.given(cases(path, method))
    def check(case: Any) -> None:
        for client in browsers:
            answer = send(client, case)
            assert answer.status_code < 500, (case.path_parameters, case.query, case.body)
            if answer.status_code >= 400:
                assert set(json.loads(answer.content)) == PROBLEM

    check()
