from django.urls import path

from cordboard.channels.voice import views, views_callback

app_name = "voice"
urlpatterns = [
    path("call", views.call, name="call"),
    path("call/back", views_callback.ask, name="ask_callback"),
    path("call/start", views.start, name="start"),
    path("messages/<int:pk>.wav", views.message, name="message"),
    path("recordings/<int:pk>.wav", views.recording, name="recording"),
]
