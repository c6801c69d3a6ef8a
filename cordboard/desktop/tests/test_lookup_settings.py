"""Services and look-ups in the settings: put on the list, tried at once, and kept while something uses them. Secrets go in and never come out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from cordboard.desktop.tests.conftest import signed_in
from cordboard.desktop.tests.test_settings import admin, last, shown  # noqa: F401  `admin` is a fixture
from cordboard.flows import lookups
from cordboard.flows.models import Lookup, WebService
from cordboard.flows.tests.shop import opened
from cordboard.lib.sealed import unseal
from cordboard.org.models import Role
from cordboard.routing.tests.centre import Centre
from cordboard.rules.models import Policy

NEW = "/settings/services/new/"


@pytest.fixture
def shop() -> Iterator[ThreadingHTTPServer]:
    lookups.forget()
    with opened() as server:
        yield server


@pytest.fixture
def carla(admin: Client) -> Client:  # noqa: F811
    """Who may say what is asked, and what is looked up."""
    Role.objects.filter(code="admin").update(permissions={"flows.services": "all", "flows.lookups": "all"})
    return admin


def crm(carla: Client, shop: ThreadingHTTPServer) -> WebService:  # noqa: F811
    given = shown(carla, NEW) | {
        "code": "crm", "name": "CRM", "base_url": f"http://127.0.0.1:{shop.server_port}/api", "auth": "bearer", "secret": "s3cret token", "inside": "on",
    }  # fmt: skip
    answer = carla.post(NEW, given)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return WebService.objects.get(code="crm")


def tier(carla: Client, service: WebService, path: str = "/customers/{number}") -> Lookup:
    given = shown(carla, "/settings/lookups/new/") | {
        "code": "tier", "name": "Tier of the customer", "service_id": str(service.pk), "path": path, "query": "", "limit_ms": "1500", "in-0-name": "number",
        "in-0-fact": "interaction.customer_number", "out-0-name": "tier", "out-0-words": "tier", "out-0-type": "text", "out-0-path": "customer.tier",
        "out-0-otherwise": "value", "out-0-default": "basic", "out-1-name": "balance", "out-1-type": "number", "out-1-path": "customer.balance",
        "out-1-otherwise": "unknown",
    }  # fmt: skip
    answer = carla.post("/settings/lookups/new/", given)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    return Lookup.objects.get(code="tier")


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.mark.django_db
def test_only_who_may_say_so_sees_them(centre: Centre, carla: Client) -> None:
    for kind in ("services", "lookups"):
        assert carla.get(f"/settings/{kind}/").status_code == 200
        for user in (centre.dave, centre.alice, centre.carol):
            assert signed_in(user).get(f"/settings/{kind}/").status_code == 403
            assert signed_in(user).post(f"/settings/{kind}/1/try/").status_code == 403


@pytest.mark.django_db
def test_a_service_is_put_on_the_list_and_tried(carla: Client, shop: ThreadingHTTPServer) -> None:
    row = crm(carla, shop)
    assert unseal(row.secret) == "s3cret token"
    assert last("flows.service_set")["new"] is True
    page = f"/settings/services/{row.pk}/"
    assert "s3cret" not in text_of(carla.get(page))
    assert "s3cret" not in text_of(carla.get("/settings/services/"))
    tried = text_of(carla.post(f"{page}try/", {"path": "/customers/44712260"}))
    assert "It answered." in tried
    assert "&quot;gold&quot;" in tried
    assert re.search(r"\d+ ms", tried)
    assert shop.seen[-1][2]["Authorization"] == "Bearer s3cret token"  # type: ignore[attr-defined]
    assert "the service answers with an error" in text_of(carla.post(f"{page}try/", {"path": "/broken"}))
    assert "its address may not be asked" in text_of(carla.post(f"{page}try/", {"path": "/../etc"}))
    # changed, with its secret left alone; then forgotten
    answer = carla.post(page, shown(carla, page) | {"name": "Our CRM", "secret": ""})
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    row.refresh_from_db()
    assert (row.name, unseal(row.secret)) == ("Our CRM", "s3cret token")
    answer = carla.post(page, shown(carla, page) | {"base_url": "http://127.0.0.1:1/api"})
    assert answer.status_code == 422
    assert "Give the secret for that one." in text_of(answer)
    assert carla.post(page, shown(carla, page) | {"no_secret": "on"}).status_code == 302
    assert WebService.objects.get().secret == ""


@pytest.mark.django_db
def test_what_makes_no_sense_is_said_at_its_field(carla: Client, shop: ThreadingHTTPServer, tmp_path: Path) -> None:
    row = crm(carla, shop)
    page = f"/settings/services/{row.pk}/"
    answer = carla.post(page, shown(carla, page) | {"base_url": "ftp://x"})
    assert answer.status_code == 422
    assert 'id="id_base_url-error"' in text_of(answer)
    taken = carla.post(NEW, shown(carla, NEW) | {"code": "crm", "name": "Another", "base_url": "https://example.org"})
    assert "There is a service with this code already." in text_of(taken)
    ledger = carla.post(NEW, shown(carla, NEW) | {"code": "ledger", "name": "Ledger", "kind": "sqlite", "base_url": str(tmp_path / "ledger.sqlite")})
    assert ledger.status_code == 302
    number = WebService.objects.get(code="ledger").pk
    assert "nobody answers there" in text_of(carla.post(f"/settings/services/{number}/try/"))


@pytest.mark.django_db
def test_two_who_change_the_same_service_see_each_other(carla: Client, shop: ThreadingHTTPServer) -> None:
    row = crm(carla, shop)
    page = f"/settings/services/{row.pk}/"
    mine = shown(carla, page) | {"name": "Mine", "secret": ""}
    assert carla.post(page, shown(carla, page) | {"name": "Theirs"}).status_code == 302
    answer = carla.post(page, mine)
    assert answer.status_code == 409
    assert "Theirs" in text_of(answer)
    assert WebService.objects.get().name == "Theirs"


@pytest.mark.django_db
def test_a_look_up_is_declared_tried_and_kept_while_it_is_used(carla: Client, shop: ThreadingHTTPServer) -> None:
    service = crm(carla, shop)
    row = tier(carla, service)
    assert row.inputs == [{"name": "number", "fact": "interaction.customer_number"}]
    assert row.outputs == [
        {"name": "tier", "words": "tier", "type": "text", "path": "customer.tier", "default": "basic"},
        {"name": "balance", "words": "", "type": "number", "path": "customer.balance", "default": None},
    ]
    page = f"/settings/lookups/{row.pk}/"
    before = Lookup.objects.values().get()
    assert carla.post(page, shown(carla, page) | {"query": ""}).status_code == 302
    assert Lookup.objects.values().get() == before  # nobody touched anything
    tried = text_of(carla.post(f"{page}try/", {"input-number": "44712260"}))
    assert "<dt>tier</dt><dd>gold</dd>" in tried
    assert "<dt>balance</dt><dd>12.5</dd>" in tried
    assert "give a value for number" in text_of(carla.post(f"{page}try/", {}))
    Lookup.objects.update(path="/hangs", limit_ms=50)
    assert "It failed: no answer in time." in text_of(carla.post(f"{page}try/", {"input-number": "1"}))
    body = {"schema": 1, "rules": [{"id": "r", "name": "R", "when": {"fact": "lookup.tier.tier", "op": "is", "value": "gold"}, "actions": []}]}
    policy = Policy.objects.create(area="routing", code="voice", name="Voice routing", version=1, state="published", body=body)
    refused = carla.post(f"{page}remove/")
    assert refused.status_code == 422
    assert "Voice routing" in text_of(refused)
    kept = carla.post(f"/settings/services/{service.pk}/remove/")
    assert kept.status_code == 422
    assert "Tier of the customer" in text_of(kept)
    policy.delete()
    assert carla.post(f"{page}remove/").status_code == 302
    assert carla.post(f"/settings/services/{service.pk}/remove/").status_code == 302
    assert not WebService.objects.exists()
