from cordboard.lib.apps import CordboardApp


class Workbench(CordboardApp):
    name = "cordboard.workbench"
    label = "workbench"
