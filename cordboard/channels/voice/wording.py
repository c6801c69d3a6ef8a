"""What callers hear from us, in their language, written so that a synthetic voice says it well: numbers as words, digits apart.

Pure. A flow brings its own texts; here is what the switch itself has to say: waits, closing hours, trouble.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

LANGUAGES = ("en", "nl", "ru", "th", "zh-hans")

_EN = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_EN_TENS = ["", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_NL = [
    "nul",
    "een",
    "twee",
    "drie",
    "vier",
    "vijf",
    "zes",
    "zeven",
    "acht",
    "negen",
    "tien",
    "elf",
    "twaalf",
    "dertien",
    "veertien",
    "vijftien",
    "zestien",
    "zeventien",
    "achttien",
    "negentien",
]
_NL_TENS = ["", "", "twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig"]
_RU = [
    "ноль",
    "один",
    "два",
    "три",
    "четыре",
    "пять",
    "шесть",
    "семь",
    "восемь",
    "девять",
    "десять",
    "одиннадцать",
    "двенадцать",
    "тринадцать",
    "четырнадцать",
    "пятнадцать",
    "шестнадцать",
    "семнадцать",
    "восемнадцать",
    "девятнадцать",
]
_RU_TENS = ["", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто"]
_RU_OF = [
    "нуля",
    "одной",
    "двух",
    "трёх",
    "четырёх",
    "пяти",
    "шести",
    "семи",
    "восьми",
    "девяти",
    "десяти",
    "одиннадцати",
    "двенадцати",
    "тринадцати",
    "четырнадцати",
    "пятнадцати",
    "шестнадцати",
    "семнадцати",
    "восемнадцати",
    "девятнадцати",
]
_RU_OF_TENS = ["", "", "двадцати", "тридцати", "сорока", "пятидесяти", "шестидесяти", "семидесяти", "восьмидесяти", "девяноста"]
_TH = ["ศูนย์", "หนึ่ง", "สอง", "สาม", "สี่", "ห้า", "หก", "เจ็ด", "แปด", "เก้า"]
_ZH = "零一二三四五六七八九"


def _tens(small: list[str], tens: list[str], joint: str) -> Callable[[int], str]:
    def words(number: int) -> str:
        if number < 20:
            return small[number]
        ten, one = divmod(number, 10)
        return f"{tens[ten]}{joint}{small[one]}" if one else tens[ten]

    return words


def _dutch(number: int) -> str:
    if number < 20:
        return _NL[number]
    ten, one = divmod(number, 10)
    if not one:
        return _NL_TENS[ten]
    return f"{_NL[one]}{'ën' if _NL[one].endswith('e') else 'en'}{_NL_TENS[ten]}"


def _thai(number: int) -> str:
    ten, one = divmod(number, 10)
    if not ten:
        return _TH[one]
    head = {1: "สิบ", 2: "ยี่สิบ"}.get(ten, f"{_TH[ten]}สิบ")
    return head + ({0: "", 1: "เอ็ด"}.get(one, _TH[one]))


def _chinese(number: int) -> str:
    ten, one = divmod(number, 10)
    if not ten:
        return _ZH[one]
    return ("" if ten == 1 else _ZH[ten]) + "十" + (_ZH[one] if one else "")


_WORDS: dict[str, Callable[[int], str]] = {
    "en": _tens(_EN, _EN_TENS, "-"),
    "nl": _dutch,
    "ru": _tens(_RU, _RU_TENS, " "),
    "th": _thai,
    "zh-hans": _chinese,
}
_genitive = _tens(_RU_OF, _RU_OF_TENS, " ")


def known(language: str) -> str:
    """The language of ours that is nearest to `language` (a tag such as "nl-BE"), else English."""
    wanted = language.lower().replace("_", "-")
    if wanted in LANGUAGES:
        return wanted
    base = wanted.split("-")[0]
    return next((ours for ours in LANGUAGES if ours.split("-")[0] == base), "en")


def number(value: int, language: str) -> str:
    """`value` (0 to 99; beyond that digit by digit) in words."""
    language = known(language)
    if not 0 <= value <= 99:
        return digits(str(value), language)
    return _WORDS[language](value)


def digits(text: str, language: str) -> str:
    """The digits of a telephone or customer number, one by one, in groups of at most three so that the voice draws breath; all else is left out."""
    language = known(language)
    found = [_WORDS[language](int(one)) for one in text if one.isascii() and one.isdigit()]
    joint = "" if language in ("th", "zh-hans") else " "
    pause = "，" if language == "zh-hans" else ", "
    return pause.join(joint.join(found[at : at + 3]) for at in range(0, len(found), 3))


def _minutes_of(value: int) -> str:
    """Russian genitive: "одной минуты", "трёх минут"."""
    one = value % 10 == 1 and value % 100 != 11
    return f"{_genitive(value)} {'минуты' if one else 'минут'}"


def _zh_minutes(value: int) -> str:
    return ("两" if value == 2 else _chinese(value)) + "分钟"


def wait(low: int, high: int, language: str) -> str:
    """The wait to expect, as a band of minutes: "between three and six minutes". `high` 0 or less: no wait to speak of."""
    language = known(language)
    if high <= 0:
        return _ALMOST[language]
    if high > 60:
        return _LONG[language]
    if low <= 0:
        return {
            "en": f"You will probably wait less than {number(high, 'en')} {'minute' if high == 1 else 'minutes'}.",
            "nl": f"De wachttijd is waarschijnlijk minder dan {_dutch(high)} {'minuut' if high == 1 else 'minuten'}.",
            "ru": f"Время ожидания, вероятно, менее {_minutes_of(high)}.",
            "th": f"คาดว่าจะรอไม่ถึง{_thai(high)}นาที",
            "zh-hans": f"预计等候时间不到{_zh_minutes(high)}。",
        }[language]
    if low >= high:
        return {
            "en": f"You will probably wait about {number(high, 'en')} {'minute' if high == 1 else 'minutes'}.",
            "nl": f"De wachttijd is waarschijnlijk ongeveer {_dutch(high)} {'minuut' if high == 1 else 'minuten'}.",
            "ru": f"Время ожидания, вероятно, около {_minutes_of(high)}.",
            "th": f"คาดว่าจะรอประมาณ{_thai(high)}นาที",
            "zh-hans": f"预计等候时间约{_zh_minutes(high)}。",
        }[language]
    return {
        "en": f"You will probably wait between {number(low, 'en')} and {number(high, 'en')} minutes.",
        "nl": f"De wachttijd is waarschijnlijk tussen {_dutch(low)} en {_dutch(high)} minuten.",
        "ru": f"Время ожидания, вероятно, от {_genitive(low)} до {_minutes_of(high)}.",
        "th": f"คาดว่าจะรอระหว่าง{_thai(low)}ถึง{_thai(high)}นาที",
        "zh-hans": f"预计等候时间为{_chinese(low)}到{_chinese(high)}分钟。",
    }[language]


_ALMOST = {
    "en": "You are next. Somebody will be with you in a moment.",
    "nl": "U bent zo aan de beurt. U krijgt direct iemand aan de lijn.",
    "ru": "Вы следующий. Вам сейчас ответят.",
    "th": "ท่านเป็นสายถัดไป กรุณารอสักครู่",
    "zh-hans": "马上为您接通，请稍候。",
}
_LONG = {
    "en": "You will probably wait more than an hour.",
    "nl": "De wachttijd is waarschijnlijk meer dan een uur.",
    "ru": "Время ожидания, вероятно, более часа.",
    "th": "คาดว่าจะรอมากกว่าหนึ่งชั่วโมง",
    "zh-hans": "预计等候时间超过一小时。",
}
LONGER = {
    "en": "It takes longer than we said. We are sorry. You keep your place.",
    "nl": "Het duurt langer dan we zeiden. Dat spijt ons. U houdt uw plaats.",
    "ru": "Ожидание длится дольше, чем мы сказали. Приносим извинения. Ваше место в очереди сохраняется.",
    "th": "ใช้เวลานานกว่าที่แจ้งไว้ ขออภัย ท่านยังอยู่ในลำดับเดิม",
    "zh-hans": "等候时间比我们说的要长，很抱歉。您的位置会保留。",
}
STILL = {
    "en": "Thank you for waiting. You keep your place.",
    "nl": "Bedankt voor het wachten. U houdt uw plaats.",
    "ru": "Спасибо за ожидание. Ваше место в очереди сохраняется.",
    "th": "ขอบคุณที่รอ ท่านยังอยู่ในลำดับเดิม",
    "zh-hans": "感谢您的等候，您的位置会保留。",
}
TROUBLE = {
    "en": "We have a technical problem. You will be put through to a colleague.",
    "nl": "Er is een technische storing. U wordt doorverbonden met een collega.",
    "ru": "У нас технические неполадки. Соединяем вас с сотрудником.",
    "th": "ระบบขัดข้องชั่วคราว กำลังโอนสายไปยังเจ้าหน้าที่",
    "zh-hans": "系统出现故障，正在为您转接人工。",
}
SORRY = {
    "en": "We are sorry. We cannot take your call now because of a technical problem. Call us again later.",
    "nl": "Het spijt ons. Door een technische storing kunnen we uw oproep nu niet aannemen. Bel ons later nog eens.",
    "ru": "Приносим извинения. Из-за технических неполадок мы не можем принять ваш звонок. Позвоните нам позже.",
    "th": "ขออภัย ขณะนี้ไม่สามารถรับสายได้เนื่องจากระบบขัดข้อง โปรดโทรใหม่ภายหลัง",
    "zh-hans": "很抱歉，由于技术故障，目前无法接听您的来电。请稍后再拨。",
}
BACK = {
    "en": "The connection to our colleague was lost. Stay on the line, you are the first to be helped.",
    "nl": "De verbinding met onze collega is weggevallen. Blijf aan de lijn, u wordt als eerste geholpen.",
    "ru": "Связь с нашим сотрудником прервалась. Оставайтесь на линии, вам ответят первому.",
    "th": "สายเจ้าหน้าที่หลุด กรุณาถือสายรอ ท่านจะได้รับบริการเป็นลำดับแรก",
    "zh-hans": "与客服的连接中断了，请不要挂机，我们会优先为您接通。",
}
LISTENED_TO = {
    "en": "A supervisor joins this call to listen and to help.",
    "nl": "Een leidinggevende luistert mee in dit gesprek om te helpen.",
    "ru": "К разговору подключается руководитель, чтобы слушать и помогать.",
    "th": "หัวหน้างานกำลังร่วมฟังการสนทนานี้เพื่อช่วยเหลือ",
    "zh-hans": "主管将旁听本次通话并提供协助。",
}
RECORDED = {
    "en": "This call is recorded.",
    "nl": "Dit gesprek wordt opgenomen.",
    "ru": "Этот разговор записывается.",
    "th": "สายนี้มีการบันทึกเสียง",
    "zh-hans": "本次通话将被录音。",
}
ECHO_SPEAK = {
    "en": "Say something. You will hear it back.",
    "nl": "Zeg iets. U hoort het daarna terug.",
    "ru": "Скажите что-нибудь. Затем вы услышите запись.",
    "th": "พูดอะไรก็ได้ แล้วท่านจะได้ยินเสียงของท่านเอง",
    "zh-hans": "请说几句话，随后您会听到回放。",
}
ECHO_HEARD = {
    "en": "That was you. If you heard yourself, your microphone works.",
    "nl": "Dat was u. Als u zichzelf hoorde, werkt uw microfoon.",
    "ru": "Это были вы. Если вы слышали себя, микрофон работает.",
    "th": "นั่นคือเสียงของท่าน ถ้าได้ยิน แสดงว่าไมโครโฟนใช้งานได้",
    "zh-hans": "这就是您的声音。如果您听到了，说明麦克风工作正常。",
}

_DAYS = {
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    "nl": ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"],
    "ru": ["в понедельник", "во вторник", "в среду", "в четверг", "в пятницу", "в субботу", "в воскресенье"],
    "th": ["วันจันทร์", "วันอังคาร", "วันพุธ", "วันพฤหัสบดี", "วันศุกร์", "วันเสาร์", "วันอาทิตย์"],
    "zh-hans": ["星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"],
}
_TODAY = {"en": "today", "nl": "vandaag", "ru": "сегодня", "th": "วันนี้", "zh-hans": "今天"}
_TOMORROW = {"en": "tomorrow", "nl": "morgen", "ru": "завтра", "th": "พรุ่งนี้", "zh-hans": "明天"}


def moment(at: datetime, now: datetime, language: str) -> str:
    """Day and time as one says it: "tomorrow at eight thirty". Both in the zone of the listener; `at` within a week, else its weekday is ambiguous
    and the date is said with it."""
    language = known(language)
    days = (at.date() - now.date()).days
    if days == 0:
        day = _TODAY[language]
    elif days == 1:
        day = _TOMORROW[language]
    else:
        day = _DAYS[language][at.weekday()]
        day = f"on {day}" if language == "en" else f"op {day}" if language == "nl" else day
        if days > 6:
            day = f"{day} {_date(at, language)}"
    return _at(day, at.hour, at.minute, language)


def _date(at: datetime, language: str) -> str:
    if language == "zh-hans":
        return f"{_chinese(at.month)}月{_chinese(at.day)}日"
    return f"{number(at.day, language)} {_MONTHS[language][at.month - 1]}"


_MONTHS = {
    "en": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
    "nl": ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"],
    "ru": ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"],
    "th": ["มกราคม", "กุมภาพันธ์", "มีนาคม", "เมษายน", "พฤษภาคม", "มิถุนายน", "กรกฎาคม", "สิงหาคม", "กันยายน", "ตุลาคม", "พฤศจิกายน", "ธันวาคม"],
}


def _at(day: str, hour: int, minute: int, language: str) -> str:
    h, m = number(hour, language), number(minute, language)
    if language == "en":
        return f"{day} at {h} {'o’clock' if minute == 0 else m if minute > 9 else f'oh {m}'}"
    if language == "nl":
        return f"{day} om {h} uur{'' if minute == 0 else f' {m}'}"
    if language == "ru":
        hours = "час" if hour % 10 == 1 and hour != 11 else "часа" if hour % 10 in (2, 3, 4) and hour not in (12, 13, 14) else "часов"
        return f"{day} в {h} {hours}{'' if minute == 0 else f' {_ru_minutes(minute)}'}"
    if language == "th":
        return f"{day} เวลา{h}นาฬิกา{'' if minute == 0 else f'{m}นาที'}"
    return f"{day}{'两' if hour == 2 else h}点{'' if minute == 0 else f'{m}分'}"


def _ru_minutes(value: int) -> str:
    words = _WORDS["ru"](value)
    if 10 < value % 100 < 20:
        return f"{words} минут"
    ones = {1: ("один", "одна", "минута"), 2: ("два", "две", "минуты"), 3: ("", "", "минуты"), 4: ("", "", "минуты")}.get(value % 10)
    if ones is None:
        return f"{words} минут"
    return f"{words.replace(ones[0], ones[1]) if ones[0] else words} {ones[2]}"


def closed(opens: datetime | None, now: datetime, language: str) -> str:
    """Nobody is there now; when somebody will be."""
    language = known(language)
    base = _CLOSED[language]
    if opens is None:
        return base
    when = moment(opens, now, language)
    return (
        base
        + {
            "en": f" We open {when}.",
            "nl": f" We zijn er weer {when}.",
            "ru": f" Мы откроемся {when}.",
            "th": f" เปิดให้บริการ{when}",
            "zh-hans": f"我们将于{when}开始服务。",
        }[language]
    )


_CLOSED = {
    "en": "We are closed now.",
    "nl": "We zijn nu gesloten.",
    "ru": "Сейчас мы не работаем.",
    "th": "ขณะนี้อยู่นอกเวลาทำการ",
    "zh-hans": "现在不是服务时间。",
}
