"""Every setting of tonnebook, in one file, from environment variables with safe defaults.

The launcher sets what is needed on one machine; behind a real server the same names are set by hand. A variable
`NAME_FILE` names a file that holds the value, for secrets that must not stand in the environment.
"""

import os
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import structlog
from csp.constants import NONE, SELF
from structlog.typing import Processor


def envsecret(name: str, default: str = "") -> str:
    """Read a text setting, or the file that `NAME_FILE` points to."""
    file_name = os.environ.get(f"{name}_FILE")
    if file_name:
        return Path(file_name).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


def envbool(name: str, *, default: bool = False) -> bool:
    """Read a yes-or-no setting: 1, true, yes, on mean yes."""
    value = envsecret(name)
    return value.lower() in {"1", "true", "yes", "on"} if value else default


def envint(name: str, default: int) -> int:
    """Read a whole number."""
    value = envsecret(name)
    return int(value) if value else default


def database(url: str, *, scoped: bool = False, pooled: bool = False, lock_timeout: str = "") -> dict[str, Any]:
    """Turn `postgresql://user:password@host:port/name?host=/socket/folder` into Django's form.

    A scoped connection tells the server whose rows it may see before every statement.
    """
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", parts.hostname or "")
    # The server keeps the plan of a statement it has seen five times on a connection: a command repeats a few dozen.
    options |= {"server_side_binding": True, "prepare_threshold": 5}
    if lock_timeout:
        options["options"] = f"{options.get('options', '')} -c lock_timeout={lock_timeout}".strip()
    if pooled:
        options["pool"] = {"min_size": 1, "max_size": envint("TONNEBOOK_WEB_THREADS", 8) + 2, "timeout": 10}
    return {
        "ENGINE": "tonnebook.journal.postgresql" if scoped else "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
        # A pool keeps its connections itself; a command or worker keeps its single one.
        "CONN_MAX_AGE": 0 if pooled else None,
        "CONN_HEALTH_CHECKS": True,
    }


# --- Places and version ---------------------------------------------------------------------------------------------

PACKAGE = Path(__file__).resolve().parent
REPOSITORY = PACKAGE.parent.parent
HOME = Path(envsecret("TONNEBOOK_HOME", str(REPOSITORY / "var")))
# The engine of bulk data: nothing for DuckDB in this process, or the address of a Spark master such as spark://host:7077.
LAKE = envsecret("TONNEBOOK_LAKE")
# Where Numba keeps what it has compiled; it is told before it is imported, and the package itself may be read-only.
os.environ.setdefault("NUMBA_CACHE_DIR", str(HOME / "compiled"))

