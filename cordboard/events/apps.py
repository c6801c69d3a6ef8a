from cordboard.lib.apps import CordboardApp


class EventsApp(CordboardApp):
    name = "cordboard.events"
    label = "events"
    default = True
