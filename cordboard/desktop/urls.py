"""The desk, and the pages beside it."""

from django.urls import path

from cordboard.desktop import views, views_announcements, views_board, views_calls, views_customers, views_forms, views_knowledge, views_worklist

app_name = "desktop"
urlpatterns = [
    path("", views.home, name="home"),
    path("desk/", views.page, name="desk"),
    path("desk/fragments/", views.fragments, name="fragments"),
    path("desk/state/", views.state, name="state"),
    path("desk/state/seen/", views.state_seen, name="state_seen"),
    path("desk/ring-tone/", views.ring_tone, name="ring_tone"),
    path("desk/transfer/", views.transfer, name="transfer"),
    path("desk/pick-up/", views_calls.pick_up, name="pick_up"),
    path("desk/find/", views.find, name="find"),
    path("desk/note/", views.note, name="loose_note"),
    path("desk/alerts/<int:number>/", views.alert, name="alert"),
    path("desk/<int:interaction>/note/", views.note, name="note"),
    path("desk/<int:interaction>/new-customer/", views_forms.new_customer, name="new_customer"),
    path("desk/<int:interaction>/details/", views_forms.details, name="details"),
    path("desk/<int:interaction>/new-ticket/", views_forms.new_ticket, name="new_ticket"),
    path("desk/<int:interaction>/tickets/<int:ticket>/note/", views_forms.ticket_note, name="ticket_note"),
    path("desk/<int:interaction>/<slug:verb>/", views.act, name="act"),
    path("customers/", views_customers.listing, name="customers"),
    path("customers/new/", views_customers.create, name="customer_new"),
    path("customers/<int:number>/", views_customers.detail, name="customer"),
    path("knowledge/", views_knowledge.listing, name="knowledge"),
    path("knowledge/<int:number>/", views_knowledge.detail, name="article"),
    path("board/", views_board.live, name="board"),
    path("worklist/", views_worklist.listing, name="worklist"),
    path("worklist/new/", views_worklist.promise, name="callback_new"),
    path("worklist/of/<int:interaction>/", views_worklist.of_contact, name="callback_of"),
    path("worklist/messages/<int:number>/done/", views_worklist.message_done, name="message_done"),
    path("worklist/<int:number>/", views_worklist.detail, name="callback"),
    path("worklist/<int:number>/<slug:verb>/", views_worklist.act, name="callback_act"),
    path("dial/", views_worklist.dialler, name="dial"),
    path("dial/call/", views_worklist.call, name="call"),
    path("board/<int:interaction>/supervise/", views_calls.supervise, name="supervise"),
    path("board/<int:interaction>/stop-supervising/", views_calls.stop_supervising, name="stop_supervising"),
    path("announcements/", views_announcements.listing, name="announcements"),
    path("announcements/<str:code>/", views_announcements.detail, name="announcement"),
    path("announcements/<str:code>/forget/", views_announcements.forget, name="announcement_forget"),
    path("announcements/<str:code>/<str:language>.wav", views_announcements.sound, name="announcement_sound"),
]
