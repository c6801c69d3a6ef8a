"""The settings: what carol (manager) and the administrator change from a screen, what is refused and how, and that nobody overwrites what they did not see."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cordboard.channels.voice.models import Line
from cordboard.desktop.forms_settings import spans
from cordboard.desktop.tests.conftest import signed_in
from cordboard.events.models import Event
from cordboard.flows import actions as flows
from cordboard.flows.models import Flow
from cordboard.guidance.models import ScriptSetting
from cordboard.interactions.models import ContactReason
from cordboard.lib.keeping import Changed, check, differences, mark
from cordboard.org.models import Position, Role, Unit, User
from cordboard.org.permissions import user_may
from cordboard.routing.models import NotReadyReason, Queue, QueueMember, Skill
from cordboard.routing.tests.centre import Centre

KINDS = ["queues", "skills", "reasons", "lines", "scripts", "units", "positions", "people", "roles"]


@pytest.fixture
def admin(centre: Centre) -> Client:
    """Somebody who may set everything."""
    rights = {"routing.manage": "all", "voice.manage": "all", "org.manage": "all", "routing.watch": "all", "flows.publish": "all"}
    made = User.objects.create(username="admin", name="Admin", unit=centre.unit)
    made.roles.add(Role.objects.create(code="admin", name="Administrator", permissions=rights))
    Flow.objects.create(code="service-line", name="Service line", version=1, state=Flow.State.PUBLISHED, surfaces=["ivr"], graph={})
    return signed_in(made)


def shown(client: Client, path: str) -> dict[str, Any]:
    """What the form of a page would send if nobody touched it."""
    page = client.get(path)
    assert page.status_code == 200, path
    text = page.content.decode()
    form = text[text.index('class="cb-settings-form"') :]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name is None or ('type="checkbox"' in tag and " checked" not in tag):
            continue
        said = html.unescape(value[1]) if value else "on" if "checkbox" in tag else ""
        found[name[1]] = [*found.get(name[1], []), said] if name[1] in ("roles", "queues") else said
    for name, inside in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        found[name] = html.unescape(inside).removeprefix("\n").removeprefix("\r\n")
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inside)
        first = re.search(r'<option value="([^"]*)"', inside)
        found[name] = html.unescape((chosen or first or [None, ""])[1])  # type: ignore[index]
    return found


def last(kind: str) -> dict[str, Any]:
    return Event.objects.filter(kind=kind).latest("pk").body


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_dave_and_alice_may_set_nothing(centre: Centre, admin: Client, kind: str) -> None:
    assert admin.get(f"/settings/{kind}/").status_code == 200
    for user in (centre.dave, centre.alice):
        client = signed_in(user)
        for path in (f"/settings/{kind}/", f"/settings/{kind}/new/", f"/settings/{kind}/1/", "/settings/"):
            assert client.get(path).status_code == 403, path
        assert client.post(f"/settings/{kind}/1/", {"name": "Mine"}).status_code == 403
    assert signed_in(centre.carol).get("/settings/roles/").status_code == 403, "she manages queues, not people"


@pytest.mark.django_db
def test_a_page_that_nobody_touched_changes_nothing(centre: Centre, admin: Client) -> None:
    Skill.objects.create(code="repairs", kind="product", names={"en": "Repairs"})
    centre.support.requirements = [{"skill": "repairs", "proficiency": 3}]
    centre.support.relaxation = [{"after": 30, "lower": 1}, {"after": 60, "drop": "product"}, {"after": 90, "lower": 1, "skill": "repairs"}]
    centre.support.hours = {"timezone": "Europe/Amsterdam", "mon": [["08:00", "12:30"], ["13:30", "24:00"]], "holidays": "NL"}
    centre.support.greeting = {"en": "Hello {customer}"}
    centre.support.save()
    Line.objects.create(number="100", name="Service", flow="service-line", queue=centre.support, country="NL", languages=["en", "nl"])
    Position.objects.create(code="lead", name="Lead", unit=centre.unit)
    before, rows = Event.objects.count(), 0
    for kind, model in (("queues", Queue), ("skills", Skill), ("reasons", NotReadyReason), ("lines", Line), ("units", Unit), ("positions", Position), ("people", User), ("roles", Role)):  # fmt: skip
        for row in model.objects.all():  # type: ignore[attr-defined]
            held = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
            path = f"/settings/{kind}/{row.pk}/"
            answer = admin.post(path, shown(admin, path))
            assert answer.status_code == 302, (path, answer.content.decode()[-3000:])
            row.refresh_from_db()
            assert {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields} == held, path
            rows += 1
    assert rows > 12
    assert Event.objects.count() == before


@pytest.mark.django_db
def test_carol_changes_a_queues_terms(centre: Centre) -> None:
    Skill.objects.create(code="repairs", kind="product", names={"en": "Repairs"})
    carol, path = signed_in(centre.carol), f"/settings/queues/{centre.support.pk}/"
    given = shown(carol, path)
    given |= {
        "name": "Help", "park_seconds": "240", "supervision_notice": "always", "ring_seconds": "25", "need-0-skill": "repairs", "need-0-level": "4",
        "relax-0-after": "45", "relax-0-what": '{"lower": 2}', "mon": "8-12:30, 13:30-18:00", "holidays": "nl", "greeting-nl": "Goede{daypart} {customer}",
        "auto_answer": "on",
    }  # fmt: skip
    assert carol.post(path, given).status_code == 302
    row = Queue.objects.get(pk=centre.support.pk)
    assert (row.name, row.park_seconds, row.supervision_notice, row.ring_seconds, row.auto_answer) == ("Help", 240, "always", 25, True)
    assert row.requirements == [{"skill": "repairs", "proficiency": 4}]
    assert row.relaxation == [{"after": 45, "lower": 2}]
    assert row.hours == {"timezone": "UTC", "mon": [["08:00", "12:30"], ["13:30", "18:00"]], "holidays": "NL"}
    assert row.greeting == {"nl": "Goede{daypart} {customer}"}
    told = last("routing.queue_changed")
    assert (told["change"], told["queue"]) == ("terms", row.pk)
    assert {"name", "park_seconds", "supervision_notice"} <= set(told["fields"])
    assert "target_percent" not in told["fields"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": ""}, "required"),
        ({"name": "Sales"}, "Another queue has this name."),
        ({"target_percent": "101"}, "less than or equal to 100"),
        ({"park_seconds": "3"}, "greater than or equal to 15"),
        ({"mon": "18:00-08:00"}, "Write spans in their order"),
        ({"tue": "08:00-12:00, 11:00-13:00"}, "Write spans in their order"),
        ({"holidays": "XX"}, "Holidays are known by"),
        ({"timezone": "Mars/Base"}, "valid choice"),
        ({"greeting-en": "Hello {name}"}, "There is no place {name}"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(centre: Centre, wrong: dict[str, str], words: str) -> None:
    carol, path = signed_in(centre.carol), f"/settings/queues/{centre.support.pk}/"
    answer = carol.post(path, shown(carol, path) | {"ring_seconds": "33"} | wrong)
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert words in page
    assert f'id="id_{next(iter(wrong))}-error"' in page, "it stands at the field"
    assert 'value="33"' in page, "what was typed stays"
    assert Queue.objects.get(pk=centre.support.pk).ring_seconds == 20


@pytest.mark.django_db
def test_nobody_overwrites_what_they_did_not_see(centre: Centre) -> None:
    carol, path = signed_in(centre.carol), f"/settings/queues/{centre.support.pk}/"
    hers, other = shown(carol, path), shown(carol, path)
    assert carol.post(path, other | {"ring_seconds": "40", "target_percent": "90"}).status_code == 302
    refused = carol.post(path, hers | {"ring_seconds": "15"})
    page = refused.content.decode()
    assert refused.status_code == 409
    assert "Somebody has changed this since you opened the page." in page
    assert re.search(r"<dt>Rings at an agent for, in seconds</dt><dd>40</dd>", page)
    assert re.search(r"<dt>Service level wanted, in percent</dt><dd>90</dd>", page)
    assert 'name="ring_seconds" value="15"' in page
    assert Queue.objects.get(pk=centre.support.pk).ring_seconds == 40
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    assert carol.post(path, hers | {"ring_seconds": "15", "seen": seen[1]}).status_code == 302, "now she has seen it"
    assert (Queue.objects.get(pk=centre.support.pk).ring_seconds, Queue.objects.get(pk=centre.support.pk).target_percent) == (15, 80)


@pytest.mark.django_db
def test_a_new_queue_is_told_to_the_boards(centre: Centre) -> None:
    carol = signed_in(centre.carol)
    given = shown(carol, "/settings/queues/new/") | {"name": "Returns", "code": "returns"}
    assert carol.post("/settings/queues/new/", given).status_code == 302
    row = Queue.objects.get(code="returns")
    assert (row.unit, row.ring_seconds, row.open) == (centre.unit, 20, True)
    assert last("routing.queue_changed")["change"] == "made"
    taken = carol.post("/settings/queues/new/", given | {"name": "Other"})
    assert taken.status_code == 422
    assert "This code is taken." in taken.content.decode()


@pytest.mark.django_db
def test_a_team_lead_sets_the_own_units_queues(centre: Centre) -> None:
    far = Unit.objects.create(code="far", name="Far")
    other = Queue.objects.create(code="other", name="Faraway", unit=far)
    QueueMember.objects.filter(queue=other).delete()
    Role.objects.filter(code="manager").update(permissions={"routing.manage": "unit"})
    carol = signed_in(User.objects.get(pk=centre.carol.pk))
    listed = carol.get("/settings/queues/").content.decode()
    assert "Support" in listed
    assert "Faraway" not in listed
    assert "/settings/queues/new/" not in listed
    assert carol.get(f"/settings/queues/{other.pk}/").status_code == 404
    assert carol.get("/settings/queues/new/").status_code == 403
    path = f"/settings/queues/{centre.support.pk}/"
    assert carol.post(path, shown(carol, path) | {"wrapup_seconds": "30"}).status_code == 302
    assert Queue.objects.get(pk=centre.support.pk).wrapup_seconds == 30
    assert carol.post(path, shown(carol, path) | {"unit_id": str(far.pk)}).status_code == 422
    assert carol.get("/settings/skills/new/").status_code == 403


@pytest.mark.django_db
def test_roles_are_given_permissions_from_a_screen(centre: Centre, admin: Client) -> None:
    role = Role.objects.get(code="manager")
    role.permissions = {**role.permissions, "gone.by": "all"}  # of a package that is not there any more
    role.save()
    path = f"/settings/roles/{role.pk}/"
    given = shown(admin, path)
    assert given["may-routing.watch"] == "all"
    wanted = {"routing.dial": "own", "routing.callbacks": "unit", "org.hand_over": "unit", "routing.listen_in": "all", "routing.broadcast": "all", "analytics.view": "all", "voice.record": "own"}  # fmt: skip
    change = {f"may-{code}": scope for code, scope in wanted.items()} | {"may-routing.supervise": "", "masks": "on"}
    assert admin.post(path, given | change).status_code == 302
    role.refresh_from_db()
    assert wanted.items() <= role.permissions.items()
    assert role.masks
    assert "routing.supervise" not in role.permissions
    assert role.permissions["gone.by"] == "all"
    carol = User.objects.get(pk=centre.carol.pk)
    assert user_may(carol, "routing.listen_in") == "all"
    told = last("org.role_changed")
    assert "routing.listen_in" in told["given"]
    assert told["taken"] == ["routing.supervise"]
    assert last("org.access_changed")["user"] == carol.pk, "her pages come back with the new rights"


@pytest.mark.django_db
def test_somebody_must_be_left_who_can_change_it_back(centre: Centre, admin: Client) -> None:
    role, me = Role.objects.get(code="admin"), User.objects.get(username="admin")
    path = f"/settings/roles/{role.pk}/"
    refused = admin.post(path, shown(admin, path) | {"may-org.manage": ""})
    assert refused.status_code == 422
    assert "Nobody would be left" in refused.content.decode()
    path = f"/settings/people/{me.pk}/"
    refused = admin.post(path, shown(admin, path) | {"roles": []})
    assert refused.status_code == 422
    role.refresh_from_db()
    assert role.permissions["org.manage"] == "all"
    assert list(me.roles.all()) == [role]


@pytest.mark.django_db
def test_positions_have_deputies_and_people_positions(centre: Centre, admin: Client) -> None:
    lead = Position.objects.create(code="lead", name="Lead", unit=centre.unit)
    given = shown(admin, "/settings/positions/new/") | {"name": "Agent L1", "code": "agent-l1", "deputy_id": str(lead.pk)}
    assert admin.post("/settings/positions/new/", given).status_code == 302
    made = Position.objects.get(code="agent-l1")
    assert made.deputy == lead
    path = f"/settings/people/{centre.dave.pk}/"
    roles = [str(Role.objects.get(code="agent").pk)]
    assert admin.post(path, shown(admin, path) | {"position_id": str(made.pk), "roles": roles}).status_code == 302
    dave = User.objects.get(pk=centre.dave.pk)
    assert (dave.position, user_may(dave, "routing.agent")) == (made, "own")
    refused = admin.post(f"/settings/units/{centre.unit.pk}/", shown(admin, f"/settings/units/{centre.unit.pk}/") | {"country": "Holland"})
    assert refused.status_code == 422


@pytest.mark.django_db
def test_lines_are_made_changed_and_removed(centre: Centre, admin: Client) -> None:
    given = shown(admin, "/settings/lines/new/") | {"number": "+31 20 555 01 00", "name": "Service NL", "languages": "nl, en", "country": "nl"}
    assert admin.post("/settings/lines/new/", given).status_code == 302
    row = Line.objects.get()
    assert (row.number, row.languages, row.country, row.flow) == ("+31205550100", ["nl", "en"], "NL", "service-line")
    assert "+31205550100" in admin.get(f"/settings/queues/{centre.support.pk}/").content.decode(), "it can be shown when the queue calls out"
    assert admin.post("/settings/lines/new/", given).status_code == 422
    path = f"/settings/lines/{row.pk}/"
    assert admin.post(path, shown(admin, path) | {"languages": "klingon"}).status_code == 422
    assert admin.post(f"{path}remove/").status_code == 302
    assert not Line.objects.exists()
    assert last("voice.line_changed")["what"] == "removed"
    assert admin.post(f"/settings/queues/{centre.support.pk}/remove/").status_code == 404


@pytest.mark.django_db
def test_what_the_system_sets_keeps_its_meaning(centre: Centre, admin: Client) -> None:
    row = NotReadyReason.objects.create(code="no-answer", names={"en": "Did not answer"}, by_system=True, order=900)
    path = f"/settings/reasons/{row.pk}/"
    assert admin.post(path, shown(admin, path) | {"name-en": "Missed a call", "is_break": "on", "minutes": "5"}).status_code == 302
    row.refresh_from_db()
    assert (row.names["en"], row.is_break, row.minutes, row.by_system) == ("Missed a call", False, None, True)


@pytest.mark.django_db
def test_lists_make_as_many_queries_for_many_rows(centre: Centre, admin: Client) -> None:
    from django.db import connection

    counts: dict[str, list[int]] = {kind: [] for kind in KINDS}
    for extra in (0, 5):
        for number in range(extra):
            unit = Unit.objects.create(code=f"u{number}", name=f"Unit {number}", parent=centre.unit)
            Position.objects.create(code=f"p{number}", name=f"Position {number}", unit=unit)
            queue = Queue.objects.create(code=f"q{number}", name=f"Queue {number}", unit=unit)
            Line.objects.create(number=f"20{number}", name="Line", flow="service-line", queue=queue)
            Skill.objects.create(code=f"s{number}", names={"en": "Skill"})
            ScriptSetting.objects.create(script="move", queue=queue)
            centre.agent(f"agent{number}", [queue])
        for kind in KINDS:
            admin.get(f"/settings/{kind}/")
            with CaptureQueriesContext(connection) as made:
                assert admin.get(f"/settings/{kind}/").status_code == 200
            counts[kind].append(len(made))
    assert all(few == many for few, many in counts.values()), counts


@pytest.mark.django_db
def test_a_queue_or_a_reason_gives_a_script(centre: Centre, admin: Client) -> None:
    graph = {"schema": 1, "languages": ["en"], "start": "end", "steps": {"end": {"type": "end"}}}
    flows.publish(flows.create("move", "Moving house", ["script"], None, graph=graph).pk, None)
    page = admin.get("/settings/scripts/new/").content.decode()
    assert "Moving house" in page
    assert "Product › Defect" in page
    given = {"script": "move", "queue_id": str(centre.support.pk), "reason_id": "", "required": "on"}
    assert admin.post("/settings/scripts/new/", given).status_code == 302
    assert "It gives this script already." in admin.post("/settings/scripts/new/", given).content.decode()
    both = admin.post("/settings/scripts/new/", {**given, "reason_id": str(ContactReason.objects.get(code="defect").pk)})
    assert (both.status_code, "Choose either a queue or a contact reason." in both.content.decode()) == (422, True)
    row = ScriptSetting.objects.get()
    assert "Queue Support" in admin.get("/settings/scripts/").content.decode()
    path = f"/settings/scripts/{row.pk}/"
    assert admin.post(path, {**shown(admin, path), "queue_id": "", "reason_id": str(ContactReason.objects.get(code="defect").pk)}).status_code == 302
    assert "Reason Product › Defect" in admin.get("/settings/scripts/").content.decode()
    assert admin.post(f"{path}remove/").status_code == 302
    assert not ScriptSetting.objects.exists()


def test_spans_as_people_write_them() -> None:
    assert spans("8-12:30, 13.30–18") == [["08:00", "12:30"], ["13:30", "18:00"]]
    assert spans("") == []
    assert spans("always") == [["always:00", "00:00"]]  # refused by the action


def test_marks_know_values_and_not_their_order() -> None:
    assert mark({"a": 1, "b": [2]}) == mark({"b": [2], "a": 1})
    assert mark({"a": 1}) != mark({"a": "1"})
    check(mark({"a": 1}), {"a": 1})
    with pytest.raises(Changed):
        check(mark({"a": 1}), {"a": 2})
    assert differences({"a": 1, "b": 2}, {"a": 1, "b": 3}) == ["b"]
