"""Cases: folders over documents, people and months; and the articles that tickets became."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Case(models.Model):
    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("case", "Open")
        CLOSED = "closed", pgettext_lazy("case", "Closed")

    class Access(models.TextChoices):
        ALL = "all", _("Everybody who works on cases")
        UNIT = "unit", _("The unit, and colleagues with a part")
        NAMED = "named", _("Only the owner and colleagues with a part")

    number = models.PositiveBigIntegerField(unique=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    access = models.CharField(max_length=5, choices=Access.choices, default=Access.ALL)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True, default="")
    party = models.ForeignKey("parties.Party", null=True, blank=True, on_delete=models.PROTECT, related_name="cases")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="cases")
    unit = models.ForeignKey("org.Unit", null=True, blank=True, on_delete=models.PROTECT, related_name="cases")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    opened_at = models.DateTimeField()
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    closed_at = models.DateTimeField(null=True)
    summary = models.TextField(blank=True, default="", help_text="how it ended, said when it was closed")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        db_table = "tickets_case"
        indexes = (
            models.Index(fields=("party", "-opened_at"), name="case_of_party"),
            models.Index(fields=("owner", "-opened_at"), name="case_of_owner"),
        )

    def __str__(self) -> str:
        return self.title


class CasePerson(models.Model):
    """A customer or a colleague with a part in the case ("witness", "expert"). Colleagues see it whatever its access."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="people")
    party = models.ForeignKey("parties.Party", null=True, blank=True, on_delete=models.PROTECT, related_name="case_parts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="case_parts")
    part = models.CharField(max_length=60, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_case_person"
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                name="case_person_is_somebody", condition=Q(party__isnull=False, user__isnull=True) | Q(party__isnull=True, user__isnull=False)
            ),
            models.UniqueConstraint(fields=("case", "party"), name="case_party_once"),
            models.UniqueConstraint(fields=("case", "user"), name="case_user_once"),
        )


class CaseDocument(models.Model):
    """A document in the folder: its kind (case_documents.py) and its number in that kind's table. Packages above offer kinds too, so no foreign key can stand here;
    a document that is gone is shown as gone."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=30)
    document = models.PositiveBigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_case_document"
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("case", "kind", "document"), name="case_document_once"),)
        indexes = (models.Index(fields=("kind", "document"), name="cases_of_document"),)


class CaseEntry(models.Model):
    """What happened to the case itself, never changed: notes, and who put in or took out what."""

    class What(models.TextChoices):
        OPENED = "opened", _("Case opened")
        NOTE = "note", _("Note")
        ADDED = "added", pgettext_lazy("document into case", "Put in")
        REMOVED = "removed", pgettext_lazy("document out of case", "Taken out")
        JOINED = "joined", pgettext_lazy("person to case", "Given a part")
        LEFT = "left", pgettext_lazy("person of case", "No part any more")
        OWNER = "owner", _("Another owner")
        ACCESS = "access", _("Who may see it")
        CLOSED = "closed", _("Case closed")
        REOPENED = "reopened", _("Case taken up again")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="entries")
    what = models.CharField(max_length=10, choices=What.choices)
    text = models.TextField(blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_case_entry"
        ordering = ("at", "pk")
        indexes = (models.Index(fields=("case", "at"), name="entries_of_case"),)


class CaseFile(models.Model):
    """A file that stands in the folder itself."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200, help_text="as its giver called it")
    type = models.CharField(max_length=100, help_text="by its content, not by its name")
    size = models.PositiveBigIntegerField(help_text="bytes")
    file = models.CharField(max_length=80, unique=True, help_text="under the data folder, by a name of chance")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_case_file"
        ordering = ("pk",)


class TicketArticle(models.Model):
    """The article that a ticket's question and solution became: one each, whatever becomes of the article."""

    ticket = models.OneToOneField("tickets.Ticket", on_delete=models.CASCADE, related_name="article")
    article = models.OneToOneField("knowledge.Article", on_delete=models.PROTECT, related_name="ticket")
    removed = models.JSONField(default=dict, help_text="how many names, numbers, addresses were taken out")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="empty: by itself, when it was resolved")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_article"
