"""Every address of the product, face by face."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("account/", include("cordboard.org.urls")),
    path("account/", include("allauth.urls")),
]
