"""Cordboard: an interaction centre, a contact centre and its CRM in one program."""

from cordboard.lib.sqlite import use_sound_library

use_sound_library()
