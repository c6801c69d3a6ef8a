from cordboard.lib.apps import CordboardApp


class Appointments(CordboardApp):
    name = "cordboard.appointments"
    label = "appointments"
