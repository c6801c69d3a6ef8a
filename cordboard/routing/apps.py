from cordboard.lib.apps import CordboardApp


class Routing(CordboardApp):
    name = "cordboard.routing"
    label = "routing"
