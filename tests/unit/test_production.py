"""The guard at the start lets a demo through and ends a real market with weak settings, saying why."""

import pytest
from pytest_django.fixtures import Settings
from tests.signing import make_real

from tonnebook import production


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
