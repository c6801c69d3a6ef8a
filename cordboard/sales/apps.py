from cordboard.lib.apps import CordboardApp


class Sales(CordboardApp):
    name = "cordboard.sales"
    label = "sales"
