"""Telephone calls as records: the lines we have, the calls, their recordings."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Line(models.Model):
    """A number that customers dial: which flow answers it, in which country and language."""

    number = models.CharField(max_length=40, unique=True, help_text="as the switch receives it: 100, +31800..., ...")
    name = models.CharField(max_length=80)
    flow = models.SlugField(max_length=60, help_text="code of the flow that answers")
    queue = models.ForeignKey(
        "routing.Queue", on_delete=models.PROTECT, related_name="lines", help_text="where callers go when the flow fails or says no queue"
    )
    country = models.CharField(max_length=2, default="NL")
    languages = models.JSONField(default=list, help_text="offered, first is the default")

    class Meta:
        db_table = "voice_line"
        ordering = ("number",)


class Emergency(models.Model):
    """What everybody hears first who calls in for a queue, and who waits in it: a storm, a fault, a fire. Until it is switched off or its time is over."""

    queue = models.ForeignKey("routing.Queue", on_delete=models.CASCADE, related_name="emergencies")
    texts = models.JSONField(default=dict, help_text="language -> what is said; a language without a text hears the English one, else any")
    began_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True, help_text="switched off")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        db_table = "voice_emergency"
        constraints = (models.UniqueConstraint(fields=("queue",), condition=models.Q(ended_at=None), name="emergency_once"),)


class Call(models.Model):
    """The telephone side of an interaction. What the call is like at this moment stands with it in its media process."""

    interaction = models.OneToOneField("interactions.Interaction", primary_key=True, on_delete=models.CASCADE, related_name="call")
    reference = models.CharField(max_length=64, unique=True, help_text="the switch's name for the call")
    node = models.CharField(max_length=40)
    line = models.ForeignKey(Line, null=True, on_delete=models.SET_NULL, related_name="calls")
    run = models.ForeignKey("flows.Run", null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=8, default="sip")
    trunk = models.CharField(max_length=40, blank=True, default="", db_default="", help_text="code of the one that it came in over")
    private_at = models.DateTimeField(null=True, help_text="since when nothing of it is recorded, because card data is spoken")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "voice_call"
        indexes = (models.Index(fields=("node",), name="call_alive", condition=models.Q(ended_at=None)),)


class Recording(models.Model):
    """A recording and what the law wants known of it: announced, by which rule."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="recordings")
    reference = models.CharField(max_length=64, unique=True)
    path = models.CharField(max_length=200, help_text="below the data folder's files")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    announced = models.BooleanField(default=False)
    rule = models.CharField(max_length=120, blank=True, default="")
    error = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        db_table = "voice_recording"


class CardEntry(models.Model):
    """A customer was sent to the automated service in the middle of a talk to key a card number, and what may be known of it. The number itself is kept nowhere."""

    class State(models.TextChoices):
        ASKING = "asking", _("being keyed")
        GIVEN = "given", _("given")
        NOT_GIVEN = "not_given", _("not given")
        STOPPED = "stopped", _("taken back")
        FAILED = "failed", _("failed")

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="card_entries")
    segment = models.ForeignKey("interactions.Segment", on_delete=models.CASCADE, related_name="+", help_text="whose customer it was")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKING)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    digits = models.PositiveSmallIntegerField(null=True, help_text="how many were keyed at the last try")
    checked = models.BooleanField(null=True, help_text="whether the check digit was right then (ISO/IEC 7812-1 annex B)")
    last = models.CharField(max_length=4, blank=True, default="", help_text="the last four, of a number that was right")
    pauses = models.BooleanField(default=False, help_text="the recording was paused for it, and goes on after it")

    class Meta:
        db_table = "voice_card_entry"
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("call",), condition=models.Q(ended_at=None), name="voice_card_once"),)


