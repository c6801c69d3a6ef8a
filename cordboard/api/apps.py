from cordboard.lib.apps import CordboardApp


class Api(CordboardApp):
    name = "cordboard.api"
    label = "api"
