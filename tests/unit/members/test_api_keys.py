"""Keys of programs: what they open, when they end, and that a signed request comes in once."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from pytest_django.fixtures import Settings
from tests.unit.web import program as programs
from tests.unit.web import town as towns
from tests.unit.web.program import API, told
from tests.unit.web.town import NOW, RED_RIVER, Town

from tonnebook.core import api_keys
from tonnebook.core.api_keys import ApiRefusal, KeyKind, Scope
from tonnebook.core.errors import Refused
from tonnebook.journal import services as journal
from tonnebook.journal.models import JournalLeaf
from tonnebook.members import queries
from tonnebook.members import services as members
from tonnebook.members.models import ApiKey, ApiNonce, Person


@pytest.fixture
def town(db: None, settings: Settings) -> Town:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return towns.open_town()


def with_secret(sent: str, path: str = "/me") -> tuple[int, str]:
    answer = Client().get(API + path, headers={"Authorization": f"Bearer {sent}"})
    return answer.status_code, str(told(answer).get("code", ""))


def test_a_secret_opens_reading_for_its_person_and_is_kept_nowhere(town: Town) -> None:
    sent = programs.secret_of(town, "red", Scope.READ_ACCOUNTS)
    answer = Client().get(f"{API}/me", headers={"Authorization": f"Bearer {sent}"})
    assert told(answer)["organisation"] == RED_RIVER
    assert told(answer)["scopes"] == ["READ_ACCOUNTS"]
    number, _, secret = sent.partition(".")
    row = ApiKey.objects.get(number=number)
    assert secret not in str(vars(row))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_key WHERE position(%s in answer::text) > 0", [secret])
        assert cursor.fetchone() == (0,)


def test_every_wrong_key_is_refused_in_the_same_words(town: Town) -> None:
    sent = programs.secret_of(town, "red", Scope.READ_ACCOUNTS)
    number, _, secret = sent.partition(".")
    for wrong in (f"{number}.x", f"{number}.", f"K-0.{secret}", secret, "", f"{number}.{secret}x", "Basic x"):
        assert with_secret(wrong) == (401, "API_KEY_NOT_VALID")
    assert with_secret(sent) == (200, "")


def test_a_key_ends_when_it_expires_is_revoked_or_its_person_goes(town: Town) -> None:
    expired, revoked, gone = (programs.secret_of(town, "red", Scope.READ_ACCOUNTS) for _ in range(3))
    ApiKey.objects.filter(number=expired.partition(".")[0]).update(expires_at=NOW - timedelta(seconds=1))
    members.revoke_api_key(town.actor("red"), api_key=revoked.partition(".")[0], key="r", now=NOW)
    assert with_secret(expired) == with_secret(revoked) == (401, "API_KEY_NOT_VALID")
    assert with_secret(gone) == (200, "")
    Person.objects.filter(username="red").update(is_active=False)
    assert with_secret(gone) == (401, "API_KEY_NOT_VALID")


def test_a_key_opens_its_scopes_only_and_no_page(town: Town) -> None:
    sent = programs.secret_of(town, "red", Scope.READ_ORDERS)
    assert with_secret(sent) == (403, "SCOPE_MISSING")
    assert with_secret(sent, "/orders") == (200, "")
    page = Client().get("/registry/", headers={"Authorization": f"Bearer {sent}"})
    assert page["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"expires_at": NOW}, ApiRefusal.API_KEY_EXPIRY_UNFIT),
        ({"expires_at": NOW + api_keys.LIFETIME_MAX + timedelta(seconds=1)}, ApiRefusal.API_KEY_EXPIRY_UNFIT),
        ({"kind": KeyKind.SECRET, "scopes": {Scope.WRITE_ORDERS}}, ApiRefusal.API_KEY_NEEDS_SIGNATURE),
        ({"public_key": "00"}, ApiRefusal.API_KEY_MALFORMED),
        ({"public_key": "G" * 64}, ApiRefusal.API_KEY_MALFORMED),
    ],
)
def test_a_key_that_opens_too_much_or_too_long_is_not_made(
    town: Town, change: dict[str, object], code: ApiRefusal
) -> None:
    wanted: dict[str, object] = {"kind": KeyKind.SIGNED, "scopes": {Scope.READ_ORDERS}, "public_key": "0" * 64}
    wanted |= {"expires_at": NOW + timedelta(days=1), **change}
    with pytest.raises(Refused) as refused:
        members.create_api_key(town.actor("red"), label="x", key="k", now=NOW, **wanted)  # type: ignore[arg-type]
    assert refused.value.code is code


def test_nobody_takes_back_the_key_of_another_or_twice(town: Town) -> None:
    number = programs.program_of(town, "red").number
    members.revoke_api_key(town.actor("red"), api_key=number, key="a", now=NOW)
    for username, key in (("north", "b"), ("red", "c")):
        with pytest.raises(Refused) as refused:
            members.revoke_api_key(town.actor(username), api_key=number, key=key, now=NOW)
        assert refused.value.code is ApiRefusal.NO_SUCH_API_KEY
    (row,) = queries.api_keys(town.actor("red").person)
    assert row.revoked_at == NOW
    kinds = JournalLeaf.objects.filter(kind__startswith="members.api_key.").order_by("id")
    assert list(kinds.values_list("kind", flat=True)) == ["members.api_key.created", "members.api_key.revoked"]


def test_the_database_keeps_one_proof_for_each_key(town: Town) -> None:
    number = programs.program_of(town, "red").number
    with pytest.raises(IntegrityError, match="members_api_key_one_proof"), transaction.atomic():
        ApiKey.objects.filter(number=number).update(secret_sha256="0" * 64)


def test_a_signed_request_comes_in_once(town: Town) -> None:
    program = programs.program_of(town, "red")
    headers = program.headers("GET", "/me")
    assert program.client.get(f"{API}/me", headers=headers).status_code == 200
    for _ in range(100):
        answer = program.client.get(f"{API}/me", headers=headers)
        assert (answer.status_code, told(answer)["code"]) == (409, "REQUEST_REPLAYED")
    assert program.get("/me").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"Tonnebook-Signature": "00" * 64},
        {"Tonnebook-Signature": "no hex"},
        {"Tonnebook-Nonce": "A" * 20},
        {"Tonnebook-At": "1"},
        {"Tonnebook-At": "9" * 5000},
        {"Tonnebook-At": "-1"},
        {"Idempotency-Key": "another"},
        {"If-Match": '"another"'},
    ],
)
def test_a_request_that_is_not_what_was_signed_stays_outside(town: Town, change: dict[str, str]) -> None:
    program = programs.program_of(town, "red")
    headers = program.headers("GET", "/me") | change
    answer = program.client.get(f"{API}/me", headers=headers)
    assert (answer.status_code, told(answer)["code"]) == (401, "SIGNATURE_WRONG")
    assert ApiNonce.objects.count() == 0


def test_another_path_query_method_or_body_than_signed_stays_outside(town: Town) -> None:
    program = programs.program_of(town, "red")
    sent = [
        ("GET", "/orders", b"", "GET", "/me", b""),
        ("GET", "/me?page=2", b"", "GET", "/me", b""),
        ("POST", "/me", b"", "GET", "/me", b""),
        ("POST", "/orders", b"{}", "POST", "/orders", b"{ }"),
    ]
    for method, path, body, signed_method, signed_path, signed_body in sent:
        headers = program.headers(signed_method, signed_path, signed_body)
        answer = program.client.generic(method, API + path, body, "application/json", headers=headers)
        assert (answer.status_code, told(answer)["code"]) == (401, "SIGNATURE_WRONG")


@pytest.mark.parametrize(("seconds", "is_in"), [(-301, False), (-290, True), (290, True), (310, False)])
def test_the_clock_of_a_program_may_be_five_minutes_off(
    town: Town, monkeypatch: pytest.MonkeyPatch, seconds: int, is_in: bool
) -> None:
    program = programs.program_of(town, "red")
    headers = program.headers("GET", "/me")
    real_now = journal.real_now() - timedelta(seconds=seconds)
    monkeypatch.setattr(journal, "real_now", lambda: real_now)
    answer = program.client.get(f"{API}/me", headers=headers)
    assert answer.status_code == (200 if is_in else 401)
    assert is_in or told(answer)["code"] == "SIGNATURE_OUT_OF_TIME"


def test_nonces_are_forgotten_when_no_request_with_them_is_in_time_any_more(town: Town) -> None:
    program = programs.program_of(town, "red")
    program.get("/me")
    now = journal.real_now()
    assert members.forget_nonces(now=now + 2 * api_keys.WINDOW) == 0
    assert members.forget_nonces(now=now + timedelta(hours=2)) == 1


@pytest.mark.usefixtures("fresh_database")
def test_of_many_equal_requests_at_once_one_comes_in(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    program = programs.program_of(towns.open_town(), "red")
    codes: list[int] = []
    headers = [program.headers("GET", "/me") for _ in range(10)]

    def send() -> None:
        try:
            codes.extend(Client().get(f"{API}/me", headers=one).status_code for one in headers)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200] * 10 + [409] * 50


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_person_makes_a_key_that_is_shown_once_and_takes_it_back(town: Town, language: str) -> None:
    browser = town.browser("red", language)
    made = browser.post("/members/api-keys", {"label": "读账", "scopes": ["READ_ACCOUNTS"], "days": "30"})
    sent = str(made.context["sent"])
    assert sent in made.content.decode()
    assert made["Cache-Control"].startswith("max-age=0")
    assert with_secret(sent) == (200, "")
    again = browser.get("/members/api-keys").content.decode()
    assert sent not in again
    number = sent.partition(".")[0]
    assert number in again
    assert "读账" in again
    assert browser.post(f"/members/api-keys/{number}/revoke").status_code == 302
    assert with_secret(sent) == (401, "API_KEY_NOT_VALID")


@pytest.mark.parametrize(
    ("change", "field"),
    [({"scopes": ["WRITE_ORDERS"]}, "public_key"), ({"public_key": "x"}, "public_key"), ({"days": "0"}, "days")],
)
def test_a_key_that_is_not_made_is_told_beside_its_field(town: Town, change: dict[str, object], field: str) -> None:
    wanted = {"label": "x", "scopes": ["READ_ACCOUNTS"], "days": "30", **change}
    answer = town.browser("red").post("/members/api-keys", wanted)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert queries.api_keys(town.actor("red").person) == ()


def test_a_key_is_made_with_a_second_factor_only(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "is_excused", lambda person: False)
    with pytest.raises(Refused, match="SECOND_FACTOR_NEEDED"):
        programs.program_of(town, "red")


def test_a_signed_request_counts_as_signed_by_its_person(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    program = programs.program_of(town, "chen")
    proposal = members.propose(
        town.actor("zhou"), kind="compliance.cover", payload={"region": "shanghai", "year": 2026}, key="p", now=NOW
    )
    monkeypatch.setattr(queries, "is_excused", lambda person: False)
    path = f"/approvals/{proposal['approval']}"
    answer = program.send("POST", f"{path}/approve", {"digest": proposal["digest"]}, version=program.get(path)["ETag"])
    assert told(answer)["state"] == "APPROVED"
