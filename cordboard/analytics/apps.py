from cordboard.lib.apps import CordboardApp


class Analytics(CordboardApp):
    name = "cordboard.analytics"
    label = "analytics"