class LegQuality(models.Model):
    """How well one leg of a call was heard over its whole life, as its media process counted and the far side reported."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="qualities")
    leg = models.CharField(max_length=80, unique=True, help_text="the switch's name for the leg")
    segment = models.ForeignKey("interactions.Segment", null=True, on_delete=models.SET_NULL, related_name="+", help_text="whose part; none is the customer's")
    codec = models.CharField(max_length=10)
    seconds = models.FloatField()
    mos = models.FloatField(help_text="estimated mean opinion score, 1 to 4.4 (ITU-T G.107), of the worse direction")
    lowest = models.FloatField(help_text="of the worst interval of five seconds")
    loss = models.FloatField(help_text="share of packets that never came to us")
    jitter = models.FloatField(help_text="seconds")
    far_loss = models.FloatField(null=True, help_text="share of our packets that the far side says it missed")
    far_jitter = models.FloatField(null=True)
    round_trip = models.FloatField(null=True, help_text="seconds")
    at = models.DateTimeField()

    class Meta:
        db_table = "voice_leg_quality"
        ordering = ("id",)


class Prompt(models.Model):
    """An announcement of the centre's own, uploaded as WAV. Where the file is gone, its text is spoken."""

    code = models.SlugField(max_length=60)
    language = models.CharField(max_length=10)
    text = models.TextField(help_text="what it says: spoken where there is no file")
    file = models.CharField(max_length=120, blank=True, default="", help_text="name below files/prompts-uploaded")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "voice_prompt"
        constraints = (models.UniqueConstraint(fields=("code", "language"), name="voice_prompt_once"),)


class WebCall(models.Model):
    """Leave to place one call from a web page. The token names this row; the first call uses it up. The address is kept as a digest, to count by."""

    key = models.CharField(max_length=32, unique=True)
    address = models.CharField(max_length=32)
    issued_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "voice_web_call"
        indexes = (models.Index(fields=("address", "issued_at"), name="web_call_rate"), models.Index(fields=("issued_at",), name="web_call_issued"))


class Phone(models.Model):
    """A desk telephone's account at the switch. Of its secret only the digests are kept that it is asked by (RFC 7616), sealed; they hold for `realm`."""

    account = models.CharField(max_length=64, unique=True, help_text="the name by which it registers")
    name = models.CharField(max_length=80, blank=True, default="")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="phones", help_text="who works on it")
    realm = models.CharField(max_length=120)
    digests = models.JSONField(default=dict, help_text="by algorithm, sealed")
    answers_itself = models.BooleanField(default=False, help_text="it picks up when it is asked to, so it is called once the agent has accepted")
    chosen_at = models.DateTimeField(null=True, help_text="since when its user works on it instead of in the browser")
    made_at = models.DateTimeField()

    class Meta:
        db_table = "voice_phone"
        ordering = ("account",)
        constraints = (models.UniqueConstraint(fields=("user",), condition=models.Q(chosen_at__isnull=False), name="voice_phone_chosen_once"),)


class PhoneContact(models.Model):
    """Where one telephone of an account is registered, at one node, for a while. A switch that is started anew knows them from here."""

    phone = models.ForeignKey(Phone, on_delete=models.CASCADE, related_name="contacts")
    node = models.CharField(max_length=40)
    address = models.CharField(max_length=300)
    until = models.DateTimeField()
    q = models.FloatField(default=1.0)
    agent = models.CharField(max_length=80, blank=True, default="", help_text="what kind of telephone it says it is")
    memo = models.CharField(max_length=600, help_text="what the switch must know to go on with it")

    class Meta:
        db_table = "voice_phone_contact"
        constraints = (models.UniqueConstraint(fields=("phone", "node", "address"), name="voice_phone_contact_once"),)


