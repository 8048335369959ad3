"""What an inspection is handed of a company and year: what was handed in, with digests and how long it is kept."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from datetime import date, datetime

from tonnebook import rulebook
from tonnebook.emissions.models import (
    CheckRun,
    CheckWaiver,
    DataQualityPlan,
    Determination,
    EmissionReport,
    Facility,
    MonthlyFiling,
    RegisterEvent,
    SourceStream,
    Verification,
)
from tonnebook.members import queries as members

_MANIFEST = "manifest.json"


def kept_until(region: str, year: int) -> date:
    """Give the last day on which the records of a year must be kept.

    Source: `retention.years` of the region; counted from the end of the year reported on (design choice).
    """
    years = rulebook.at(region, on=date(year, 12, 31), year=year).integer("retention.years")
    return date(year + years, 12, 31)


def inspection_file(entity: str, region: str, year: int, *, now: datetime) -> bytes:
    """Make the one file an inspection takes along: a zip with the records, the documents and a manifest of digests.

    Args:
        entity: unified social credit code.
        region: code.
        year: compliance year.
        now: when.

    Returns:
        The bytes of the archive; the same records give the same members.

    Source: S06 Art. 25 (records are kept and inspected); the form is a design choice.
    """
    files = {f"{name}.json": _text(rows) for name, rows in _records(entity, year).items()}
    for one in members.documents(entity):
        files[f"documents/{one.number}-{one.name}"] = members.document_content(one.number)
    manifest = {
        "entity": entity,
        "year": year,
        "made_at": now.isoformat(),
        "kept_until": kept_until(region, year).isoformat(),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted({**files, _MANIFEST: _text(manifest)}.items()):
            archive.writestr(zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _records(entity: str, year: int) -> Mapping[str, list[dict[str, object]]]:
    own, through = {"entity__uscc": entity}, {"facility__entity__uscc": entity}
    reports = EmissionReport.objects.filter(**own, year=year).order_by("version")
    found = {
        "facilities": Facility.objects.filter(**own).order_by("number"),
        "streams": SourceStream.objects.filter(**through).order_by("number"),
        "events": RegisterEvent.objects.filter(**own).order_by("number"),
        "plans": DataQualityPlan.objects.filter(**own, year=year).order_by("version"),
        "filings": MonthlyFiling.objects.filter(**through, year=year).order_by("facility__number", "month"),
        "reports": reports,
        "checks": CheckRun.objects.filter(report__in=reports).order_by("report__version"),
        "waivers": CheckWaiver.objects.filter(**own, year=year).order_by("number"),
        "opinions": Verification.objects.filter(report__in=reports).order_by("report__version"),
        "determinations": Determination.objects.filter(**own, year=year),
    }
    return {name: [dict(row) for row in rows.values()] for name, rows in found.items()}


def _text(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str).encode()
