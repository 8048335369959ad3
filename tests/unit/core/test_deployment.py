"""A real market is not served with what everybody knows."""

from dataclasses import replace

import pytest

from tonnebook.core import deployment
from tonnebook.core.deployment import Deployment, DeploymentRefusal

SOUND = Deployment(
    secret_key="q8Zr1vKx0mN4tB7cLw2eYh5uJd9pSg3a",
    log_seed="0123456789abcdef" * 4,
    database_password="k9-Wm2-xT7-qa",
    is_local_database=False,
    debug=False,
    hosts=("carbon.example.org",),
    https=True,
    plain_http=False,
)


def test_sound_settings_are_served() -> None:
    assert deployment.shortcomings(SOUND) == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"secret_key": ""}, DeploymentRefusal.SECRET_KEY_WEAK),
        ({"secret_key": "a" * 64}, DeploymentRefusal.SECRET_KEY_WEAK),
        ({"secret_key": "django-insecure-" + "q8Zr1vKx0mN4tB7cLw2e"}, DeploymentRefusal.SECRET_KEY_WEAK),
        ({"log_seed": ""}, DeploymentRefusal.LOG_SEED_WEAK),
        ({"log_seed": "0" * 64}, DeploymentRefusal.LOG_SEED_WEAK),
        ({"log_seed": "0123456789abcdeg" * 4}, DeploymentRefusal.LOG_SEED_WEAK),
        ({"database_password": ""}, DeploymentRefusal.PASSWORD_WEAK),
        ({"database_password": "short"}, DeploymentRefusal.PASSWORD_WEAK),
        ({"database_password": "tonnebook-2026"}, DeploymentRefusal.PASSWORD_WEAK),
        ({"debug": True}, DeploymentRefusal.DEBUG_ON),
        ({"hosts": ("*",)}, DeploymentRefusal.HOSTS_OPEN),
        ({"https": False}, DeploymentRefusal.PLAIN_HTTP),
        ({"https": False, "hosts": ("127.0.0.1", "10.0.0.7")}, DeploymentRefusal.PLAIN_HTTP),
    ],
)
def test_each_shortcoming_is_named_with_its_setting(change: dict[str, object], code: DeploymentRefusal) -> None:
    found = deployment.shortcomings(replace(SOUND, **change))  # type: ignore[arg-type]
    assert [one.code for one in found] == [code]
    assert "TONNEBOOK_" in found[0].zh
    assert "TONNEBOOK_" in found[0].en


@pytest.mark.parametrize(
    "change",
    [
        {"https": False, "plain_http": True},
        {"https": False, "hosts": ("localhost", "127.0.0.1", "[::1]")},
        {"database_password": "", "is_local_database": True},
    ],
)
def test_what_is_meant_or_reaches_nobody_else_is_served(change: dict[str, object]) -> None:
    assert deployment.shortcomings(replace(SOUND, **change)) == ()  # type: ignore[arg-type]
