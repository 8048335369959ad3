"""The register of verification bodies, laboratories and writers: published with ratings and draws, kept by officers."""

from collections.abc import Mapping
from datetime import date

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from tonnebook.core.bodies import BodyState
from tonnebook.core.draw import DrawKind
from tonnebook.core.errors import Refused
from tonnebook.core.roles import Role
from tonnebook.emissions import queries as emissions
from tonnebook.emissions import services as emissions_services
from tonnebook.faces import doors, requests
from tonnebook.faces.forms import RefusableForm
from tonnebook.faces.requests import Request
from tonnebook.members import queries as members
from tonnebook.web import proposing, years


class StandingForm(RefusableForm):
    """A suspension until a day, or a removal without one."""

    body = forms.ChoiceField(label=gettext_lazy("Firm"))
    until_on = forms.DateField(
        label=gettext_lazy("Suspended until (empty: remove it)"),
        widget=forms.DateInput(attrs={"type": "date"}),
        required=False,
    )
    ground = forms.CharField(label=gettext_lazy("Reason"), max_length=500)

    def __init__(self, *args: object, firms: list[tuple[str, str]], **kwargs: object) -> None:
        """Offer the firms on the register."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["body"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = firms


@require_GET
def bodies(request: Request) -> HttpResponse:
    """Show everybody who is on the register, with ratings, and every draw."""
    return render(request, "web/bodies.html", _register(request))


@require_GET
def draw_file(request: Request, number: str) -> HttpResponse:
    """Hand out the file of a draw, for anybody to repeat it."""
    del request
    published = emissions.published_draw(number)
    response = JsonResponse(published, json_dumps_params={"indent": 1, "ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="{number}.json"'
    return response


@require_http_methods(["GET", "POST"])
@doors.open_to(Role.OFFICER)
def kept_bodies(request: Request) -> HttpResponse:
    """Keep the register and the draws: admit, suspend, remove, announce, hold."""
    status, rows = 200, emissions.bodies(request.region)
    admitted = [row for row in rows if row.state is BodyState.ADMITTED]
    form = StandingForm(firms=[(row.organisation, row.organisation) for row in admitted])
    step = request.POST.get("step", "") if request.method == "POST" else ""
    if step == "admit":
        told = {
            "region": request.region,
            "body": request.POST.get("body", ""),
            "digest": request.POST.get("digest", ""),
        }
        return proposing.propose(request, "emissions.admit_body", told)
    if step == "standing":
        form = StandingForm(request.POST, firms=[(row.organisation, row.organisation) for row in admitted])
        status = 422
        if form.is_valid():
            try:
                return _change(request, form.cleaned_data)
            except Refused as error:
                status = form.refuse(error)
    elif step:
        return _draw(request, step)
    context = {**_register(request), "form": form, "kinds": list(DrawKind), "applied": _applied(rows)}
    return render(request, "web/kept_bodies.html", context, status=status)


def _change(request: Request, told: Mapping[str, object]) -> HttpResponse:
    body, ground, until_on = str(told["body"]), str(told["ground"]), told["until_on"]
    if not isinstance(until_on, date):
        payload = {"region": request.region, "body": body, "ground": ground}
        return proposing.propose(request, "emissions.remove_body", payload)
    emissions_services.suspend_body(
        doors.actor_of(request),
        body=body,
        until_on=until_on,
        ground=ground,
        key=requests.key_of(request),
        now=request.now,
    )
    messages.success(request, gettext("Suspended; what waited for the firm waits for another."))
    return redirect("web:kept_bodies")


def _draw(request: Request, step: str) -> HttpResponse:
    actor, key, now = doors.actor_of(request), requests.key_of(request), request.now
    if step == "announce" and request.POST.get("kind", "") in set(DrawKind):
        kind, year = DrawKind(request.POST["kind"]), years.year_of(request)
        emissions_services.announce_draw(actor, region=request.region, year=year, kind=kind, key=key, now=now)
        messages.success(request, gettext("Announced; the commitment stands in the log."))
    elif step == "hold":
        answer = emissions_services.hold_draw(actor, number=request.POST.get("number", ""), key=key, now=now)
        messages.success(request, gettext("Drawn: %(drawn)s.") % answer)
    else:
        raise Http404
    return redirect("web:kept_bodies")


def _register(request: Request) -> dict[str, object]:
    rows = emissions.rated_bodies(request.region, years.year_of(request), requests.today(request))
    return {
        "year": years.year_of(request),
        "rows": [row for row in rows if row.body.state is not BodyState.APPLIED],
        "draws": emissions.draws(request.region),
        "names": members.organisations_named([row.body.organisation for row in rows]),
    }


def _applied(rows: tuple[emissions.BodyRow, ...]) -> list[emissions.BodyRow]:
    return [row for row in rows if row.state is BodyState.APPLIED]
