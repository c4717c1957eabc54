"""Composition: which rooms there are, and what the environment may set. Every value has a working default."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import SELF

from mumian import database
from mumian.folders import built_folder, data_folder, kept_secret

SOURCE = Path(__file__).resolve().parent
DATA = data_folder()


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


DEBUG = _flag("MUMIAN_DEBUG", False)
SECRET_KEY = os.environ.get("MUMIAN_SECRET_KEY") or kept_secret("session")
ALLOWED_HOSTS = os.environ.get("MUMIAN_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("MUMIAN_ORIGINS", "").split(",") if origin]

SYSTEMS = [
    "mumian.systems.grid",
    "mumian.systems.response",
    "mumian.systems.guidance",
    "mumian.systems.mediation",
    "mumian.systems.justice",
]
"""The city's systems. Adding one is a folder and a line here."""
GUIDANCE_OPENS = "people-mediation"
"""The procedure that guidance before filing can carry its answers into."""

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "ninja",
    "mumian.place",
    "mumian.people",
    "mumian.record",
    "mumian.engine",
    "mumian.intake",
    "mumian.notices",
    "mumian.insight",
    "mumian.web",
    "mumian.field",
    *SYSTEMS,
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "mumian.api.lane.ApiLane",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "mumian.web.middleware.ActorMiddleware",
]

ROOT_URLCONF = "mumian.urls"
ASGI_APPLICATION = "mumian.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "mumian.web.context.page",
            ],
        },
    }
]

DATABASES = {"default": database.configuration()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Person"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 8}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "web:sign-in"
LOGIN_REDIRECT_URL = "web:start"
LOGOUT_REDIRECT_URL = "web:home"
CSRF_FAILURE_VIEW = "mumian.web.errors.csrf_failure"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [SOURCE / "web" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("MUMIAN_ZONE", "Asia/Shanghai")

STATIC_URL = "/static/"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA / "files"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
STATIC_ROOT = built_folder() / "static"
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("png", "jpg", "webp", "gz", "br", "zip", "woff2", "map")

SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE = _flag("MUMIAN_HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
BASE_MAP = os.environ.get("MUMIAN_BASE_MAP", "")
"""Tiles drawn beneath the program's own places, such as `https://tiles.example/{z}/{x}/{y}.png`; none by default."""
BASE_MAP_ATTRIBUTION = os.environ.get("MUMIAN_BASE_MAP_ATTRIBUTION", "")
_TILES = ["/".join(BASE_MAP.split("/")[:3])] if BASE_MAP else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *_TILES],
        "connect-src": [SELF, *_TILES],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": [SELF],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
PUBLIC_RATE = os.environ.get("MUMIAN_PUBLIC_RATE", "30/minute")
"""How often one address may write without a name; 0 for no limit."""
LIVE_LISTENERS = int(os.environ.get("MUMIAN_LIVE", "40"))
"""How many pages a process keeps up to date at once, a thread each; beyond it pages look again by themselves."""
PROXIES = int(os.environ.get("MUMIAN_PROXIES", "0"))
"""How many proxies of ours stand before the server, so that the caller's address is the one they saw."""

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
SITE_URL = (os.environ.get("MUMIAN_URL") or (CSRF_TRUSTED_ORIGINS or ["http://127.0.0.1:8000"])[0]).rstrip(
    "/"
)
"""Where the site is, for links in what is sent."""
PRIVATE_RECEIVERS = _flag("MUMIAN_PRIVATE_RECEIVERS", False)
"""Whether events and messages may also be sent into private networks, and without https."""
_SMTP = urlsplit(os.environ.get("MUMIAN_SMTP", ""))
"""The mail server: smtps://user:password@host:465, or smtp://…, which is encrypted too where a password is given."""
EMAIL_BACKEND = os.environ.get("MUMIAN_EMAIL_BACKEND") or (
    f"django.core.mail.backends.{'smtp' if _SMTP.hostname else 'console'}.EmailBackend"
)
EMAIL_HOST = _SMTP.hostname or "localhost"
EMAIL_PORT = _SMTP.port or {"smtps": 465}.get(_SMTP.scheme, 587 if _SMTP.username else 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_SMTP.username or ""), unquote(_SMTP.password or "")
EMAIL_USE_SSL = _SMTP.scheme == "smtps"
EMAIL_USE_TLS = bool(_SMTP.username) and not EMAIL_USE_SSL
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("MUMIAN_MAIL_FROM", f"mumian@{urlsplit(SITE_URL).hostname}")

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"psycopg.pool": {"level": "ERROR"}},  # it would repeat what the failed request or job tells
    "root": {"handlers": ["console"], "level": os.environ.get("MUMIAN_LOG", "WARNING")},
}

SILENCED_SYSTEM_CHECKS: list[str] = []
