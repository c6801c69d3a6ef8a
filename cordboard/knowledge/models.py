"""Problems and the solutions assigned to them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Article(models.Model):
    """One piece of knowledge, in as many languages as it has texts."""

    class Collection(models.TextChoices):
        SOLUTION = "solution", _("Solutions")
        PRODUCT = "product", _("Products")
        CASE = "case", pgettext_lazy("collection of articles", "Cases")
        COUNTERMEASURE = "countermeasure", _("Countermeasures")
        SERVICE = "service", _("Service know-how")
        FAQ = "faq", _("Frequently asked questions")
        TRAINING = "training", _("Training")

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"
        RETIRED = "retired"

    code = models.SlugField(max_length=40, unique=True)
    collection = models.CharField(max_length=16, choices=Collection.choices, default=Collection.SOLUTION)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PUBLISHED)
    family = models.SlugField(max_length=40, blank=True, default="", help_text="product family it is about")
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "knowledge_article"


class ArticleText(models.Model):
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    problem = models.TextField(help_text="the words of the problem, as customers say it")
    solution = models.TextField()

    class Meta:
        db_table = "knowledge_article_text"
        constraints = (models.UniqueConstraint(fields=("article", "language"), name="article_text_once"),)


class Term(models.Model):
    """The search index: how often a word (as the language's analyser gives it) stands in a text, weighted by field. Rebuilt from the texts at any time."""

    text = models.ForeignKey(ArticleText, on_delete=models.CASCADE, related_name="terms")
    language = models.CharField(max_length=10)
    word = models.CharField(max_length=80)
    weight = models.FloatField()

    class Meta:
        db_table = "knowledge_term"
        indexes = (models.Index(fields=("language", "word"), name="term_word"),)


class ArticleUse(models.Model):
    """An article was shown, used or helped in an interaction."""

    class Kind(models.TextChoices):
        OPENED = "opened"
        GIVEN = "given"  # read out or sent to the customer
        HELPED = "helped"
        NOT_HELPED = "not_helped"

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="uses")
    interaction = models.ForeignKey("interactions.Interaction", null=True, on_delete=models.SET_NULL, related_name="article_uses")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    query = models.TextField(blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "knowledge_article_use"
        indexes = (models.Index(fields=("article", "kind"), name="article_use_kind"),)


from cordboard.knowledge.models_review import ArticleReview as ArticleReview  # noqa: E402
from cordboard.knowledge.models_setting import KnowledgeSetting as KnowledgeSetting  # noqa: E402  a noun of its own; Django looks for models here
