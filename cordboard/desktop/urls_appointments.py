"""Calendars of service staff, booking, and the address that calendar programs read."""

from django.urls import path

from cordboard.desktop import views_appointments, views_booking, views_feed, views_order_visit

patterns = [
    path("appointments/", views_appointments.calendar, name="appointments"),
    path("appointments/new/", views_booking.new, name="appointment_new"),
    path("appointments/offer/", views_booking.offer, name="appointment_offer"),
    path("appointments/release/", views_booking.release, name="appointment_release"),
    path("appointments/book/<int:number>/", views_booking.book, name="appointment_book"),
    path("appointments/address/", views_feed.page, name="calendar_feed"),
    path("appointments/feed/<str:secret>.ics", views_feed.feed, name="calendar_ics"),
    path("appointments/<int:number>/", views_appointments.one, name="appointment"),
    path("appointments/<int:number>/order/", views_order_visit.order, name="appointment_order"),
    path("appointments/<int:number>/<slug:verb>/", views_appointments.act, name="appointment_act"),
]
