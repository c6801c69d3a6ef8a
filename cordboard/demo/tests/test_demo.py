"""The demo centre: loaded once, whole, the same each time."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.db import models as django_models
from django.test import Client

from cordboard import demo
from cordboard.catalogue.models import Product
from cordboard.channels.voice.models import Line
from cordboard.demo import customers, draw, wipe
from cordboard.demo.centre import codes_of
from cordboard.demo.sources import data, folder
from cordboard.demo.tests import walk
from cordboard.events.models import Event
from cordboard.flows.models import Flow
from cordboard.interactions.models import ContactReason, Interaction, Outcome
from cordboard.interactions.queries_history import history
from cordboard.knowledge.models import Article
from cordboard.knowledge.queries import search as solutions
from cordboard.org import permissions
from cordboard.org.languages import LANGUAGES
from cordboard.org.models import Role, Unit, User
from cordboard.parties import queries
from cordboard.parties.models import Party
from cordboard.parties.search import search
from cordboard.routing import hours
from cordboard.routing.models import NotReadyReason, Queue, Skill
from cordboard.rules.evaluate import check_policy
from cordboard.rules.facts import REGISTRY
from cordboard.rules.published import forget, published
from cordboard.sales.queries import balance
from cordboard.tickets.models import ServicePlan, Ticket, TicketKind

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any) -> Any:
    """Loaded once for all stories of this file, which only read; emptied afterwards."""
    with django_db_blocker.unblock():
        forget()  # policies of other tests, whose rows had the same numbers
        yield demo.load(now=NOW)
        wipe.everything()
        Event.objects.all().delete()  # a wipe keeps the log; other tests want theirs empty


pytestmark = pytest.mark.django_db


def counts() -> dict[str, int]:
    from django.apps import apps

    return {
        model._meta.label: model.objects.count()
        for model in apps.get_models()
        if model.__module__.startswith("cordboard") and model._meta.app_label != "events"
    }


def test_the_centre_is_as_large_as_promised(loaded: Any) -> None:
    assert {"service-nl", "service-uk", "service-international", "collections", "repairs"} <= set(Unit.objects.values_list("code", flat=True))
    assert Unit.objects.get(code="repairs").head is None, "its complaints go up the tree"
    assert User.objects.filter(queues__isnull=False).distinct().count() == 12
    assert Queue.objects.count() == 3
    assert Party.objects.count() == 300
    assert set(Party.objects.values_list("country", flat=True)) == {"NL", "GB", "RU", "TH", "CN"}
    assert Article.objects.filter(state=Article.State.PUBLISHED).count() == 20
    assert Party.objects.filter(account_owner=None).count() == 0
    assert Interaction.objects.count() > 500
    assert Ticket.objects.count() > 50


def test_everybody_can_sign_in(loaded: Any) -> None:
    for one in loaded.sign_ins:
        user = User.objects.get(email=one.email)
        assert user.check_password(loaded.password)
        assert permissions.granted(user), one.name
    assert authenticate is not None


def test_a_second_load_changes_nothing(loaded: Any) -> None:
    before = counts()
    assert demo.load(now=NOW).sign_ins == loaded.sign_ins
    assert counts() == before


def test_a_load_that_broke_off_is_made_whole(loaded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    last = Party.objects.order_by("-pk").first()
    assert last is not None
    for related in last._meta.related_objects:
        if related.related_model is not None and related.field.remote_field.on_delete is django_models.PROTECT and related.name not in ("people", "merged"):
            _delete_deep(related.related_model.objects.filter(**{related.field.name: last}))
    last.delete()
    assert customers.build(NOW) == 1
    assert Party.objects.count() == 300


def _delete_deep(rows: Any) -> None:
    for row in rows:
        for related in row._meta.related_objects:
            if related.field.remote_field.on_delete is django_models.PROTECT:
                _delete_deep(related.related_model.objects.filter(**{related.field.name: row}))
        row.delete()


def test_people_are_drawn_the_same_each_time() -> None:
    first, again = list(draw.people(NOW.date())), list(draw.people(NOW.date()))
    assert first == again
    assert len({person.number for person in first}) == 300


def test_every_role_asks_only_for_what_exists() -> None:
    declared = permissions.declared()
    for spec in data("centre")["roles"].values():
        for scope in ("own", "unit", "all"):
            assert set(spec.get(scope, ())) <= set(declared)
        assert set(spec.get("without", ())) <= set(declared)
        assert codes_of(spec, declared)


def test_agents_manage_nothing_and_administrators_all(loaded: Any) -> None:
    agent = Role.objects.get(code="agent").permissions
    assert not {code for code in agent if code.endswith((".manage", ".supervise", ".write", ".merge", ".assign"))}
    administrator = Role.objects.get(code="administrator").permissions
    assert set(permissions.declared()) - set(administrator) == {"parties.own", "routing.agent"}


@pytest.mark.parametrize("spec", folder("policies"), ids=lambda spec: spec["code"])
def test_policies_compile_with_what_the_packages_declare(spec: Any) -> None:
    assert check_policy(spec["body"]) == []


def test_all_words_are_there_in_all_languages() -> None:
    for spec in [*data("centre")["skills"], *data("centre")["not_ready"], *data("centre")["outcomes"], *data("products")["products"]]:
        assert set(spec["names"]) == set(LANGUAGES), spec["code"]
    for parent in data("reasons"):
        for spec in (parent, *parent["children"]):
            assert set(spec["names"]) == set(LANGUAGES), spec["code"]
    for queue in data("centre")["queues"]:
        assert set(queue["greeting"]) == set(LANGUAGES)
        assert all("{customer}" in text and "{agent}" in text and "{daypart}" in text for text in queue["greeting"].values())
    for specs in folder("solutions"):
        for spec in specs:
            assert set(spec["texts"]) == set(LANGUAGES), spec["code"]
    for spec in folder("policies"):
        for rule in spec["body"]["rules"]:
            for action in rule.get("actions", []):
                assert set(action.get("texts", LANGUAGES)) == set(LANGUAGES), rule["id"]


def test_queues_are_open_at_midnight_and_lines_lead_to_flows(loaded: Any) -> None:
    for queue in Queue.objects.all():
        for hour in (0, 3, 12, 23):
            assert hours.is_open(queue.hours, NOW.replace(hour=hour))
        assert queue.members.count() >= 3
    assert Line.objects.filter(number="100").exists()
    published_flows = set(Flow.objects.filter(state=Flow.State.PUBLISHED).values_list("code", flat=True))
    assert set(Line.objects.values_list("flow", flat=True)) <= published_flows


def test_reasons_stand_in_two_levels(loaded: Any) -> None:
    assert ContactReason.objects.filter(parent=None).count() == 6
    assert ContactReason.objects.exclude(parent=None).count() == 24
    assert Outcome.objects.count() == 8
    assert set(NotReadyReason.objects.filter(by_system=True).values_list("code", flat=True)) == {"no-answer", "media-lost"}


def test_noor_is_as_in_the_picture(loaded: Any) -> None:
    noor = queries.identify("+31205550123").party
    assert noor is not None
    assert (noor.name, noor.customer_number, noor.value_segment, noor.languages) == ("Noor de Vries", "44710938", "gold", ["nl", "en"])
    assert str(noor.account_owner) == "Joris Visser"
    assert balance([noor.pk], NOW.date()).sums == ()
    assert noor.value_reason["words"].startswith(f"{noor.value_reason['points']} = ")
    titles = [entry.title for entry in history([noor.pk], limit=50).entries]
    assert "E18, filter cleaned" in titles
    assert "Order 88214: Limescale remover, Water filters, 3" in titles


def test_the_people_of_the_stories_show_what_they_are_for(loaded: Any) -> None:
    emma = User.objects.get(username="emma")
    assert [hit.party.name for hit in search(emma, "mulder amsterdam")][:2] == ["Jan Mulder", "Mieke Mulder-Bos"]
    assert queries.identify("+31205550188").kind == "several"
    (grandson,) = [one for one in queries.profile(queries.identify("+31205550123").parties[0].pk).related if one.of_us]
    assert (grandson.party.name, grandson.kind) == ("Daan Jansen", "authorised")
    overdue = Party.objects.get(customer_number="44717788")
    assert balance([overdue.pk], NOW.date()).overdue_days == 45
    assert Party.objects.get(customer_number="44718899").owner_note
    assert search(emma, "88 214")[0].party.name == "Noor de Vries"
    assert search(emma, "李伟")[0].party.customer_number == "44715566"
    assert search(emma, "W8-2403-118842")[0].why == "serial"


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        ("44717788", {"overdue"}),
        ("44718899", {"owner-note"}),
        ("44712260", {"owner-note", "vulnerable", "second-fault", "ticket-late"}),
        ("44710938", {"second-fault", "warranty"}),
    ],
)
def test_agents_are_told_what_matters(number: str, wanted: set[str], loaded: Any) -> None:
    policy = next(one for one in published("guidance") if one.compiled)
    assert policy.compiled is not None
    later = NOW.replace(hour=23)
    party = Party.objects.get(customer_number=number)
    outcome = policy.compiled.evaluate(REGISTRY.reader({"party": party, "interaction": None, "context": {}, "now": later}), later)
    assert {action.get("reason") for action in outcome.actions} >= wanted


@pytest.mark.parametrize(
    ("number", "context", "queue", "priority", "skills"),
    [
        ("44710938", {"matter": "product"}, None, 2, {"nl", "washing-machine"}),
        ("44717788", {"matter": "product"}, "collections", 4, {"nl"}),
        ("44717788", {"matter": "safety"}, "service", 1, {"nl"}),
        ("44717788", {"words": "there is smoke coming out"}, "service", 1, {"nl"}),
        ("44714455", {"matter": "order"}, "orders", 4, {"th"}),
    ],
)
def test_contacts_go_where_they_should(number: str, context: dict[str, str], queue: str | None, priority: int, skills: set[str], loaded: Any) -> None:
    policy = next(one for one in published("routing") if one.compiled)
    assert policy.compiled is not None
    party = Party.objects.get(customer_number=number)
    outcome = policy.compiled.evaluate(REGISTRY.reader({"party": party, "interaction": None, "context": context, "queue": None, "now": NOW}), NOW)
    said: dict[str, list[Any]] = {}
    for action in outcome.actions:
        said.setdefault(action["do"], []).append(action)
    assert next((action["queue"] for action in said.get("queue", [])), None) == queue
    assert min((action["priority"] for action in said.get("priority", [])), default=5) == priority
    assert {action["skill"] for action in said["require"]} == skills
    assert skills <= set(Skill.objects.values_list("code", flat=True))


@pytest.mark.parametrize(
    ("note", "language", "code"),
    [
        ("E18 since this morning, water stays in the drum", "en", "e18-drain-filter"),
        ("E18 is back, she cleaned the filter already", "en", "e18-drain-pump"),
        ("vaat blijft nat, F4", "nl", "f4-heater-relay"),
        ("из чайника, вода не закипает, выключается", "ru", "kettle-switches-off-early"),
        ("ตู้เย็นไม่เย็น นมเสีย", "th", "fridge-too-warm"),
        ("洗碗机不进水", "zh-hans", "f2-no-water"),
        ("er komt rook uit de stekker", "nl", "smoke-or-shock"),
    ],
)
def test_solutions_are_found_by_natural_words(note: str, language: str, code: str, loaded: Any) -> None:
    assert solutions(note, language).hits[0].article.code == code


def test_a_simple_matter_goes_to_the_automated_service_unless_a_person_is_due(loaded: Any) -> None:
    policy = next(one for one in published("routing") if one.compiled)
    assert policy.compiled is not None
    base = {"context.matter": "order", "context.words": None, "sales.last_order_state": "shipped", "sales.last_order_days": 4, "party.value_segment": "silver"}
    base |= {"sales.overdue_days": 0, "tickets.late": False, "party.flags": [], "interaction.language": "en"}
    service = {"do": "automated", "flow": "order-status", "rule": "order-status"}

    def sent(**other: Any) -> bool:
        assert policy.compiled is not None
        return service in policy.compiled.evaluate({**base, **{name.replace("__", "."): value for name, value in other.items()}}.get, NOW).actions

    assert sent()
    assert not sent(party__value_segment="gold")
    assert not sent(party__flags=["vulnerable"])
    assert not sent(tickets__late=True)
    assert not sent(sales__last_order_days=90)
    assert not sent(context__words="er komt rook uit")
    assert not sent(context__matter="product")
    flow = Flow.objects.get(code="order-status", state="published")
    assert flow.surfaces == ["ivr"]


@pytest.mark.parametrize(
    ("segment", "matter", "seconds"),
    [
        ("gold", "product", 10),
        ("gold", "order", 15),
        ("silver", "safety", 15),
        ("bronze", "safety", 10),
        ("new", "account", 40),
        ("bronze", "order", None),
        (None, None, None),
    ],
)
def test_how_soon_by_value_and_matter(segment: str | None, matter: str | None, seconds: int | None, loaded: Any) -> None:
    policy = next(one for one in published("routing") if one.compiled)
    assert policy.compiled is not None
    outcome = policy.compiled.evaluate({"party.value_segment": segment, "context.matter": matter}.get, NOW)
    assert next((action["seconds"] for action in outcome.actions if action["do"] == "target"), None) == seconds


@pytest.mark.parametrize(
    ("met", "verbs"),
    [
        ({"talk.reasons": ["opinion-complaint"]}, {"start_script", "open_ticket", "add_tag", "forbid"}),
        ({"talk.reasons": ["opinion-complaint"], "text.sentiment": "negative", "party.value_segment": "gold"}, {"notify"}),
        ({"talk.reasons": ["return-refund"], "sales.last_order_total": (900, "EUR")}, {"ask_approval"}),
        ({"party.value_segment": "new", "interaction.contacts_this_week": 1}, {"alert"}),
        (
            {
                "party.value_segment": "silver", "catalogue.product_families": ["washing-machine"], "sales.overdue_days": 0, "tickets.open": 0,
            },
            {"propose_product"},
        ),
    ],
)  # fmt: skip
def test_guidance_acts_on_what_happens(met: dict[str, Any], verbs: set[str], loaded: Any) -> None:
    policy = next(one for one in published("guidance") if one.compiled)
    assert policy.compiled is not None
    assert verbs <= {action["do"] for action in policy.compiled.evaluate(met.get, NOW).actions}
    assert not verbs & {action["do"] for action in policy.compiled.evaluate({}.get, NOW).actions}


def test_every_script_service_and_product_that_a_rule_names_is_there(loaded: Any) -> None:
    for spec in folder("policies"):
        named = [action for rule in spec["body"]["rules"] for action in rule.get("actions", [])]
        for action in named:
            match action["do"]:
                case "automated":
                    assert Flow.objects.filter(code=action["flow"], state="published").exists()
                case "start_script":
                    assert "script" in Flow.objects.get(code=action["script"], state="published").surfaces
                case "propose_product":
                    assert Product.objects.filter(code=action["product"]).exists()
                case "queue":
                    assert Queue.objects.filter(code=action["queue"]).exists()


def test_no_page_tells_an_answer_before_the_check(loaded: Any) -> None:
    """Walked by an agent whose role masks details: nothing that answers a question of the identity check."""
    Role.objects.filter(code="agent").update(masks=True)
    browser = Client()
    browser.force_login(User.objects.get(username="emma"))
    first = ["/customers/", "/customers/?q=vries", "/tickets/", "/cases/", "/service-orders/?show=open", "/service-orders/?show=done", "/visits/", "/worklist/"]
    first += [
        "/worklist/?which=unit",
        "/appointments/",
        "/appointments/?view=team",
        "/appointments/new/?q=vries",
        "/recordings/",
        "/approvals/",
        "/my-customers/",
    ]
    first += [f"/tickets/{number}/" for number in Ticket.objects.values_list("number", flat=True)[: walk.EACH]]
    secrets = walk.answers()
    assert len(secrets) > 1000
    pattern = re.compile("|".join(re.escape(one) for one in sorted(secrets, key=len, reverse=True)))
    seen = 0
    for path, text in walk.pages(browser, first):
        seen += 1
        told = [f"{secrets[one.group()]} in {text[max(0, one.start() - 60) : one.end()]!r}" for one in pattern.finditer(text)]
        assert not told, f"{path}: {told}"
    assert seen > 50


def test_the_service_desk_is_alive(loaded: Any) -> None:
    """Every screen of the service desk has something to look at: orders in each state that matters, one of them signed for, cases, hours, and a word that is waited for."""
    from cordboard.tickets import queries_order
    from cordboard.tickets.models import Case
    from cordboard.tickets.models_goodwill import Grant
    from cordboard.tickets.models_order import ServiceOrder
    from cordboard.tickets.models_sla import BusinessCalendar

    orders = list(ServiceOrder.objects.select_related("party", "technician").order_by("pk"))
    assert {one.state for one in orders} == {"planned", "done", "confirmed"}
    for order in orders:
        visit = queries_order.visits_of(order)[0]
        assert (order.technician, order.planned_at, order.party_id) == (visit.staff.user, visit.starts_at, visit.party_id)
        if order.state == "confirmed":
            signed = queries_order.signed(order, list(order.lines.all()), order.signatures.get())
            assert (signed.whole, signed.changed) == (True, [])
            assert order.lines.count() >= 2
    assert {one.state for one in Case.objects.all()} == {"open", "closed"}
    assert all(one.documents.exists() for one in Case.objects.all())
    assert {one.unit.code for one in BusinessCalendar.objects.select_related("unit") if one.unit} == {"service-nl", "service-uk", "service-international"}
    assert Grant.objects.filter(state="asked", steps__approval__isnull=False).exists()


def test_tickets_are_at_work(loaded: Any) -> None:
    """The desk as a newcomer finds it: a public form with what was asked by it, promises beside the resolution, steps that were taken, hand-overs, drafts, what customers said."""
    from cordboard.guidance.models import TicketSurvey
    from cordboard.guidance.queries_satisfaction import given_since
    from cordboard.mail.models import OutgoingMail
    from cordboard.routing.board import day_began
    from cordboard.tickets.models import Complaint, LevelStep, Task, TicketAsked
    from cordboard.tickets.models_sla import EscalationStep, TicketClock

    page = Client().get("/ask/help/")
    assert (page.status_code, "Ask Lamp &amp; Ketel" in page.content.decode()) == (200, True)
    assert TicketAsked.objects.filter(ticket__messages__kind="reply").exists()
    assert TicketAsked.objects.filter(ticket__owner=None).exists(), "some wait for somebody to take them"
    for plan in ServicePlan.objects.all():
        assert all(set(promised) == {"first_response", "next_response", "resolution"} for promised in plan.targets.values()), plan
    assert set(TicketClock.objects.filter(ended_at=None).values_list("kind", flat=True)) == {"first_response", "next_response", "resolution"}
    taken = {one.terms["rule"] for one in EscalationStep.objects.filter(state="taken") if one.terms.get("policy")}
    assert taken >= {"Nobody has taken it", "A large appliance is still not mended", "The promise was not kept"}
    assert not EscalationStep.objects.filter(state="failed").exists()
    assert not EscalationStep.objects.filter(state="planned", at__lte=NOW).exists()
    assert set(LevelStep.objects.values_list("way", flat=True)) == {"sent", "back", "rule"}
    assert Article.objects.filter(state=Article.State.DRAFT).count() == 3
    said = TicketSurvey.objects.filter(rating__isnull=False).count()
    assert 0 < said < TicketSurvey.objects.count(), "some answered, some did not"
    assert given_since(day_began(User.objects.get(username="femke"), NOW)).whole.number >= 3
    assert not OutgoingMail.objects.exclude(state=OutgoingMail.State.SENT).exists(), "no mail to people of the demo waits"
    stages = {(one.decided_at is not None, one.answered_at is not None, one.told_at is not None, one.rating is not None) for one in Complaint.objects.all()}
    assert len(stages) == 5
    assert Task.objects.filter(kind=Task.Kind.CALL, state=Task.State.OPEN, ticket__kind="complaint").exists()


def test_a_fresh_start_has_the_built_in_kinds_and_service_levels_again(db: None) -> None:
    kinds = set(TicketKind.objects.filter(built_in=True).values_list("code", "like"))
    assert len(kinds) == 8
    wipe.everything()
    assert set(TicketKind.objects.values_list("code", "like")) == kinds
    assert set(ServicePlan.objects.values_list("code", "version")) == {("standard", 1), ("gold", 1), ("safety", 1)}
