"""The log alone, for tests that need several processes or a database of their own."""

from urllib.parse import urlsplit

from cordboard.lib.config import config

SECRET_KEY = "for tests only"
INSTALLED_APPS = ["cordboard.events"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
_url = urlsplit(config().database_url)
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _url.path.lstrip("/"),
        "USER": _url.username,
        "HOST": _url.hostname,
        "PORT": _url.port,
    }
    if config().database_url
    else {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": config().sqlite,
        "TEST": {"NAME": config().data / "test.sqlite3"},
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 5, "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"},
    }
}