class Voicemail(models.Model):
    """A message that a caller left: for a queue, or for one agent. Its recording is kept and heard like any other; who has heard it first is kept here."""

    class Why(models.TextChoices):
        SETTLED = "settled", _("settled in another way")
        PASSED_ON = "passed_on", _("passed on to somebody")
        NOTHING = "nothing", _("nothing to do about it")
        NOBODY = "nobody", _("nobody can tell who called")

    recording = models.OneToOneField(Recording, primary_key=True, on_delete=models.CASCADE, related_name="voicemail")
    queue = models.ForeignKey("routing.Queue", on_delete=models.PROTECT, related_name="+")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", help_text="none: for whoever of the queue")
    callback = models.OneToOneField(
        "routing.Callback", null=True, on_delete=models.SET_NULL, related_name="voicemail", help_text="none where no number was shown"
    )
    left_at = models.DateTimeField()
    seconds = models.FloatField(help_text="of speech")
    heard_at = models.DateTimeField(null=True)
    heard_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    done_at = models.DateTimeField(null=True, help_text="nothing is left to do about it")
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    done_why = models.CharField(max_length=10, choices=Why.choices, blank=True, default="", db_default="", help_text="why nobody was called")

    class Meta:
        db_table = "voice_voicemail"
        indexes = (
            models.Index(fields=("queue", "left_at"), name="voicemail_open", condition=models.Q(done_at=None)),
            models.Index(fields=("agent", "left_at"), name="voicemail_of_agent", condition=models.Q(done_at=None)),
        )


class Trunk(models.Model):
    """A way to the telephone network: calls to numbers outside go over the first one that is up and has room. What the fields mean for the switch is told
    by `telephony.driver.Trunk`."""

    code = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0, help_text="lower ones are tried first")
    active = models.BooleanField(default=True)
    host = models.GenericIPAddressField(null=True, help_text="the trunk's address; none for a practice trunk")
    port = models.PositiveIntegerField(default=5060)
    transport = models.CharField(max_length=8, default="udp", help_text="udp, tcp, tls, or practice")
    domain = models.CharField(max_length=120, blank=True, default="", help_text="what stands behind the @, where that is not the address")
    register = models.BooleanField(default=False)
    expires = models.PositiveIntegerField(default=600, help_text="seconds that a registration is to hold")
    username = models.CharField(max_length=120, blank=True, default="")
    secret = models.TextField(blank=True, default="", help_text="sealed; never shown")
    numbers = models.JSONField(default=list, help_text="ours at this trunk, the first is shown when no other may be")
    any_caller_id = models.BooleanField(default=False)
    identity = models.CharField(max_length=12, default="asserted", help_text="from, asserted, preferred")
    number_format = models.CharField(max_length=8, default="+", help_text="+, digits, 00")
    limit = models.PositiveIntegerField(default=0, help_text="calls at a time, 0 for any number")
    minutes = models.PositiveIntegerField(default=0, db_default=0, help_text="that calls out may last together in a day, 0 for any")
    redirects = models.JSONField(default=list, help_text="beginnings of numbers to which a redirection may lead")
    keepalive = models.FloatField(default=30.0, help_text="seconds between questions whether it lives, 0 for none")
    tell_hold = models.BooleanField(default=False, help_text="tell it when its caller is on hold")

    class Meta:
        db_table = "voice_trunk"
        ordering = ("position", "code")


class TrunkStanding(models.Model):
    """Whether a node can use a trunk, and since when."""

    trunk = models.ForeignKey(Trunk, on_delete=models.CASCADE, related_name="standings")
    node = models.CharField(max_length=40)
    up = models.BooleanField()
    reason = models.CharField(max_length=80, blank=True, default="")
    since = models.DateTimeField()

    class Meta:
        db_table = "voice_trunk_standing"
        constraints = (models.UniqueConstraint(fields=("trunk", "node"), name="voice_trunk_standing_once"),)


class TrunkTest(models.Model):
    """Somebody wanted to know whether a trunk answers. Each node that runs a switch asks for itself."""

    trunk = models.ForeignKey(Trunk, on_delete=models.CASCADE, related_name="tests")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField()
    answers = models.JSONField(default=dict, help_text='node -> {"answer": "200 OK", "seconds": 0.012}')

    class Meta:
        db_table = "voice_trunk_test"
        ordering = ("-id",)


class Listening(models.Model):
    """Somebody has listened to a recording: who and when, for as long as the recording is kept."""

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="listenings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "voice_listening"
        ordering = ("-id",)
