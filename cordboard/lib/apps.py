"""The base of every package's AppConfig: it loads what the package offers to the registries below it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig

OFFERS = ("events", "permissions", "facts", "steps", "topics", "history", "finders", "handover", "worklist", "staff", "followers", "subscribers", "tasks")
"""Modules that fill registries when they are imported. Each is optional; one that is there and broken stops the start."""


class CordboardApp(AppConfig):
    """Imports the package's offers once all models are loaded.

    An AppConfig subclass sets `name` and nothing else; a subclass that overrides ready() calls super().ready().
    """

    default_auto_field = "django.db.models.BigAutoField"
    default = False  # Django picks the one AppConfig of an apps.py whose `default` is not False; this base stands in every one of them

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        cls.default = True

    def ready(self) -> None:
        for offer in OFFERS:
            module = f"{self.name}.{offer}"
            if find_spec(module) is not None:
                import_module(module)
