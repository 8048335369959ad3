"""Take in what another registry has cancelled: a file of its list, one block of serial numbers per line."""

import csv
import io
from collections.abc import Iterator
from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from tonnebook.compliance import services as compliance_services
from tonnebook.core.errors import Refused
from tonnebook.core.foreign_credits import CancelledBlock
from tonnebook.core.roles import Role
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.web.year_forms import CancellationsForm

COLUMNS = (
    "scheme",
    "serial_from",
    "serial_to",
    "entity",
    "year",
    "project",
    "project_kind",
    "province",
    "gas",
    "boundary",
    "reduced_from_on",
    "registered_on",
    "cancelled_on",
    "certificate",
)
_BYTES_MAX = 1_000_000


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER, Role.REGISTRAR)
def cancellations(request: Request) -> HttpResponse:
    """Read the list of another registry; all of its lines come in or none."""
    form = CancellationsForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                rows = list(_rows(form.cleaned_data["file"].read(_BYTES_MAX).decode("utf-8-sig", "replace")))
                answer = compliance_services.import_cancellations(
                    doors.actor_of(request),
                    region=request.region,
                    rows=rows,
                    key=requests.key_of(request),
                    now=request.now,
                )
            except ValueError as error:
                form.add_error("file", str(error))
            except Refused as error:
                status = form.refuse(error)
            else:
                told = gettext("Taken in: %(proofs)s blocks, %(quantity_t)s t.")
                messages.success(request, told % answer)
                return redirect("web:cancellations")
    return render(request, "web/cancellations.html", {"form": form, "columns": COLUMNS}, status=status)


def _rows(text: str) -> Iterator[CancelledBlock]:
    reader = csv.DictReader(io.StringIO(text))
    if set(reader.fieldnames or ()) != set(COLUMNS):
        raise ValueError(gettext("The columns must be: %(columns)s") % {"columns": ", ".join(COLUMNS)})
    for line, row in enumerate(reader, 2):
        try:
            yield CancelledBlock(
                scheme=row["scheme"].strip(),
                serial_from=int(row["serial_from"]),
                serial_to=int(row["serial_to"]),
                entity=row["entity"].strip(),
                year=int(row["year"]),
                project=row["project"].strip(),
                project_kind=row["project_kind"].strip(),
                province=row["province"].strip(),
                gas=row["gas"].strip(),
                boundary=row["boundary"].strip(),
                reduced_from_on=date.fromisoformat(row["reduced_from_on"]),
                registered_on=date.fromisoformat(row["registered_on"]),
                cancelled_on=date.fromisoformat(row["cancelled_on"]),
                certificate=row["certificate"].strip(),
            )
        except (ValueError, TypeError, AttributeError) as error:
            told = gettext("Line %(line)s: a number or a day (2027-05-01) is not written as it should be.")
            raise ValueError(told % {"line": line}) from error
