from cordboard.lib.apps import CordboardApp


class Catalogue(CordboardApp):
    name = "cordboard.catalogue"
    label = "catalogue"
