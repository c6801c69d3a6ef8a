"""Web services: real servers on this machine, well-behaved and not."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest

from cordboard.flows import errands, services
from cordboard.flows.actions import Refused
from cordboard.flows.actions_services import delete_service, set_service
from cordboard.flows.effects import CallService, LookUp, Perform
from cordboard.flows.models import WebService
from cordboard.flows.services import Plan, fetch
from cordboard.flows.steps import About
from cordboard.flows.tests.shop import opened


@pytest.fixture
def shop() -> Iterator[ThreadingHTTPServer]:
    with opened() as server:
        yield server


def of(shop: ThreadingHTTPServer, **more) -> Plan:
    return Plan(f"http://127.0.0.1:{shop.server_port}/api/", {"Authorization": "Bearer abc"}, 10.0, more.pop("inside", True), **more)


def test_a_service_answers(shop):
    assert fetch(of(shop), "/orders/1", None, 10).result == {"path": "/orders/1", "got": None}
    assert fetch(of(shop), "/orders", {"number": "1"}, 10).result == {"path": "/orders", "got": {"number": "1"}}
    assert [(method, path) for method, path, _, _ in shop.seen] == [("GET", "/api/orders/1"), ("POST", "/api/orders")]
    assert shop.seen[0][2]["Authorization"] == "Bearer abc"
    nothing = fetch(of(shop), "/nothing", None, 10)
    assert (nothing.result, nothing.failed) == (None, "")


@pytest.mark.parametrize(
    ("path", "failed"),
    [("/hangs", "timeout"), ("/drips", "timeout"), ("/elsewhere", "refused"), ("/broken", "refused"), ("/large", "too_large"), ("/page", "not_json")],
)
def test_a_service_that_behaves_otherwise_fails_in_its_time(shop, path, failed):
    assert fetch(of(shop), path, None, 0.3 if failed == "timeout" else 10).failed == failed
    if path == "/elsewhere":
        assert len(shop.seen) == 1  # where it leads was not asked


def test_only_what_is_on_the_list_is_asked_and_nothing_of_the_house(shop):
    assert fetch(None, "/x", None, 1).failed == "not_allowed"
    assert fetch(of(shop, inside=False), "/orders/1", None, 10).failed == "not_allowed"
    for path in ("/../admin", "/a/%2e%2e/b", "/a b", "/x\r\nHost: y", "/é", "/x#y", "/.\\x"):
        assert fetch(of(shop), path, None, 10).failed == "not_allowed", path
    assert fetch(Plan("ftp://example.org/", {}, 1, True), "", None, 1).failed == "not_allowed"
    assert shop.seen == []


def test_names_that_lead_to_the_house_are_refused():
    for host in ("localhost", "127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "0.0.0.0", "::ffff:127.0.0.1", "fe80::1", "224.0.0.1"):
        assert services.allowed_address(host, 80, inside=False) is None, host
    assert services.allowed_address("127.0.0.1", 80, inside=True) == "127.0.0.1"
    assert services.allowed_address("224.0.0.1", 80, inside=True) is None
    assert services.allowed_address("93.184.216.34", 80, inside=False) == "93.184.216.34"


def test_nobody_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert fetch(Plan(f"http://127.0.0.1:{port}", {}, 1, True), "", None, 1).failed == "unreachable"


@pytest.mark.django_db
def test_the_list_of_services_keeps_secrets_sealed(shop):
    about = About("interaction:1", "script", "en")
    address = f"http://127.0.0.1:{shop.server_port}/api"
    set_service("shop", "The shop", address, None, auth="header", auth_header="X-Key", secret="s3cret", inside=True, timeout=5)
    row = WebService.objects.get()
    assert "s3cret" not in row.secret
    assert errands.run(CallService("x", "shop", "/orders/7"), about).result["path"] == "/orders/7"
    assert shop.seen[-1][2]["X-Key"] == "s3cret"
    set_service("shop", "The shop", address, None, inside=True, auth="basic")
    assert WebService.objects.get().secret == row.secret
    errands.run(CallService("x", "shop", "/orders/7"), about)
    assert shop.seen[-1][2]["Authorization"] == "Basic czNjcmV0"
    set_service("shop", "The shop", address, None, inside=True, active=False)
    assert errands.run(CallService("x", "shop", "/"), about).failed == "not_allowed"
    assert errands.run(CallService("x", "other", "/"), about).failed == "not_allowed"
    delete_service("shop", None)
    for wrong in (
        {"base_url": "https://a:b@c"},
        {"base_url": "//x"},
        {"base_url": "https://x:99999"},
        {"timeout": 90},
        {"auth": "magic"},
        {"headers": {"Host": "x"}},
        {"code": "A"},
    ):
        with pytest.raises(Refused):
            set_service(**{"code": "a", "name": "A", "base_url": "https://example.org", "by": None, **wrong})
    assert errands.run(LookUp("x", "nothing", {}), about).failed == "not_here"
    assert errands.run(Perform("x", "nothing", {}, "k"), about).failed == "not_here"
