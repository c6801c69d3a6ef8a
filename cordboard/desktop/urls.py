"""The desk."""

from django.urls import path

app_name = "desktop"
urlpatterns: list = []
