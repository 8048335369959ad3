"""The guards at the start let a demo through and end what is weak or of another version; memory is settled."""

import os
import subprocess
import sys

import pytest
from pytest_django.fixtures import Settings
from tests.signing import make_real

from tonnebook import production
from tonnebook.journal import artefact
from tonnebook.journal import services as journal


@pytest.mark.django_db
def test_a_demo_starts_with_any_settings(settings: Settings) -> None:
    settings.GIVEN_SECRET_KEY = ""
    production.refuse_defaults()


@pytest.mark.django_db
def test_a_real_market_ends_with_a_sentence_in_both_languages(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    make_real()
    settings.GIVEN_SECRET_KEY = settings.LOG_SEED = ""
    settings.DEBUG = True
    with pytest.raises(SystemExit) as ended:
        production.refuse_defaults()
    assert ended.value.code == 1
    told = capsys.readouterr().err
    for name in ("TONNEBOOK_SECRET_KEY", "TONNEBOOK_LOG_SEED", "TONNEBOOK_DEBUG"):
        assert told.count(name) >= 2, "once in each language"


@pytest.mark.django_db
def test_a_real_market_with_drawn_secrets_starts_on_this_machine(settings: Settings) -> None:
    make_real()
    settings.GIVEN_SECRET_KEY = "q8Zr1vKx0mN4tB7cLw2eYh5uJd9pSg3a"
    settings.LOG_SEED = "0123456789abcdef" * 4
    settings.ALLOWED_HOSTS = ["localhost"]
    production.refuse_defaults()


def test_what_a_program_has_loaded_is_left_out_of_the_search_for_garbage() -> None:
    begun = "import gc; from tonnebook.cli import start_django; start_django()"
    told = "print(gc.get_freeze_count() > 50_000, gc.get_threshold()[0])"
    asked = [sys.executable, "-c", f"{begun}; {told}"]
    answer = subprocess.run(asked, capture_output=True, text=True, check=True, env=os.environ)
    assert answer.stdout.split() == ["True", str(production.CIRCLES_AFTER)]


@pytest.mark.django_db
def test_a_program_of_which_one_byte_is_another_serves_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    production.check()  # nothing was prepared here yet
    journal.keep_artefact()
    production.check()
    own = bytearray.fromhex(artefact.artefact())
    for place in range(len(own)):
        own[place] ^= 1
        monkeypatch.setattr(artefact, "artefact", bytes(own).hex)
        with pytest.raises(SystemExit):
            production.check()
        own[place] ^= 1
    told = capsys.readouterr().err
    assert (told.count("程序"), told.count("./tonnebook prepare with this version")) == (len(own), len(own))


@pytest.mark.django_db
def test_settings_in_which_processes_must_agree_are_the_same_or_nothing_is_served(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    journal.keep_artefact()
    for name, other in (("REGION", "tianjin"), ("LOG_SEED", "ab" * 32), ("GIVEN_SECRET_KEY", "another")):
        before = getattr(settings, name)
        setattr(settings, name, other)
        with pytest.raises(SystemExit):
            production.check()
        setattr(settings, name, before)
    production.check()
    assert capsys.readouterr().err.count("the settings of this process") == 3
