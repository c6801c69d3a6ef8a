"""Queries that are built once give what the same querysets give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Q

from cordboard.lib.kept import LONGEST, Kept
from cordboard.org.models import Role, User

pytestmark = pytest.mark.django_db

SINCE = datetime(2025, 3, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def people() -> list[User]:
    agents = Role.objects.create(name="Agents", permissions={"x": "own"})
    made = [
        User.objects.create(
            username=name, email=f"{name}@lampketel.example", name=name.capitalize(), date_joined=SINCE + timedelta(days=at), preferences={"at": at}
        )
        for at, name in enumerate(("alice", "bob", "carol", "dave"))
    ]
    made[0].roles.add(agents)
    return made


def test_models_come_back_as_the_queryset_gives_them(people: list[User]) -> None:
    def named(name: str) -> Any:
        return User.objects.select_related("unit").filter(username=name, is_active=True)

    kept = Kept(named)
    for name in ("alice", "bob", "alice", "nobody", "50% o'clock"):
        assert kept(name) == list(named(name))
        one = kept.first(name)
        if one is not None:
            plain = named(name).get()
            assert {field.attname: getattr(one, field.attname) for field in User._meta.concrete_fields} == {
                field.attname: getattr(plain, field.attname) for field in User._meta.concrete_fields
            }
            one.name = "Changed"
            one.save()
    assert kept.first("alice").name == "Changed"  # type: ignore[union-attr]


def test_lists_of_any_length(people: list[User], django_assert_num_queries: Any) -> None:
    kept = Kept(lambda ids: User.objects.filter(pk__in=ids).order_by("pk"))
    for size in (1, 2, 3, 4, 3, 1):
        ids = [one.pk for one in people[:size]]
        with django_assert_num_queries(1):
            assert [one.pk for one in kept(ids)] == ids
    with django_assert_num_queries(0):
        assert kept([]) == []
    assert kept([*range(-LONGEST, 0), people[0].pk]) == [people[0]]
    assert len(kept._compiled) == 4  # for one, two and four, and for none


def test_nothing_among_nothing_is_not_asked_for(people: list[User], django_assert_num_queries: Any) -> None:
    some = Kept(lambda ids, name: User.objects.filter(Q(pk__in=ids) | Q(username=name)).order_by("pk"))
    both = Kept(lambda ids, name: User.objects.filter(pk__in=ids, username=name))
    for _again in range(2):
        with django_assert_num_queries(1):
            assert some([], "alice") == people[:1]
        with django_assert_num_queries(0):
            assert both([], "alice") == []
            assert both.first([], "bob") is None
    assert some([people[1].pk], "alice") == people[:2]
    never = Kept(lambda name: User.objects.filter(username=name, pk__in=()))
    with pytest.raises(TypeError, match="by name"):
        never("alice")


def test_moments_names_and_absent_values(people: list[User]) -> None:
    kept = Kept(lambda since, limit: User.objects.filter(date_joined__gte=since).order_by("-date_joined").values_list("username", flat=True)[:limit])
    with pytest.raises(TypeError, match="blank"):
        kept(SINCE, 1.5)

    def newest(since: datetime, *, limit: int, inactive: bool) -> Any:
        rows = User.objects.filter(date_joined__gte=since).exclude(is_active=inactive)
        return rows.order_by("-date_joined").values_list("username", "preferences", "date_joined")[:limit]

    named = Kept(newest)
    for limit in (1, 3, 2):
        for since in (SINCE, SINCE + timedelta(days=2, microseconds=-1), SINCE + timedelta(days=9)):
            assert named(since, limit=limit, inactive=False) == list(newest(since, limit=limit, inactive=False))
    assert named(SINCE, limit=5, inactive=True) == []
    with pytest.raises(TypeError, match="by name"):
        named(None, limit=1, inactive=False)


def test_annotations_constants_and_conditions(people: list[User]) -> None:
    def counted(person: int, percent: str) -> Any:
        has = Role.objects.filter(users=OuterRef("pk"), name__in=("Agents", "100% of 'em"))
        return User.objects.filter(Q(pk=person) | Q(name=percent)).annotate(has=Exists(has), count=Count("roles")).order_by("pk")

    kept = Kept(counted)
    for person in people:
        assert [(one.pk, one.has, one.count) for one in kept(person.pk, "Dave")] == [(one.pk, one.has, one.count) for one in counted(person.pk, "Dave")]


def test_a_blank_that_a_lookup_rewrites_is_refused(people: list[User]) -> None:
    with pytest.raises(TypeError, match="reach the database"):
        Kept(lambda word: User.objects.filter(name__icontains=word))("a")
    with pytest.raises(TypeError, match="reach the database"):
        Kept(lambda day: User.objects.filter(date_joined__date=day))(SINCE)
    with pytest.raises(TypeError, match="prefetch"):
        Kept(lambda one: User.objects.filter(pk=one).prefetch_related("roles"))(1)


def test_a_transaction_that_is_taken_back_leaves_the_query_usable(people: list[User]) -> None:
    kept = Kept(lambda one: User.objects.filter(pk=one).annotate(twice=F("pk") * 2))
    for _time in range(6):
        assert kept.first(people[1].pk).twice == people[1].pk * 2  # type: ignore[union-attr,attr-defined]
        with transaction.atomic():
            kept(people[1].pk)
            transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no connection to lose")
def test_a_connection_that_the_server_dropped_is_made_anew(people: list[User]) -> None:
    kept = Kept(lambda one: User.objects.filter(pk=one))
    assert kept(people[0].pk) == [people[0]]
    number = connection.connection.info.backend_pid
    with psycopg.connect(connection.connection.info.dsn, password=connection.settings_dict["PASSWORD"], autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [number])
    connection.health_check_enabled, connection.health_check_done = True, False  # as the next request begins
    assert kept(people[0].pk) == [people[0]]
    assert connection.connection.info.backend_pid != number


def test_a_narrow_column_is_asked_by_number_where_who_asks_says_that_it_fits(people: list[User]) -> None:
    from cordboard.appointments.models import Appointment, Staff, VisitKind

    staff = Staff.objects.create(user=people[0], timezone="Europe/Amsterdam")
    kind = VisitKind.objects.create(code="repair", names={"en": "Repair"}, minutes=60)
    times = {"starts_at": SINCE, "ends_at": SINCE + timedelta(hours=1), "starts_minute": 29_000_000, "ends_minute": 29_000_060, "made_at": SINCE}
    visit = Appointment.objects.create(uid="one", staff=staff, kind=kind, state="booked", **times)
    after = Kept(lambda who, at: Appointment.objects.filter(staff=who, starts_minute__gte=at).values_list("pk", flat=True), narrow=True)

    assert after(staff.pk, 29_000_000) == [visit.pk]
    assert after(staff.pk, 29_000_001) == []


def test_rows_without_anything_to_convert_are_those_of_the_driver(people: list[User]) -> None:
    kept = Kept(lambda name: User.objects.filter(username__gte=name).order_by("username").values_list("username", "name"))

    assert kept("bob") == [("bob", "Bob"), ("carol", "Carol"), ("dave", "Dave")]
