from cordboard.lib.apps import CordboardApp


class Rules(CordboardApp):
    name = "cordboard.rules"
    label = "rules"
