"""The words that scripts in the browser need, in the reader's language. Templates have their own; only what a script says stands here."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def words() -> dict[str, str]:
    """Key -> sentence. Values are put into {braces} by the script."""
    return {
        # the line to the server
        "live.lost": _("Connection lost."),
        "live.lost_more": _("Your call goes on, and what you type is kept here. Trying again."),
        "live.back": _("Back on line."),
        "live.back_more": _("Nothing was missed."),
        "live.reload": _("Back after a long time."),
        "live.reload_more": _("This page was brought up to date. Your call was not touched."),
        "live.signed_out": _("You were signed out."),
        "live.signed_out_more": _("What you typed is kept here. Sign in again to go on."),
        "live.sign_in": _("Sign in"),
        # the time of a state is over
        "over.more": _("You get no calls until you are ready again (F11)."),
        "over.seen": _("Seen"),
        # a manager has signed the agent out
        "out.more": _("You get no calls until you come back."),
        "out.back": _("Come back, not ready"),
        # a message from a manager
        "broadcast.read": _("I have read it"),
        # requests
        "error.network": _("That did not reach the server."),
        "error.network_more": _("Nothing was changed. Check the network, then try again."),
        "error.refused": _("You may not do that."),
        "error.refused_more": _("Nothing was changed. Ask a manager for the permission if you need it."),
        "error.gone": _("That is no longer there."),
        "error.gone_more": _("The screen was brought up to date."),
        "error.server": _("Something failed on the server."),
        "error.server_more": _("Nothing was changed. Try again; if it stays, tell your administrator the time: {time}."),
        "notice.close": _("Close"),
        # completing in a text
        "complete.found": _("{n} found. The arrow keys choose, Enter puts it in."),
        "complete.nobody": _("Nobody of this name sees the ticket."),
        "complete.nothing": _("No solution has these words."),
        # scratch pad
        "pad.kept": _("Kept {time}"),
        "pad.keeping": _("Keeping"),
        "pad.local": _("Kept on this computer, will be sent"),
        "pad.newer": _("Changed in another window."),
        "pad.newer_more": _("Both texts are in the pad now, yours below."),
        # softphone
        "phone.ok": _("Telephone ready"),
        "phone.asking": _("Allow the microphone"),
        "phone.asking_more": _("The browser asks above. Without it you cannot speak with callers."),
        "phone.denied": _("The browser refuses the microphone."),
        "phone.denied_more": _("Calls cannot be accepted. Allow the microphone for this page at the lock sign in the address bar, then check again."),
        "phone.missing": _("No microphone was found."),
        "phone.missing_more": _("Calls cannot be accepted. Plug in a headset, then check again."),
        "phone.busy": _("Another program holds the microphone."),
        "phone.busy_more": _("Close that program, then check again."),
        "phone.insecure": _("The browser gives the microphone to secure pages only."),
        "phone.insecure_more": _("Open this page over https, or on this computer as localhost."),
        "phone.unplugged": _("The microphone was unplugged."),
        "phone.unplugged_more": _("The caller cannot hear you. Plug it in again or choose another one."),
        "phone.listen_more": _("Listening in needs it. Allow or connect the microphone, then check again."),
        "phone.check": _("Check again"),
        "phone.elsewhere": _("The telephone is in another window."),
        "phone.elsewhere_more": _("This window shows everything, sound comes from the other one."),
        "phone.take": _("Take it here"),
        "phone.no_media": _("Sound does not get through."),
        "phone.no_media_more": _("The call stays. Connecting again; if it lasts, a firewall may block UDP."),
        "phone.poor": _("Poor connection"),
        "quality.good": _("Sound good ({mos})"),
        "quality.fair": _("Sound fair ({mos})"),
        "quality.bad": _("Sound bad ({mos})"),
        "quality.more": _("{lost}% lost, jitter {jitter} ms, {trip} ms there and back"),
        "phone.mute": _("Mute"),
        "phone.unmute": _("Unmute"),
        # the caller's page
        "call.idle": _("Not in a call"),
        "call.asking": _("Allow the microphone"),
        "call.connecting": _("Connecting"),
        "call.ringing": _("Ringing"),
        "call.up": _("Connected"),
        "call.ended": _("The call has ended"),
        "call.ended_more": _("Thank you for calling."),
        "call.busy": _("All lines are busy."),
        "call.busy_more": _("Try again in a few minutes."),
        "call.lost": _("The connection was lost."),
        "call.lost_more": _("Call again; what you keyed is remembered for a while."),
        "call.call": pgettext("button", "Call"),
        "call.again": _("Call again"),
        # keyboard and palette
        "palette.none": _("Nothing found. Other words may help."),
        "palette.actions": _("Actions"),
        "palette.disabled": _("not now"),
    }
