"""Under `/internal/`, for the front alone."""

from django.urls import path

from cordboard.events import views

app_name = "events"
urlpatterns = [
    path("live/hello", views.hello, name="hello"),
    path("live/guest", views.guest, name="guest"),
    path("live/subscribe", views.subscribe, name="subscribe"),
    path("health", views.health, name="health"),
    path("live/presence", views.heard, name="presence"),
]
