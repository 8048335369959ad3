"""Pages of the addresses that are told what happens to an organisation, and of what they answered."""

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
    key = requests.key_of(request)
    services.try_webhook(doors.actor_of(request), webhook=number, key=key, now=request.now)
    messages.success(request, gettext("A test message is on its way; see below what is answered."))
    return redirect("members:webhooks")


@require_POST
@doors.open_to(Role.TRADER)
def remove_webhook(request: Request, number: str) -> HttpResponse:
    key = requests.key_of(request)
    services.remove_webhook(doors.actor_of(request), webhook=number, key=key, now=request.now)
    messages.success(request, gettext("Removed; it is told nothing any more."))
    return redirect("members:webhooks")


@require_POST
@doors.open_to(Role.TRADER)
def send_message_again(request: Request, number: str) -> HttpResponse:
    key = requests.key_of(request)
    services.send_message_again(doors.actor_of(request), message=number, key=key, now=request.now)
    messages.success(request, gettext("It is sent once more."))
    return redirect("members:webhooks")