# The demo on one machine speaks plain HTTP; behind TLS set TONNEBOOK_HTTPS=1 for secure cookies and HSTS.
DEBUG = envbool("TONNEBOOK_DEBUG")
HTTPS = envbool("TONNEBOOK_HTTPS")
# A real market answers names of other machines over TLS only, unless the operator says that plain HTTP is meant.
PLAIN_HTTP = envbool("TONNEBOOK_PLAIN_HTTP")
ALLOWED_HOSTS = envsecret("TONNEBOOK_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []

# Without a key from the launcher or the operator every process makes its own: safe, but sessions end with it.
GIVEN_SECRET_KEY = envsecret("TONNEBOOK_SECRET_KEY")
SECRET_KEY = GIVEN_SECRET_KEY or secrets.token_urlsafe(50)

# The Ed25519 seed (64 hexadecimal digits) that signs checkpoints and receipts of the public log.
LOG_SEED = envsecret("TONNEBOOK_LOG_SEED")
# The SM2 key (64 hexadecimal digits) of the second signature; without one it is derived from the seed.
SM2_KEY = envsecret("TONNEBOOK_SM2_KEY")

# Witnesses that sign checkpoints: key and address of each, apart by a space, one per line or apart by commas.
WITNESSES = [
    tuple(one.split()) for one in envsecret("TONNEBOOK_WITNESSES").replace(",", "\n").splitlines() if one.split()
]

# The sender of notices by e-mail; without one no e-mail leaves. The server is given as host:port.
MAIL_FROM = envsecret("TONNEBOOK_MAIL_FROM")
EMAIL_HOST, _, _mail_port = envsecret("TONNEBOOK_MAIL_SERVER", "localhost:25").partition(":")
EMAIL_PORT = int(_mail_port or 25)
EMAIL_TIMEOUT = 5
# Gateways of short messages and of the city's work messenger: address and key of each, apart by a space.
GATEWAYS = {
    channel: tuple(given.split(maxsplit=1))
    for channel in ("sms", "messenger")
    if (given := envsecret(f"TONNEBOOK_{channel.upper()}_GATEWAY"))
}

# Where checkpoints are anchored every hour: addresses such as file:///mnt/notary/log.txt or https://chain.example/put.
ANCHORS = envsecret("TONNEBOOK_ANCHORS").split()

# --- Rooms ----------------------------------------------------------------------------------------------------------


INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "procrastinate.contrib.django",
    "tonnebook.faces",
    "tonnebook.journal",
    "tonnebook.members",
    "tonnebook.registry",
    "tonnebook.emissions",
    "tonnebook.market",
    "tonnebook.compliance",
    "tonnebook.portal",
    "tonnebook.demo",
    "tonnebook.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tonnebook.web.middleware.FaceMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "tonnebook.urls"
CSRF_FAILURE_VIEW = "tonnebook.web.errors.csrf_failure"
WSGI_APPLICATION = "tonnebook.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Databases: one database, five roles ------------------------------------------------------------------------------

APP_URL = envsecret("TONNEBOOK_DATABASE_URL", "postgresql:///tonnebook")
DATABASES = {
    # What every page, job and command uses: no DDL, no change of entries, no waiting for others beyond three seconds.
    "default": database(APP_URL, scoped=True, pooled=envbool("TONNEBOOK_DATABASE_POOL"), lock_timeout="3s"),
    # Migrations and scratch databases only.
    "owner": database(envsecret("TONNEBOOK_OWNER_DATABASE_URL", APP_URL)),
    # The second pair of eyes: reads only, and all rows; without a role of its own it looks as the owner.
    "audit": database(envsecret("TONNEBOOK_AUDIT_DATABASE_URL", envsecret("TONNEBOOK_OWNER_DATABASE_URL", APP_URL))),
}
# A role that may replicate, and nothing else; used by `backup` alone.
BACKUP_URL = envsecret("TONNEBOOK_BACKUP_DATABASE_URL", APP_URL)
# Two more roles of the same database: pages of the public read with the one, the engine writes books with the other.
ROLE_URLS = {name: envsecret(f"TONNEBOOK_{name.upper()}_DATABASE_URL") for name in ("public_ro", "engine")}
# The role that `default` takes on for the public, as a member of it; empty on a server with a single role.
PUBLIC_ROLE = unquote(urlsplit(ROLE_URLS["public_ro"]).username or "")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Every room keeps its jobs in `jobs.py`.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"

# --- People ---------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "members.Person"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 1  # hour
# By name and place together: whoever guesses elsewhere locks nobody out here.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# A lock looks exactly like a wrong password.
AXES_LOCKOUT_CALLABLE = "tonnebook.web.views.session.locked"

# An outside identity provider (a city's portal) by OpenID Connect; none unless both are set.
OIDC_ISSUER = envsecret("TONNEBOOK_OIDC_ISSUER")
OIDC_CLIENT_ID = envsecret("TONNEBOOK_OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = envsecret("TONNEBOOK_OIDC_CLIENT_SECRET")
OIDC_SCOPE = envsecret("TONNEBOOK_OIDC_SCOPE", "openid profile")
# The claim in which it names the organisation somebody came for, by its unified social credit code.
OIDC_ORGANISATION_CLAIM = envsecret("TONNEBOOK_OIDC_ORGANISATION_CLAIM", "uscc")

# Second factors: rows and arithmetic are allauth's; pages, single use and what must be signed are our own.
MFA_ADAPTER = "tonnebook.members.services.factors.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "tonnebook"
# Nobody registers themselves and nobody gets mail from here: people are registered by a registrar.
ACCOUNT_ADAPTER = "tonnebook.members.services.factors.ClosedAccounts"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]

# The region shown to whoever has not chosen another one.
REGION = envsecret("TONNEBOOK_REGION", "shanghai")

# So many commands may wait for the engine of a market before it takes no more for the moment.
ENGINE_QUEUE_MAX = envint("TONNEBOOK_ENGINE_QUEUE_MAX", 1_000)

# --- Words and time -------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# --- Files ----------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
# Whitenoise serves the rooms' static folders themselves: no collecting step between a clone and a page.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# --- Walls towards the browser ----------------------------------------------------------------------------------------

# Where browsers reach live quotes: a path behind one proxy (`/stream`), or an address of its own on one machine.
# Without it pages ask again every five seconds.
STREAM_URL = envsecret("TONNEBOOK_STREAM_URL").rstrip("/")
# Where `tonnebook stream` listens on this machine.
STREAM_PORT = envint("TONNEBOOK_STREAM_PORT", 8001)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "connect-src": [SELF, *([f"{STREAM_URL}/"] if "//" in STREAM_URL else [])],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024

# --- Logs: one line of JSON per event on stderr -----------------------------------------------------------------------

LOG_STEPS: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
            "foreign_pre_chain": LOG_STEPS,
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": envsecret("TONNEBOOK_LOG_LEVEL", "WARNING")},
}
structlog.configure(
    processors=[*LOG_STEPS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)


def version() -> str:
    """Read the version from the first numbered heading of the changelog."""
    changelog = REPOSITORY / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8") if changelog.exists() else ""
    found = re.search(r"^## \[?(\d+\.\d+\.\d+)", text, re.MULTILINE)
    return found[1] if found else "0.0.0"
