"""Every address of the product, face by face.

Of allauth only the pages that the centre uses are here: accounts are made by the centre, so there is no sign-up, no change
of address by oneself, and no reset by mail before there is mail.
"""

from __future__ import annotations

from importlib.util import find_spec

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from django.urls import include, path

sign_in = [
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/2fa/", mfa.index, name="mfa_index"),
    path("account/2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("account/2fa/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/2fa/app/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/2fa/app/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/2fa/codes/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/2fa/codes/generate/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/2fa/codes/download/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
]

_FACES = (
    ("internal/", "cordboard.events.urls"),
    ("account/", "cordboard.org.urls"),
    ("", "cordboard.channels.voice.urls"),
    ("", "cordboard.portals.urls"),
    ("", "cordboard.analytics.urls"),
    ("", "cordboard.api.urls"),
    ("", "cordboard.flows.urls"),
    ("", "cordboard.workbench.urls"),
    ("", "cordboard.desktop.urls"),
)

urlpatterns = [*sign_in, *(path(prefix, include(module)) for prefix, module in _FACES if find_spec(module))]

handler400 = "cordboard.org.errors.bad_request"
handler403 = "cordboard.org.errors.forbidden"
handler404 = "cordboard.org.errors.not_found"
handler500 = "cordboard.org.errors.server_error"
