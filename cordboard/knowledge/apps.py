from cordboard.lib.apps import CordboardApp


class Knowledge(CordboardApp):
    name = "cordboard.knowledge"
    label = "knowledge"
