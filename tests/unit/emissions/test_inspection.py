"""What an inspection takes along holds every record of the year, and its manifest every digest."""

import hashlib
import io
import json
import zipfile

from tests.unit.emissions.story import NEXT_YEAR, RED_RIVER, REGION, YEAR, Story
from tests.unit.emissions.test_register import paper, streams

from tonnebook.emissions import queries


def test_the_file_holds_every_record_and_the_manifest_every_digest(story: Story) -> None:
    number = story.verified()
    streams(story)
    document = paper(story)
    made = queries.inspection_file(RED_RIVER, REGION, YEAR, now=NEXT_YEAR)
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    assert manifest["files"] == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert manifest["kept_until"] == f"{YEAR + 5}-12-31"
    assert files[f"documents/{document}-notice.pdf"] == b"test"
    told = {name: json.loads(content) for name, content in files.items() if name.endswith(".json")}
    assert [row["number"] for row in told["reports.json"]] == [number]
    assert len(told["opinions.json"]) == len(told["plans.json"]) == len(told["checks.json"]) == 1
    assert {row["number"] for row in told["facilities.json"]} == {"RR-1", "RR-2"}
    assert {row["number"] for row in told["streams.json"]} == {"SS-1", "SS-2"}
