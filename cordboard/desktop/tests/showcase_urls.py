"""The product's addresses and the showcase."""

from django.urls import path

from cordboard.desktop import showcase
from cordboard.urls import urlpatterns as product

urlpatterns = [path("showcase/<slug:name>/", showcase.state, name="showcase"), *product]
