"""The real extract of the European registry, posted whole: bulk paths, statuses and auditor on data of others."""

import json
from pathlib import Path

import pytest

from tonnebook.imports import eutl_import


@pytest.mark.data
def test_real_extract_is_posted_without_a_break(
    fresh_database: str, shared: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert eutl_import.run(shared / "data" / "eutl", dry_run=False, as_json=True) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["accounts"], facts["accounts_with_values"], facts["refused"]) == (16_040, 9_646, 0)
    assert facts["agreement"] >= 0.9995
    assert facts["breaks"] == 0
    # Tonnes that were surrendered beyond what the extract allocates, counted by hand from the files.
    assert (facts["opening_entries"], facts["opening_entry_t"]) == (4_857, 406_950_150)
