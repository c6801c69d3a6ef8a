"""Django settings. What an installation may change comes from the environment (lib/config.py); the rest is fixed here."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from cordboard.lib.config import config, secret_key

CONFIG = config()
BASE = Path(__file__).parent

SECRET_KEY = secret_key(CONFIG)
DEBUG = CONFIG.debug
ALLOWED_HOSTS = ["*"]  # the front passes only what reached it; cookies and CSRF check the origin

INSTALLED_APPS = [
    "cordboard.events",
    "cordboard.org",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "csp",
    "django_tasks",
    "django_tasks_db",
    "cordboard.rules",
    "cordboard.flows",
    "cordboard.parties",
    "cordboard.catalogue",
    "cordboard.interactions",
    "cordboard.routing",
    "cordboard.knowledge",
    "cordboard.sales",
    "cordboard.appointments",
    "cordboard.tickets",
    "cordboard.mail",
    "cordboard.guidance",
    "cordboard.channels.voice",
    "cordboard.portals",
    "cordboard.analytics",
    "cordboard.api",
    "cordboard.workbench",
    "cordboard.desktop",
]

MIDDLEWARE = [
    "cordboard.events.middleware.OriginMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "cordboard.org.middleware.ReaderMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "cordboard.org.activity.ActivityMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "cordboard.urls"
WSGI_APPLICATION = "cordboard.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "OPTIONS": {
            "loaders": [
                ("cordboard.lib.kept_templates.Loader", ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"])
            ],
            "libraries": {"i18n": "cordboard.lib.kept_tags"},
            "builtins": ["cordboard.lib.kept_tags"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "cordboard.org.context.reader",
            ],
        },
    },
]


def _database() -> dict[str, object]:
    if CONFIG.database_url:
        url = urlsplit(CONFIG.database_url)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": url.path.lstrip("/"),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            "HOST": url.hostname or "",
            "PORT": url.port or "",
            "CONN_MAX_AGE": 600,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {"prepare_threshold": 3},  # lets lib/kept.py prepare its statements; Django's own cursors bind here and prepare none
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": CONFIG.sqlite,
        "TEST": {"NAME": CONFIG.data / "test.sqlite3"},  # a file, as in life: in memory, threads would lock each other out of tables
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000; PRAGMA mmap_size=268435456;",
        },
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ATOMIC_REQUESTS = False

# ---- people ----
AUTH_USER_MODEL = "org.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 2 * 86400  # seconds that a one-time link holds
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "cordboard.org.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "cordboard.org.forms.LoginForm",
    "reauthenticate": "cordboard.org.forms.ReauthenticateForm",
    "change_password": "cordboard.org.forms.ChangePasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# Guessing is axes' business, which counts in the database for all processes; a whole office may share one address at the start of a shift.
ACCOUNT_RATE_LIMITS = {"login": "600/m/ip", "login_failed": None}
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ADAPTER = "cordboard.org.adapter.MFAAdapter"
MFA_FORMS = {
    "authenticate": "cordboard.org.forms.AuthenticateForm",
    "reauthenticate": "cordboard.org.forms.ConfirmForm",
    "activate_totp": "cordboard.org.forms.ActivateForm",
}
MFA_TOTP_ISSUER = "Cordboard"
USERSESSIONS_TRACK_ACTIVITY = True
AXES_FAILURE_LIMIT = 6
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_VERBOSE = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "cordboard.org.lockout.locked_out"
AXES_USERNAME_CALLABLE = "cordboard.org.lockout.login_name"
AXES_CLIENT_IP_CALLABLE = "cordboard.org.lockout.client_address"

SESSION_ENGINE = "cordboard.org.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = bool(CONFIG.tls_certificate)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_HTTPONLY = False  # the live client sends it along
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF, "blob:"],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    },
}

# ---- words, dates ----
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("nl", _("Dutch")),
    ("ru", _("Russian")),
    ("th", _("Thai")),
    ("zh-hans", _("Chinese (simplified)")),
]
LOCALE_PATHS = [BASE / "locale"]
FORMAT_MODULE_PATH = "cordboard.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = False  # it would part the digits of keys in addresses and attributes too; figures are grouped where they are written

# ---- files ----
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "cordboard.lib.static.VersionedStorage"},
}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

LOGGING_CONFIG = None  # lib/logs.py sets structlog up for every role
CSRF_FAILURE_VIEW = "cordboard.org.errors.csrf_failure"
SILENCED_SYSTEM_CHECKS = ["templates.W003"]  # "i18n" is ours on purpose: it remembers constant words (lib/kept_tags.py)
