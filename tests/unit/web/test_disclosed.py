"""What everybody may read, field by field: nothing new until somebody has written it into `tests/disclosed.yaml`."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import connection

from tonnebook import rulebook
from tonnebook.market import queries as market
from tonnebook.portal import publications
from tonnebook.web.api import api

APPROVED: dict[str, dict[str, list[str]]] = yaml.safe_load(
    (Path(__file__).parents[2] / "disclosed.yaml").read_text(encoding="utf-8")
)
YEAR = 2026
_READABLE = """
SELECT table_name, column_name FROM information_schema.columns
WHERE table_schema = 'public'
AND has_column_privilege('tonnebook_public_ro', quote_ident(table_name), column_name, 'SELECT')
"""


def fields(schema: Mapping[str, Any], parts: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Every field an answer of this schema can have, with the path to it."""
    if "$ref" in schema:
        yield from fields(parts[schema["$ref"].rpartition("/")[2]], parts, path)
    for inner in (schema.get("items"), *schema.get("anyOf", ())):
        if isinstance(inner, dict):
            yield from fields(inner, parts, path)
    for name, inner in schema.get("properties", {}).items():
        yield f"{path}{name}"
        yield from fields(inner, parts, f"{path}{name}.")
    if schema.get("additionalProperties") is True:
        yield f"{path}*"


def operations(description: Mapping[str, Any]) -> dict[str, list[str]]:
    """What each operation that asks for no key answers."""
    parts, found = description["components"]["schemas"], {}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            if operation.get("security"):
                continue
            content = operation["responses"].get("200", operation["responses"].get(200, {})).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            found[f"{method.upper()} {path}"] = sorted(set(fields(schema, parts)))
    return found


def description() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
    return told


def test_an_operation_without_a_key_answers_with_approved_fields_only() -> None:
    assert operations(description()) == APPROVED["operations"]


def test_control_a_new_field_and_a_new_operation_are_noticed() -> None:
    more = description()
    more["components"]["schemas"]["Trade"]["properties"]["buyer"] = {"type": "string"}
    assert operations(more) != APPROVED["operations"]
    opened = deepcopy(description())
    del opened["paths"]["/api/v1/accounts/{number}"]["get"]["security"]
    assert operations(opened) != APPROVED["operations"]


@pytest.mark.django_db
@pytest.mark.parametrize("region", rulebook.regions())
def test_a_public_table_has_approved_columns_only(region: str) -> None:
    found = {
        f"{region} {table.code}": [column.code for column in table.columns]
        for table in publications.index(region, YEAR)
    }
    assert found == {name: columns for name, columns in APPROVED["tables"].items() if name.startswith(f"{region} ")}


def test_a_public_file_has_approved_columns_only() -> None:
    assert list(market.HISTORY_COLUMNS) == APPROVED["files"]["history"]


@pytest.mark.django_db
def test_the_role_of_the_public_reads_approved_columns_only() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_READABLE)
        found: dict[str, list[str]] = {}
        for table, column in sorted(cursor.fetchall()):
            found.setdefault(table, []).append(column)
    assert found == APPROVED["columns"]
