from django.urls import path

from cordboard.channels.voice import views

app_name = "voice"
urlpatterns = [
    path("call", views.call, name="call"),
    path("call/start", views.start, name="start"),
    path("recordings/<int:pk>.wav", views.recording, name="recording"),
]
