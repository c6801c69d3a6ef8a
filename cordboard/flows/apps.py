from cordboard.lib.apps import CordboardApp


class Flows(CordboardApp):
    name = "cordboard.flows"
    label = "flows"
