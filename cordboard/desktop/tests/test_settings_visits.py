"""Service staff, areas and kinds of visit are set on screens: with reasons where something is refused, and heeded at once by whoever looks for a free time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from cordboard.appointments import actions, queries, queries_staff
from cordboard.appointments.models import Absence, Area, DayHours, Staff, VisitKind
from cordboard.appointments.tests.calendar import Calendar, make_calendar
from cordboard.desktop.forms_visits import away_read, days_read
from cordboard.desktop.tests.conftest import signed_in
from cordboard.desktop.tests.test_appointments import tuesday
from cordboard.events.models import Event
from cordboard.org.models import Role, Unit
from cordboard.routing.models import AgentSkill


@pytest.fixture
def calendar(db: None) -> Calendar:
    made = make_calendar()
    role = Role.objects.get(code="manager")
    role.permissions = {**role.permissions, "routing.supervise": "all", "org.hand_over": "all"}
    role.save()
    return made


@pytest.fixture
def carol(calendar: Calendar) -> Client:
    return signed_in(calendar.carol)


def filled(page: str) -> dict[str, str]:
    """The mark of what a page shows."""
    return {"seen": page.partition('name="seen" value="')[2].partition('"')[0]}


def staff_form(calendar: Calendar, **more: object) -> dict[str, object]:
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "09:00-17:00")
    return {
        "timezone": "Europe/Amsterdam", "most_a_day": 0, "active": "on", "areas": [calendar.north.pk], "skill-kettle": 3, "days": "", "away": "", **week, **more,
    }  # fmt: skip


def test_carol_makes_bob_a_technician_and_he_is_booked_at_once(calendar: Calendar, carol: Client) -> None:
    assert "New technician" in carol.get("/settings/service-staff/").content.decode()
    day = timezone.localtime(tuesday()).date()
    form = staff_form(calendar, user_id=calendar.bob.pk, tue="9-12, 13:30-18", days=f"{day + timedelta(days=1)} 10-11\n{day + timedelta(days=2)}")
    answer = carol.post("/settings/service-staff/new/", {**form, "away": f"{day} 9:00-10:30 Dentist"})
    assert answer.status_code == 302, answer.content.decode()
    bob = Staff.objects.get(user=calendar.bob)
    free = queries.free(calendar.repair, calendar.north.pk, tuesday().replace(hour=0), tuesday().replace(hour=23), timezone.now(), only=[bob.pk])
    starts = [(one.first - queries.slots.minute(tuesday()), one.last - queries.slots.minute(tuesday())) for one in free]
    assert starts == [(30, 30), (210, 390)], "after the dentist until lunch, and from half past one"
    assert [(one.day - day).days for one in DayHours.objects.filter(staff=bob)] == [1, 2]
    assert AgentSkill.objects.get(agent=calendar.bob, skill__code="kettle").proficiency == 3
    assert Event.objects.filter(kind="appointments.staff_changed").exists()
    assert "bob makes visits already" not in carol.get("/settings/service-staff/").content.decode()
    again = carol.post("/settings/service-staff/new/", {**form})
    assert again.status_code == 422, "he is no choice any more"


def test_a_page_that_nobody_touched_changes_nothing_and_two_who_save_are_told(calendar: Calendar, carol: Client) -> None:
    address = f"/settings/service-staff/{calendar.tess.pk}/"
    page = carol.get(address).content.decode()
    form = {**staff_form(calendar), "skill-kettle": AgentSkill.objects.get(agent=calendar.tess.user).proficiency}
    assert carol.post(address, {**form, **filled(page)}).status_code == 302
    assert not Event.objects.filter(kind="appointments.staff_changed").exists()
    assert carol.post(address, {**form, **filled(page), "mon": "10:00-12:00"}).status_code == 302
    late = carol.post(address, {**form, **filled(page), "tue": "10:00-12:00"})
    assert late.status_code == 409
    assert "Somebody has changed this" in late.content.decode()
    assert "10:00-12:00" in late.content.decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"mon": "17-9"}, "Write spans in their order"),
        ({"days": "next Tuesday"}, "is no date. Write it as 2026-12-24."),
        ({"days": "2026-12-24 9-12\n2026-12-24"}, "2026-12-24 is there twice."),
        ({"days": "2026-12-24 in the morning"}, "Hours of 2026-12-24"),
        ({"away": "2026-12-24 15:00-13:00"}, "An absence ends after it begins: 2026-12-24 15:00."),
        ({"away": "tomorrow"}, "tomorrow is no date"),
        ({"away": "2026-12-24 9:00-29:00"}, "29:00 is no time of the day."),
        ({"most_a_day": 31}, "30"),
    ],
)
def test_hours_that_make_no_sense_are_refused_at_their_field(calendar: Calendar, carol: Client, change: dict[str, object], said: str) -> None:
    address = f"/settings/service-staff/{calendar.tess.pk}/"
    answer = carol.post(address, {**staff_form(calendar, **change), **filled(carol.get(address).content.decode())})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Absence.objects.exists()


def test_visits_that_do_not_fit_new_hours_are_named(calendar: Calendar, carol: Client) -> None:
    visit = actions.book(calendar.visit(), calendar.tess.pk, tuesday())
    address = f"/settings/service-staff/{calendar.tess.pk}/"
    page = carol.get(address).content.decode()
    assert "does not fit" not in page
    form = {**staff_form(calendar, tue="13:00-17:00"), **filled(page)}
    assert carol.post(address, form).status_code == 302
    page = carol.get(address).content.decode()
    assert "One booked visit does not fit" in page
    assert "outside the working hours" in page
    assert f"/hand-over/?agent={calendar.tess.user_id}" in page
    visit.refresh_from_db()
    assert visit.state == "booked", "what is booked stays booked"
    carol.post(address, {**staff_form(calendar, active=""), **filled(page)})
    assert [one.why for one in queries_staff.misfits(Staff.objects.get(pk=calendar.tess.pk), timezone.now())] == ["gone"]


def test_what_lies_in_the_past_stays(calendar: Calendar, carol: Client) -> None:
    long_ago = timezone.now() - timedelta(days=30)
    DayHours.objects.create(staff=calendar.tess, day=long_ago.date())
    Absence.objects.create(staff=calendar.tess, starts_at=long_ago, ends_at=long_ago + timedelta(hours=1), reason="Flu")
    address = f"/settings/service-staff/{calendar.tess.pk}/"
    page = carol.get(address).content.decode()
    assert "Flu" not in page
    assert carol.post(address, {**staff_form(calendar, away="2096-11-24 13:00 - 2096-11-26 10:00 Training"), **filled(page)}).status_code == 302
    assert sorted(calendar.tess.absences.values_list("reason", flat=True)) == ["Flu", "Training"]
    assert DayHours.objects.filter(staff=calendar.tess).count() == 1
    assert "2096-11-24 13:00 - 2096-11-26 10:00 Training" in carol.get(address).content.decode()


def test_areas_are_known_by_beginnings_that_no_other_has(calendar: Calendar, carol: Client) -> None:
    form = {"name": "Haarlem", "code": "haarlem", "country": "nl", "prefixes": "20 11, 2012,\n2013", "travel_within": 10, "travel_between": 40}
    assert carol.post("/settings/service-areas/new/", form).status_code == 302
    made = Area.objects.get(code="haarlem")
    assert (made.prefixes, made.country) == (["2011", "2012", "2013"], "NL")
    assert queries.area_of("2012 AB") == made
    twice = carol.post("/settings/service-areas/new/", {**form, "code": "other", "prefixes": "15, 2012"})
    assert "of the area" in twice.content.decode()
    wrong = carol.post("/settings/service-areas/new/", {**form, "code": "other", "prefixes": "Amster!dam"})
    assert "is no beginning of a postal code" in wrong.content.decode()
    short = carol.post("/settings/service-areas/new/", {**form, "code": "other", "prefixes": "99", "travel_between": 5})
    assert "cannot be shorter" in short.content.decode()
    refused = carol.post(f"/settings/service-areas/{calendar.north.pk}/remove/")
    assert (refused.status_code, "Tess" in refused.content.decode()) == (422, True)
    assert carol.post(f"/settings/service-areas/{made.pk}/remove/").status_code == 302
    assert not Area.objects.filter(code="haarlem").exists()


def test_kinds_of_visit_have_a_length_and_skills(calendar: Calendar, carol: Client) -> None:
    form = {"code": "descale", "minutes": 45, "on_site": "on", "active": "on", "skills": ["kettle"], "name-en": "Descaling", "name-th": "ล้างตะกรัน"}
    assert carol.post("/settings/visit-kinds/new/", form).status_code == 302
    made = VisitKind.objects.get(code="descale")
    assert (made.minutes, made.name_in("th"), [one.code for one in made.skills.all()]) == (45, "ล้างตะกรัน", ["kettle"])
    odd = carol.post("/settings/visit-kinds/new/", {**form, "code": "odd", "minutes": 50})
    assert "Quarters of an hour" in odd.content.decode()
    visit = actions.book(calendar.visit(), calendar.tess.pk, tuesday())
    address = f"/settings/visit-kinds/{calendar.repair.pk}/"
    page = carol.get(address).content.decode()
    changed = {"minutes": 30, "on_site": "on", "skills": [], "name-en": "Repair at home", **filled(page)}
    assert carol.post(address, changed).status_code == 302
    visit.refresh_from_db()
    assert visit.ends_minute - visit.starts_minute == 90, "what is booked keeps its length"
    assert "not booked any more" in carol.get("/settings/visit-kinds/").content.decode()


def test_who_manages_a_unit_sets_its_people_only(calendar: Calendar) -> None:
    role = Role.objects.create(code="lead", name="Lead", permissions={"appointments.manage": "unit"})
    lead = calendar.bob
    lead.roles.set([role])
    bob = signed_in(lead)
    assert bob.get("/settings/").status_code == 302
    assert bob.get(f"/settings/service-staff/{calendar.tess.pk}/").status_code == 200
    assert bob.get(f"/settings/service-areas/{calendar.north.pk}/").status_code == 404, "areas are everybody's"
    assert bob.get("/settings/visit-kinds/new/").status_code == 403
    calendar.theo.user.unit = Unit.objects.create(code="elsewhere", name="Elsewhere")
    calendar.theo.user.save()
    assert bob.get(f"/settings/service-staff/{calendar.theo.pk}/").status_code == 404
    for name in ("alice", "dave"):
        assert signed_in(getattr(calendar, name)).get("/settings/service-staff/").status_code == 403


def test_lists_make_as_many_queries_for_many_rows(calendar: Calendar, carol: Client, django_assert_num_queries: object) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    for place in ("service-staff", "service-areas", "visit-kinds"):
        carol.get(f"/settings/{place}/")
        with CaptureQueriesContext(connection) as two:
            carol.get(f"/settings/{place}/")
        if place == "service-staff":
            Staff.objects.create(user=calendar.bob)
        elif place == "service-areas":
            Area.objects.create(code="east", name="East")
        else:
            VisitKind.objects.create(code="other", names={"en": "Other"})
        with CaptureQueriesContext(connection) as three:
            carol.get(f"/settings/{place}/")
        assert len(three) == len(two), place


def test_lines_as_people_write_them() -> None:
    assert days_read("2026-12-24 9-12, 13.30–17\n\n2026-12-25") == [["2026-12-24", [["09:00", "12:00"], ["13:30", "17:00"]]], ["2026-12-25", []]]
    assert away_read("2026-11-24 13-15:00 Dentist\n2026-11-24 13:00 - 2026-11-26 10:00") == [
        ["2026-11-24 13:00", "2026-11-24 15:00", "Dentist"],
        ["2026-11-24 13:00", "2026-11-26 10:00", ""],
    ]
    assert away_read("sometime")[0][0] == "sometime"
