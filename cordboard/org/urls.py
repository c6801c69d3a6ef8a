"""Own account: settings, sessions. Sign-in itself is allauth's."""

from __future__ import annotations

from django.urls import path

from cordboard.org import views, views_links, views_tokens

app_name = "org"
urlpatterns = [
    path("language/", views.set_language, name="language"),
    path("settings/", views.settings_page, name="settings"),
    path("theme/", views.set_theme, name="theme"),
    path("sessions/", views.sessions, name="sessions"),
    path("sessions/end/", views.end_session, name="end_session"),
    path("password/<str:name>/<str:token>/", views_links.choose, name="choose_password"),
    path("tokens/", views_tokens.tokens, name="tokens"),
    path("tokens/revoke/", views_tokens.revoke, name="token_revoke"),
]
