"""Public pages: tables, receipts, the log, the life of a unit, and how to check all of it."""

from dataclasses import asdict

from csp.decorators import csp_exempt
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from tonnebook.compliance import queries as compliance
from tonnebook.core import tiles as tiling
from tonnebook.core.errors import Refused
from tonnebook.core.tiles import Tile
from tonnebook.faces import documents, exports, pagination, requests
from tonnebook.faces.requests import Request
from tonnebook.journal import queries as journal
from tonnebook.journal import tiles
from tonnebook.portal import consistency, lives, openings, papers, publications, queries, receipts
from tonnebook.portal import verifier as verifying
from tonnebook.registry import queries as registry

RECEIPT_BYTES_MAX = 1_000_000
YEAR_SECONDS = 31_536_000
CHECKPOINT_SECONDS = 2


@require_GET
def tables(request: Request) -> HttpResponse:
    year = publications.year_asked(request.GET.get("year", ""), region=request.region, today=requests.today(request))
    context = {
        "year": year,
        "years": publications.years(requests.today(request)),
        "tables": publications.index(request.region, year),
        "totals": registry.totals(request.region),
    }
    return render(request, "portal/tables.html", context)


@require_GET
def deadlines(request: Request) -> HttpResponse:
    today = requests.today(request)
    year = publications.year_asked(request.GET.get("year", ""), region=request.region, today=today)
    try:
        shown = compliance.deadlines(request.region, year, today)
    except Refused:
        shown = ()
    context = {"year": year, "years": publications.years(today), "deadlines": shown}
    return render(request, "portal/deadlines.html", context | {"moves": compliance.moves(request.region, year)})


@require_GET
def table(request: Request, code: str, year: int) -> HttpResponse:
    shown = publications.table(code, request.region, year)
    rows = publications.found(shown, request.GET.get("q", ""))
    page = pagination.page_of(rows, request)
    published = queries.publication(request.region, year, code)
    return render(request, "portal/table.html", {"table": shown, "page": page, "year": year, "published": published})


@require_GET
def open_data(request: Request, code: str, year: int, form: str) -> HttpResponse:
    published = publications.table(code, request.region, year)
    name = f"{request.region}-{year}-{code}"
    if form == "csv":
        return exports.csv_of(name, [one.code for one in published.columns], published.plain_rows)
    body = {"region": request.region, "year": year, "table": code, "rows": published.plain_rows}
    body |= {"simulated": request.is_demo}
    return JsonResponse(body, json_dumps_params={"ensure_ascii": False})


@require_http_methods(["GET", "POST"])
def receipt(request: Request) -> HttpResponse:
    steps: tuple[receipts.Step, ...] = ()
    text = ""
    if request.method == "POST":
        upload = request.FILES.get("file")
        text = upload.read(RECEIPT_BYTES_MAX).decode("utf-8", "replace") if upload else request.POST.get("receipt", "")
        key = journal.signer().verifier_key
        steps = receipts.check(text, trusted_key=key, language=get_language() or "")
    is_good = bool(steps) and all(step.is_good for step in steps)
    return render(request, "portal/receipt.html", {"steps": steps, "text": text, "is_good": is_good})


@require_http_methods(["GET", "POST"])
def document(request: Request) -> HttpResponse:
    asked = request.GET.get("asked", "").strip()
    upload = request.FILES.get("file") if request.method == "POST" else None
    # The file is read, digested and forgotten.
    digest = documents.digest_of(upload.chunks()) if upload else ""
    looked_for = digest or asked
    found = registry.issued_document(looked_for) if looked_for else None
    paper = papers.checked(looked_for) if looked_for and found is None else None
    context = {"asked": asked, "digest": digest, "found": found, "paper": paper, "is_answer": bool(looked_for)}
    return render(request, "portal/document.html", context, status=200 if found or paper or not looked_for else 404)


