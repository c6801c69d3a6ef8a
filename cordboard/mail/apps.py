from cordboard.lib.apps import CordboardApp


class Mail(CordboardApp):
    name = "cordboard.mail"
    label = "mail"
