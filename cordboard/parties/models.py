"""Whom we serve. The screens say "customer"."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Party(models.Model):
    """A person or an organisation. `root` names the survivor after a merge; documents keep the party they were made for."""

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        ORGANISATION = "organisation", _("Organisation")

    class Segment(models.TextChoices):
        GOLD = "gold", _("Gold")
        SILVER = "silver", _("Silver")
        BRONZE = "bronze", _("Bronze")
        NEW = "new", _("New")

    class Way(models.TextChoices):
        EMAIL = "email", _("By e-mail")
        PHONE = "phone", _("By telephone")
        POST = "post", _("By post")

    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.PERSON)
    name = models.CharField(max_length=200, help_text="as shown: given and family name, or the organisation's")
    given_name = models.CharField(max_length=100, blank=True, default="")
    family_name = models.CharField(max_length=100, blank=True, default="")
    name_key = models.CharField(max_length=200, blank=True, default="", help_text="folded for finding: lower case, no accents")
    salutation = models.CharField(max_length=20, blank=True, default="")
    customer_number = models.CharField(max_length=20, null=True, blank=True, unique=True, help_text="digits only, as keyed in the IVR")
    customer_since = models.DateField(null=True, blank=True)
    company = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    languages = models.JSONField(default=list, help_text="in order of preference: en, nl, ru, th, zh-hans")
    preferred_way = models.CharField(max_length=8, choices=Way.choices, blank=True, default="", help_text="how they want to hear from us; empty: not known")
    country = models.CharField(max_length=2, blank=True, default="")
    timezone = models.CharField(max_length=64, blank=True, default="")
    value_segment = models.CharField(max_length=12, choices=Segment.choices, default=Segment.NEW)
    value_reason = models.JSONField(default=dict, help_text="which facts and which rule gave the segment")
    value_at = models.DateTimeField(null=True, blank=True)
    account_owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="customers")
    owner_note = models.TextField(blank=True, default="", help_text="what the account owner wants every agent to know")
    flags = models.JSONField(default=list, help_text="vulnerable, threatening, deceased")
    root = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "parties_party"
        indexes = (
            models.Index(fields=("name_key",), name="party_name_key"),
            models.Index(fields=("value_at",), name="party_value_at"),  # whose value is the oldest
        )

    def __str__(self) -> str:
        return self.name

    @property
    def language(self) -> str:
        return self.languages[0] if self.languages else ""


class Word(models.Model):
    """A word of a party's name or place, folded: how a part of a name, in any order, finds it among millions."""

    class Kind(models.TextChoices):
        NAME = "name"
        PLACE = "place"

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="words", db_index=False)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    word = models.CharField(max_length=40)

    class Meta:
        db_table = "parties_word"
        indexes = (
            # the operator class makes LIKE 'vri%' use the index in PostgreSQL whatever the collation; SQLite has no need of it
            models.Index(fields=("word", "party"), name="party_word", opclasses=("varchar_pattern_ops", "int8_ops")),
            models.Index(fields=("party",), name="word_of_party"),
        )


class Deputy(models.Model):
    """Who answers for a customer when the account owner is away, in this order."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="deputies")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    order = models.PositiveSmallIntegerField(default=1)

    class Meta:
        db_table = "parties_deputy"
        ordering = ("order",)
        constraints = (models.UniqueConstraint(fields=("party", "user"), name="deputy_once"),)


class PartyRole(models.Model):
    """What a party is to us."""

    class Kind(models.TextChoices):
        CUSTOMER = "customer", _("Customer")
        PROSPECT = "prospect", _("Prospect")
        SUPPLIER = "supplier", _("Supplier")
        DEALER = "dealer", _("Dealer")
        BRANCH = "branch", _("Branch")

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="roles")
    kind = models.CharField(max_length=12, choices=Kind.choices)

    class Meta:
        db_table = "parties_role"
        constraints = (models.UniqueConstraint(fields=("party", "kind"), name="party_role_once"),)


class ContactPoint(models.Model):
    """Where a party is reached. `value` is normalised (E.164; lower-cased mail with IDNA domain; handle with its site) and is what one
    looks up; `display` is as it was given. Several parties may share one."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("Telephone")
        EMAIL = "email", _("E-mail")
        SOCIAL = "social", _("Social")

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="contact_points")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    value = models.CharField(max_length=254)
    display = models.CharField(max_length=254)
    label = models.CharField(max_length=20, blank=True, default="", help_text="mobile, home, work")
    primary = models.BooleanField(default=False)
    verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "parties_contact_point"
        indexes = (models.Index(fields=("kind", "value"), name="contact_point_value", opclasses=("varchar_pattern_ops", "varchar_pattern_ops")),)
        constraints = (models.UniqueConstraint(fields=("party", "kind", "value"), name="contact_point_once"),)


class Address(models.Model):
    """A postal address, kept in parts; shown by the rules of its country."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="addresses")
    street = models.CharField(max_length=200, blank=True, default="")
    postcode = models.CharField(max_length=20, blank=True, default="")
    city = models.CharField(max_length=100, blank=True, default="")
    city_key = models.CharField(max_length=100, blank=True, default="", help_text="folded for finding")
    region = models.CharField(max_length=100, blank=True, default="")
    country = models.CharField(max_length=2)
    primary = models.BooleanField(default=True)

    class Meta:
        db_table = "parties_address"
        indexes = (models.Index(fields=("city_key",), name="address_city_key"), models.Index(fields=("postcode",), name="address_postcode"))


class Relationship(models.Model):
    """`source` is ... of `target`."""

    class Kind(models.TextChoices):
        CONTACT_OF = "contact_of", _("Contact of")
        HOUSEHOLD_OF = "household_of", _("Household of")
        AUTHORISED = "authorised", _("Authorised contact of")

    source = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="relationships")
    target = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="related_from")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        db_table = "parties_relationship"
        constraints = (models.UniqueConstraint(fields=("source", "target", "kind"), name="relationship_once"),)


class Consent(models.Model):
    """Permission by channel and purpose, with its proof. The newest row for a pair holds."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="consents")
    channel = models.CharField(max_length=12)
    purpose = models.CharField(max_length=20)
    granted = models.BooleanField()
    proof = models.TextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "parties_consent"
        indexes = (models.Index(fields=("party", "channel", "purpose", "-at"), name="consent_newest"),)


class FieldChange(models.Model):
    """What changed in a profile, by whom, and in the course of what ('interaction:91'), so that the next agent sees it."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="changes")
    field = models.CharField(max_length=60)
    old = models.TextField(blank=True, default="")
    new = models.TextField(blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    origin = models.CharField(max_length=60, blank=True, default="", db_index=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "parties_field_change"


from cordboard.parties.models_ownership import HandOff as HandOff  # noqa: E402
from cordboard.parties.models_tag import PartyTag as PartyTag  # noqa: E402  a noun of its own; Django looks for models here