# The page brings its own policy, stricter than the site's and true on a disk as well.
@require_safe
@csp_exempt()
def verifier(request: HttpRequest) -> HttpResponse:
    del request
    response = HttpResponse(verifying.page())
    response["Content-Security-Policy"] = f"{verifying.policy()}; frame-ancestors 'none'"
    return response


@require_GET
def leaf(request: Request, leaf_hash: str) -> HttpResponse:
    shown = openings.receipt(leaf_hash, actor=requests.acting_here(request))
    return render(request, "portal/leaf.html", {"leaf_hash": leaf_hash, "receipt": shown})


@require_GET
def leaf_file(request: Request, leaf_hash: str) -> HttpResponse:
    # Opened only where somebody asks for it: a receipt is often handed on.
    is_asked = request.GET.get("opened") == "yes"
    shown = openings.receipt(leaf_hash, actor=requests.acting_here(request) if is_asked else None)
    response = JsonResponse(shown, json_dumps_params={"ensure_ascii": False, "indent": 1, "sort_keys": True})
    name = f"receipt-{leaf_hash[:16]}{'-opened' if shown['sealed'] else ''}.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_GET
def log(request: Request) -> HttpResponse:
    context = {
        "size": journal.log_size(),
        "checkpoint": journal.latest_checkpoint(),
        "key": journal.signer().verifier_key,
        "sm2_key": journal.signer().sm2_key,
        "cosignatures": journal.latest_cosignatures(),
        "anchors": journal.latest_anchors(),
    }
    return render(request, "portal/log.html", context)


@require_safe
def checkpoint(request: Request) -> HttpResponse:
    del request
    note = journal.published_note()
    if note is None:
        raise Http404
    response = HttpResponse(note, content_type="text/plain; charset=utf-8")
    patch_cache_control(response, public=True, max_age=CHECKPOINT_SECONDS)
    return response


@require_safe
def tile(request: Request, level: str, place: str) -> HttpResponse:
    del request
    found = tiling.read_place(place)
    return _immutable(tiles.hashes(Tile(int(level), *found)) if found else None)


# Entries are public by the same names as on the pages: compressing them shows nothing that is not there to read.
@require_safe
@gzip_page
def bundle(request: Request, place: str) -> HttpResponse:
    del request
    found = tiling.read_place(place)
    return _immutable(tiles.bundle(*found) if found else None)


@require_GET
def log_consistency(request: Request) -> HttpResponse:
    asked = consistency.sizes_asked(request.GET.get("from", ""), request.GET.get("to", ""))
    context = {"comparison": consistency.compare(*asked) if asked else None, "checkpoints": consistency.offered()}
    return render(request, "portal/consistency.html", context)


@require_GET
def log_consistency_file(request: Request) -> HttpResponse:
    asked = consistency.sizes_asked(request.GET.get("from", ""), request.GET.get("to", ""))
    if asked is None:
        raise Http404
    body = {"origin": journal.signer().origin, **asdict(consistency.compare(*asked).row)}
    return JsonResponse(body, json_dumps_params={"indent": 1, "sort_keys": True})


@require_GET
def unit(request: Request) -> HttpResponse:
    asked = request.GET.get("serial", "").replace(",", "").strip()
    if not asked:
        return render(request, "portal/unit.html", {"asked": ""})
    if not asked.isascii() or not asked.isdigit():
        return redirect(f"{request.path}?serial=")
    life = lives.life(int(asked), actor=requests.acting_here(request))
    return render(request, "portal/unit.html", {"asked": asked, "life": life}, status=200 if life else 404)


@require_GET
def instructions(request: Request) -> HttpResponse:
    return render(request, "portal/instructions.html", {"key": journal.signer().verifier_key})


# What was once answered never changes; what is not there yet may be there in a moment.
def _immutable(data: bytes | None) -> HttpResponse:
    if data is None:
        raise Http404
    response = HttpResponse(data, content_type="application/octet-stream")
    patch_cache_control(response, public=True, max_age=YEAR_SECONDS, immutable=True)
    return response
