"""Who we are: units, positions, users, and the roles that say what they may do."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Unit(models.Model):
    """A part of the organisation: a department, a team, a site. A department has a head."""

    name = models.CharField(max_length=120)
    code = models.SlugField(max_length=40, unique=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    head = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="heads")
    country = models.CharField(max_length=2, default="NL")
    timezone = models.CharField(max_length=64, default="UTC")

    class Meta:
        db_table = "org_unit"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Position(models.Model):
    """A place in the organisation that somebody fills: 'service agent L1, Amsterdam'."""

    name = models.CharField(max_length=120)
    code = models.SlugField(max_length=40, unique=True)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="positions")
    deputy = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="stands_in_for", help_text="whose holder stands in")

    class Meta:
        db_table = "org_position"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Role(models.Model):
    """A named set of permissions, given to users. Codes are '<package>.<operation>' as declared in each package's permissions.py."""

    name = models.CharField(max_length=120)
    code = models.SlugField(max_length=40, unique=True)
    permissions = models.JSONField(default=dict, help_text="code -> scope: 'own', 'unit' or 'all'")
    masks = models.BooleanField(default=False, db_default=False, help_text="customers' details stay masked until their identity was checked in the contact")

    class Meta:
        db_table = "org_role"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """Somebody who signs in: agent, manager, administrator."""

    class Theme(models.TextChoices):
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    name = models.CharField(max_length=120, help_text="as colleagues and customers see it")
    language = models.CharField(max_length=10, default="en")
    timezone = models.CharField(max_length=64, default="UTC")
    theme = models.CharField(max_length=8, choices=Theme.choices, default=Theme.LIGHT)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="members")
    position = models.ForeignKey(Position, null=True, blank=True, on_delete=models.PROTECT, related_name="holders")
    roles = models.ManyToManyField(Role, blank=True, related_name="users", db_table="org_user_role")
    preferences = models.JSONField(default=dict, blank=True, help_text="own settings: ring tone, favourite reasons")

    class Meta(AbstractUser.Meta):
        db_table = "org_user"

    def __str__(self) -> str:
        return self.name or self.username

    @property
    def initials(self) -> str:
        parts = (self.name or self.username).split()
        return "".join(part[0] for part in parts[:2]).upper()


from cordboard.org.models_absence import Absence as Absence  # noqa: E402
from cordboard.org.models_token import ApiToken  # noqa: E402, F401  a noun of its own; Django looks for models here
