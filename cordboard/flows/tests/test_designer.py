"""What the designer asks the server, and who may ask it."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import cordboard
from cordboard.demo.sources import folder
from cordboard.flows import actions, outline, queries
from cordboard.flows.figures import shown
from cordboard.flows.models import Flow, Run
from cordboard.flows.queries import Edge, Figures
from cordboard.flows.words import designer_words
from cordboard.org import actions as org

pytestmark = pytest.mark.django_db

WELCOME: dict[str, Any] = next(spec["graph"] for spec in folder("flows") if spec["code"] == "service-line")
VALUES = {"line.languages": ["nl", "en"], "line.language": "en", "queue.code": "service", "queue.open": True, "call.recorded": False, "caller.known": True}
ISLANDS = Path(cordboard.__file__).parent.parent / "islands/src"


def person(name: str, *codes: str) -> Client:
    roles = []
    if codes:
        org.set_role(name, name.title(), dict.fromkeys(codes, "all"))
        roles = [name]
    user = org.create_user(username=name, name=name.title(), email=f"{name}@example.org", password="lamp-and-ketel", roles=roles)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def carol() -> Client:
    return person("carol", "flows.view", "flows.design", "flows.publish")


@pytest.fixture
def menu(db: None) -> Flow:
    row = actions.create("menu", "Menu", ["ivr"], None, graph=WELCOME)
    return actions.publish(row.pk, None)


def ask(client: Client, what: str, body: dict[str, Any], status: int = 200) -> dict[str, Any]:
    response = client.post(f"/flows/menu/{what}/", json.dumps(body), content_type="application/json")
    assert response.status_code == status, response.content[:400]
    answer: dict[str, Any] = response.json()
    return answer


def page_data(client: Client, code: str = "menu") -> dict[str, Any]:
    response = client.get(f"/flows/{code}/")
    assert response.status_code == 200
    found = re.search(r'<script type="application/json" id="flow-data">(.*?)</script>', response.content.decode(), re.S)
    assert found is not None
    data: dict[str, Any] = json.loads(found[1])
    return data


def with_choice(graph: dict[str, Any], **choice: Any) -> dict[str, Any]:
    changed = copy.deepcopy(graph)
    changed["steps"]["matter"]["choices"].append({"key": "4", "value": "other", **choice})
    return changed


def test_dave_sees_nothing_and_erin_may_only_look(menu: Flow) -> None:
    dave, erin = person("dave"), person("erin", "flows.view")
    for path in ("/flows/", "/flows/menu/", "/flows/menu/export.json", "/flows/menu/outline.txt", "/flows/menu/standing/", "/flows/menu/figures/?version=1"):
        assert dave.get(path).status_code == 403
        assert erin.get(path).status_code == 200
    for what in ("save", "publish", "delete", "retire", "tests/save", "tests/delete"):
        for client in (dave, erin):
            assert client.post(f"/flows/menu/{what}/", "{}", content_type="application/json").status_code == 403
    assert erin.post("/flows/new/", {"name": "Mine"}).status_code == 403
    assert page_data(erin)["may"] == {"design": False, "publish": False}
    assert Client().get("/flows/menu/").status_code == 302


def test_the_list_says_what_is_live_and_what_is_wrong(carol: Client, menu: Flow) -> None:
    actions.create("draft", "A draft", ["ivr"], None)
    Run.objects.create(flow=menu, surface="ivr", subject="interaction:1", started_at=menu.published_at)
    text = carol.get("/flows/").content.decode()
    assert "Version 1, since" in text
    assert "to mend" in text
    assert "A draft" in text
    assert "A draft" not in carol.get("/flows/?surface=survey").content.decode()


def test_the_list_costs_as_many_queries_for_three_flows_as_for_one(carol: Client, menu: Flow) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as found:
            carol.get("/flows/")
        return len(found)

    count()
    one = count()
    for code in ("b", "c"):
        actions.create(code, code, ["ivr"], None, graph=WELCOME)
    assert count() == one


def test_carol_adds_a_choice_sees_a_problem_mends_it_and_publishes(carol: Client, menu: Flow) -> None:
    standing = page_data(carol)["standing"]
    assert (standing["state"], standing["version"], standing["problems"]) == ("published", 1, [])
    broken = with_choice(standing["graph"], next="nowhere")
    draft = ask(carol, "save", {"id": standing["id"], "revision": standing["revision"], "name": "Menu", "surfaces": ["ivr"], "graph": broken})
    assert (draft["state"], draft["version"]) == ("draft", 2)
    assert [one["step"] for one in draft["problems"]] == ["matter"]
    assert ask(carol, "publish", {"id": draft["id"], "revision": draft["revision"]}, 422)["code"] == "problems"
    good = with_choice(standing["graph"], next="to_queue")
    assert ask(carol, "check", {"graph": good, "surfaces": ["ivr"]}) == {"problems": []}
    saved = ask(carol, "save", {"id": draft["id"], "revision": draft["revision"], "name": "Menu", "surfaces": ["ivr"], "graph": good})
    live = ask(carol, "publish", {"id": saved["id"], "revision": saved["revision"], "comment": "Something else"})
    assert (live["live_version"], [one["state"] for one in live["versions"]]) == (2, ["published", "retired"])
    assert live["versions"][0]["comment"] == "Something else"
    published = queries.published("menu")
    assert published is not None
    assert published.graph["steps"]["matter"]["choices"][3]["next"] == "to_queue"
    menu.refresh_from_db()
    assert len(menu.graph["steps"]["matter"]["choices"]) == 3, "runs that go on have their own version"


def test_two_managers_with_one_draft_each_see_the_others(carol: Client, menu: Flow) -> None:
    femke = person("femke", "flows.view", "flows.design")
    hers, his = page_data(carol)["standing"], page_data(femke)["standing"]
    draft = ask(carol, "save", {"id": hers["id"], "revision": 0, "name": "Menu", "surfaces": ["ivr"], "graph": with_choice(WELCOME, next="to_queue")})
    refused = ask(femke, "save", {"id": his["id"], "revision": 0, "name": "Menu", "surfaces": ["ivr"], "graph": WELCOME}, 409)
    assert (refused["code"], refused["id"], refused["by"]) == ("stale", draft["id"], "Carol")
    assert len(refused["theirs"]["graph"]["steps"]["matter"]["choices"]) == 4
    kept = ask(femke, "save", {"id": refused["id"], "revision": refused["revision"], "name": "Menu", "surfaces": ["ivr"], "graph": WELCOME})
    late = ask(carol, "save", {"id": draft["id"], "revision": draft["revision"], "name": "Menu", "surfaces": ["ivr"], "graph": WELCOME}, 409)
    assert (late["by"], late["revision"]) == ("Femke", kept["revision"])
    assert ask(carol, "publish", {"id": draft["id"], "revision": draft["revision"]}, 409)["code"] == "stale"


def test_carol_plays_the_customer(carol: Client, menu: Flow) -> None:
    about = {"graph": WELCOME, "surface": "ivr", "values": VALUES, "language": "en"}
    first = ask(carol, "play", {**about, "inputs": []})
    assert (first["at"], first["ended"]) == ("matter", "")
    assert first["lines"][-1]["who"] == "flow"
    assert [one["words"] for one in first["waits"]["answers"]] == ["1: product", "2: order", "3: account", "0: to a person", "says nothing", "leaves"]
    second = ask(carol, "play", {**about, "inputs": [first["waits"]["answers"][0]["input"]]})
    assert (second["at"], second["ended"], second["waits"]) == ("to_queue", "queued", None)
    assert ["matter", "next"] in second["path"]
    assert {"name": "matter", "value": "product", "fresh": True} in second["values"]
    assert {one["who"] for one in second["lines"]} == {"flow", "customer", "note"}
    broken = with_choice(WELCOME, next="nowhere")
    assert ask(carol, "play", {**about, "graph": broken, "inputs": []})["problems"]
    assert ask(carol, "play", {**about, "inputs": [{"is": "nonsense"}]}, 400)["code"] == "request"
    assert ask(carol, "play", {**about, "surface": "moon", "inputs": []}, 400)


def test_a_play_kept_as_a_test_stands_in_the_way_of_a_wrong_flow(carol: Client, menu: Flow) -> None:
    made = ask(carol, "tests/save", {"name": "A fault", "surface": "ivr", "values": VALUES, "language": "en", "inputs": [{"is": "answered", "value": "1"}]})
    found = ask(carol, "tests", {"graph": WELCOME})["tests"]
    assert [(one["id"], one["name"], one["passed"]) for one in found] == [(made["id"], "A fault", True)]
    elsewhere = copy.deepcopy(WELCOME)
    elsewhere["steps"]["matter"]["choices"][0]["next"] = "goodbye"
    failing = ask(carol, "tests", {"graph": elsewhere})["tests"][0]
    assert not failing["passed"]
    assert failing["wrong"][0] == "It goes to goodbye, not to who."
    standing = page_data(carol)["standing"]
    draft = ask(carol, "save", {"id": standing["id"], "revision": 0, "name": "Menu", "surfaces": ["ivr"], "graph": elsewhere})
    refused = ask(carol, "publish", {"id": draft["id"], "revision": draft["revision"]}, 422)
    assert refused["code"] == "tests"
    assert refused["details"][0].startswith("A fault: It goes to goodbye")
    ask(carol, "tests/delete", {"test": made["id"]})
    assert ask(carol, "publish", {"id": draft["id"], "revision": draft["revision"]})["live_version"] == 2
    assert ask(carol, "tests/delete", {"test": made["id"]}, 422)["code"] == "gone"


def test_what_is_no_request_is_refused_in_words(carol: Client, menu: Flow) -> None:
    for what in ("save", "check", "play", "tests"):
        assert ask(carol, what, {"graph": 7}, 400)["message"]
        response = carol.post(f"/flows/menu/{what}/", "[" * 100_000, content_type="application/json")
        assert response.status_code == 400
    deep: Any = {}
    for _ in range(60):
        deep = {"a": deep}
    assert ask(carol, "check", {"graph": {"steps": {}, "x": deep}}, 422)["message"]
    assert ask(carol, "save", {"id": 999_999, "revision": 0, "name": "x", "surfaces": ["ivr"], "graph": WELCOME}, 422)["code"] == "gone"
    assert carol.get("/flows/nothing/").status_code == 404
    assert carol.get("/flows/menu/version/?version=99999999999999").status_code == 422


def test_a_draft_is_thrown_away_and_a_flow_retired(carol: Client, menu: Flow) -> None:
    assert ask(carol, "delete", {}, 422)["code"] == "no_draft"
    actions.open_draft("menu", None)
    assert ask(carol, "delete", {})["version"] == 1
    assert ask(carol, "retire", {})["live_version"] is None
    assert ask(carol, "retire", {}, 422)["code"] == "not_published"
    actions.create("only", "Only", ["ivr"], None)
    assert carol.post("/flows/only/delete/", "{}", content_type="application/json").json() == {"gone": True}


def test_a_flow_goes_out_as_a_file_and_comes_in_again(carol: Client, menu: Flow) -> None:
    file = carol.get("/flows/menu/export.json").content
    response = carol.post("/flows/import/", {"file": SimpleUploadedFile("menu.json", file), "code": "copy"})
    assert response.headers["Location"] == "/flows/copy/"
    copied = queries.flow("copy")
    assert copied is not None
    assert (copied.state, copied.graph["steps"]) == ("draft", menu.graph["steps"])
    for bad in (b"not json", b'{"cordboard": "flow", "schema": 99, "graph": {}}'):
        refused = carol.post("/flows/import/", {"file": SimpleUploadedFile("menu.json", bad), "code": "bad"})
        assert refused.status_code == 422
    assert carol.post("/flows/import/", {}).status_code == 422


def test_a_new_flow_is_named_and_begun(carol: Client) -> None:
    assert carol.post("/flows/new/", {"name": "Blue Widgets", "surfaces": ["script"]}).headers["Location"] == "/flows/blue-widgets/"
    assert page_data(carol, "blue-widgets")["standing"]["surfaces"] == ["script"]
    refused = carol.post("/flows/new/", {"name": "Blue Widgets", "surfaces": ["script"]})
    assert refused.status_code == 422
    assert "Blue Widgets" in refused.content.decode()


def test_the_outline_reads_from_top_to_bottom(menu: Flow) -> None:
    text = outline.of_flow("Menu", WELCOME)
    assert text.index("1. start") < text.index("matter (Ask)") < text.index("to_person (Hand over")
    assert "[1] product" in text
    assert "queue.open is no -> closed" in text
    assert outline.of_flow("Broken", {"steps": {"a": {"type": "moon"}, "b": 7}}).count("unknown") == 2


def test_figures_say_how_many_went_where() -> None:
    found = Figures(10, 2, {("ask", "next"): Edge(6, 6, 4.0), ("ask", "give_up"): Edge(1, 2, 20.0)}, {("ask", "hung_up"): 2, ("queue", "queued"): 8})
    said = shown(found)
    assert said["edges"]["ask/next"] == {"runs": 6, "share": 0.6, "words": "6, 60%"}
    assert said["steps"]["ask"] == {"came": 10, "ended": 2, "seconds": 8.0, "words": "20% end here"}
    assert said["steps"]["queue"]["words"] == "8 end here"
    assert said["words"] == "10 runs are counted, 2 go on."
    assert shown(Figures(0, 0))["words"] == "0 runs are counted."


def test_the_designer_has_words_for_all_that_it_says() -> None:
    sources = [path.read_text() for path in (ISLANDS / "designer").glob("*.ts*")]
    asked = {key for text in sources for key in re.findall(r'\bw\(\s*"([a-z_0-9]+)"', text)}
    known = set(designer_words())
    assert len(asked) > 100
    assert asked - known == set()
    made = {"start_tag", "person_tag", "on_error_tag", "error", "note", *(f"days_{n}" for n in (1, 7, 30, 365))}
    made |= {f"step_{one}" for one in ("added", "removed", "changed")} | {f"state_{one}" for one in ("draft", "published", "retired")}
    made |= {f"waiting_{one}" for one in ("wait", "longer", "still", "first", "every")}
    assert made <= known
    assert known - asked - made == set()
