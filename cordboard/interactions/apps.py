from cordboard.lib.apps import CordboardApp


class Interactions(CordboardApp):
    name = "cordboard.interactions"
    label = "interactions"
