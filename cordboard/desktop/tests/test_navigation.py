"""The bar at the left, and the menu of the settings: what stands in them, and what gives way where more may be opened than fits."""

from __future__ import annotations

import pytest
from django.test import Client

from cordboard.desktop import views_settings
from cordboard.desktop.navigation import FITS, PLACES, giving_way
from cordboard.desktop.settings_kinds import KINDS
from cordboard.org.models import Role, User

ALL = [place.code for place in PLACES]
AGENT_TOO = {"desk", "my-day", "my-customers"}


def test_who_may_open_few_places_has_them_all_in_the_bar() -> None:
    assert giving_way(ALL[:FITS]) == frozenset()


@pytest.mark.parametrize("codes", [ALL, [code for code in ALL if code not in AGENT_TOO]], ids=["team lead", "manager"])
def test_what_stays_fits_with_the_menu_of_the_others(codes: list[str]) -> None:
    away = giving_way(codes)
    assert len(codes) - len(away) + 1 <= FITS
    assert {"worklist", "tickets", "customers", "board", "settings"} <= set(codes) - away, "the places of every day stay"


def test_seldom_places_give_way_before_those_of_every_day() -> None:
    twelve = [code for code in ALL if code not in ("incidents", "policies", "flows", "recordings", "workload", "handover")][: FITS + 1]
    assert giving_way(twelve) <= {"cases", "service-orders"}


# -- the menu of the settings ---------------------------------------------------------------------------------------------------


def reader(*codes: str) -> User:
    user = User.objects.create_user("carol", password="a good long word")
    role = Role.objects.create(code="carol", name="carol", permissions=dict.fromkeys(codes, "all"))
    user.roles.add(role)
    return user


@pytest.mark.django_db
def test_settings_stand_under_headings_each_once() -> None:
    carol = reader(*{kind.permission for kind in KINDS.values()}, "voice.manage", "mail.manage")
    found = views_settings.groups(carol, "/settings/levels/")
    assert [group.name for group in found] == ["People", "Routing and telephony", "Service desk", "Visits", "Guidance and surveys", "System"]
    urls = [place.url for group in found for place in group.places]
    assert len(urls) == len(set(urls)) == len(KINDS) + 2, "announcements and outgoing mail have pages of their own"
    assert [group.name for group in found if group.open] == ["Service desk"], "so many places are too many at once: the group one is in is open"
    assert [place.name for group in found for place in group.places if place.current] == ["Support levels"]


@pytest.mark.django_db
def test_who_may_set_little_sees_all_of_it(client: Client) -> None:
    dave = reader("routing.manage", "appointments.manage")
    found = views_settings.groups(dave, "/settings/queues/")
    assert all(group.open for group in found)
    client.force_login(dave)
    page = client.get("/settings/", follow=True)
    assert page.redirect_chain[-1][0] == "/settings/queues/"
    text = page.content.decode()
    assert text.count("<details open>") == text.count("<details") == len(found)
    assert "<summary><h2>Routing and telephony</h2>" in text
