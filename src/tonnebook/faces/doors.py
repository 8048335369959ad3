"""Which page is open to whom; what a service refuses it refuses again by itself."""

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from tonnebook.core.roles import Actor, Role
from tonnebook.faces import requests
from tonnebook.faces.requests import Request

Rest = ParamSpec("Rest")
View = Callable[Concatenate[Request, Rest], HttpResponse]


def open_to(*roles: Role) -> Callable[[View[Rest]], View[Rest]]:
    """Open a page to people with one of the roles, in their own region; strangers are asked to sign in.

    Args:
        roles: any of them is enough.

    Returns:
        The decorator.

    Raises:
        PermissionDenied: when somebody with other roles asks.
    """

    def decorate(view: View[Rest]) -> View[Rest]:
        @functools.wraps(view)
        def guarded(request: Request, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
            if request.actor is None:
                return _to_sign_in(request)
            here = requests.acting_here(request)
            if here is None or not here.roles & frozenset(roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def signed_in(view: View[Rest]) -> View[Rest]:
    """Open a page to everybody who has signed in, in whatever region they look around."""

    @functools.wraps(view)
    def guarded(request: Request, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        return _to_sign_in(request) if request.actor is None else view(request, *args, **kwargs)

    return guarded


def actor_of(request: Request) -> Actor:
    """Give the actor behind a door."""
    if request.actor is None:
        raise PermissionDenied
    return request.actor


def _to_sign_in(request: Request) -> HttpResponse:
    return redirect(f"{reverse('web:sign_in')}?{urlencode({'next': request.get_full_path()})}")
