"""Which requests are alike, and what closed them: the words of tickets as an index, and counts for each support level."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from cordboard.tickets.models import Ticket


class TicketWords(models.Model):
    """The telling words of a ticket, as the index keeps them. Made again from the ticket at any time."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, primary_key=True, related_name="words")
    language = models.CharField(max_length=10)
    family = models.SlugField(max_length=40, blank=True, default="", help_text="of the product on the ticket")
    words = models.JSONField(help_text="word -> weight, the telling ones")
    at = models.DateTimeField(help_text="when the ticket was opened")

    class Meta:
        db_table = "tickets_words"
        indexes = (models.Index(fields=("at",), name="ticket_words_at"),)


class TicketSolution(models.Model):
    """What closed a ticket, as the agent said: an article, or a measure in words."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, primary_key=True, related_name="solution")
    article = models.ForeignKey("knowledge.Article", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    measure = models.CharField(max_length=200, blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_solution"


class RequestCount(models.Model):
    """How often a request was closed at a level: of a family of products, with a contact reason."""

    rank = models.PositiveSmallIntegerField()
    family = models.SlugField(max_length=40, blank=True, default="")
    reason = models.ForeignKey("interactions.ContactReason", null=True, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=80, unique=True, help_text="rank, family and reason: one row of them, also without a reason")
    count = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "tickets_request_count"
        indexes = (models.Index(fields=("rank", "-count"), name="request_most"),)


class ClosingCount(models.Model):
    """How often such a request was closed by this article, or this measure."""

    request = models.ForeignKey(RequestCount, on_delete=models.CASCADE, related_name="closings")
    article = models.ForeignKey("knowledge.Article", null=True, on_delete=models.CASCADE, related_name="+")
    measure = models.CharField(max_length=200, blank=True, default="")
    key = models.CharField(max_length=80, help_text="of article or measure (similar.closing_key)")
    count = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "tickets_closing_count"
        constraints = (models.UniqueConstraint(fields=("request", "key"), name="closing_once"),)


class SolvedTicket(models.Model):
    """A ticket that is closed, at which level, and by what; counted in the rows above, so that opening it again takes it out."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, primary_key=True, related_name="solved")
    rank = models.PositiveSmallIntegerField()
    family = models.SlugField(max_length=40, blank=True, default="")
    product = models.ForeignKey("catalogue.Product", null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.ForeignKey("interactions.ContactReason", null=True, on_delete=models.SET_NULL, related_name="+")
    article = models.ForeignKey("knowledge.Article", null=True, on_delete=models.SET_NULL, related_name="+")
    measure = models.CharField(max_length=200, blank=True, default="")
    message = models.TextField(blank=True, default="", help_text="the last reply before it was closed, its beginning")
    closing = models.ForeignKey(ClosingCount, null=True, on_delete=models.SET_NULL, related_name="+", help_text="where it is counted")
    request = models.ForeignKey(RequestCount, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "tickets_solved"


class SolvedTerm(models.Model):
    """A telling word of a closed ticket."""

    word = models.CharField(max_length=80)
    solved = models.ForeignKey(SolvedTicket, on_delete=models.CASCADE, related_name="terms")

    class Meta:
        db_table = "tickets_solved_term"
        indexes = (models.Index(fields=("word", "-solved"), name="solved_term_word"),)


class TermCount(models.Model):
    """In how many closed tickets a word stands; "" counts the tickets."""

    word = models.CharField(max_length=80, primary_key=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "tickets_term_count"
