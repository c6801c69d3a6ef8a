from django.urls import path

from cordboard.channels.voice import views, views_callback, views_device

app_name = "voice"
urlpatterns = [
    path("call", views.call, name="call"),
    path("call/back", views_callback.ask, name="ask_callback"),
    path("call/start", views.start, name="start"),
    path("messages/<int:pk>.wav", views.message, name="message"),
    path("voice/device", views_device.device, name="device"),
    path("recordings/<int:pk>.wav", views.recording, name="recording"),
]
