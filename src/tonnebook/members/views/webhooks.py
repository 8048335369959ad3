"""Pages of the addresses that are told what happens to an organisation, and of what they answered."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tonnebook.core.errors import Refused
from tonnebook.core.roles import Role
from tonnebook.core.webhooks import MessageKind
from tonnebook.faces import doors, requests
from tonnebook.faces.requests import Request
from tonnebook.members import queries, services
from tonnebook.members.forms import WebhookForm

_MESSAGES = 50


@require_http_methods(["GET", "POST"])
@never_cache
@doors.open_to(Role.TRADER)
def webhooks(request: Request) -> HttpResponse:
    form, actor = WebhookForm(request.POST or None), doors.actor_of(request)
    if request.method == "POST" and form.is_valid():
        events = frozenset(MessageKind(event) for event in form.cleaned_data["events"])
        key = requests.key_of(request)
        try:
            services.add_webhook(actor, url=form.cleaned_data["url"], events=events, key=key, now=request.now)
        except Refused as refused:
            if refused.code not in form.field_of:
                raise
            form.refuse(refused)
        else:
            messages.success(request, gettext("Added. Send it a test message to see that it answers."))
            return redirect("members:webhooks")
    context = {
        "rows": queries.webhooks(actor.organisation),
        "sent": queries.webhook_messages(actor.organisation, limit=_MESSAGES),
        "form": form,
    }
    return render(request, "members/webhooks.html", context, status=422 if form.errors else 200)


@require_POST
@never_cache
@doors.open_to(Role.TRADER)
def webhook_secret(request: Request, number: str) -> HttpResponse:
    secret = services.secret_of(doors.actor_of(request), number)
    return render(request, "members/webhook_secret.html", {"number": number, "secret": secret})


@require_POST
@doors.open_to(Role.TRADER)
def try_webhook(request: Request, number: str) -> HttpResponse:
    said = gettext("A test message is on its way; see below what is answered.")
    return _done(request, services.try_webhook, said, webhook=number)


@require_POST
@doors.open_to(Role.TRADER)
def remove_webhook(request: Request, number: str) -> HttpResponse:
    return _done(request, services.remove_webhook, gettext("Removed; it is told nothing any more."), webhook=number)


@require_POST
@doors.open_to(Role.TRADER)
def send_message_again(request: Request, number: str) -> HttpResponse:
    return _done(request, services.send_message_again, gettext("It is sent once more."), message=number)


def _done(request: Request, act: Callable[..., object], said: str, **named: str) -> HttpResponse:
    act(doors.actor_of(request), **named, key=requests.key_of(request), now=request.now)
    messages.success(request, said)
    return redirect("members:webhooks")
