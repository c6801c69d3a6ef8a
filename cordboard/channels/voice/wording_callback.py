"""What callers hear about being called back, in their language. Pure."""

from __future__ import annotations

from cordboard.channels.voice.wording import known

OFFER = {
    "en": "You need not stay on the line. Press {key} and we call you back when it is your turn. You keep your place.",
    "nl": "U hoeft niet aan de lijn te blijven. Toets {key} en wij bellen u terug als u aan de beurt bent. U houdt uw plaats.",
    "ru": "Вам не нужно оставаться на линии. Нажмите {key}, и мы перезвоним вам, когда подойдёт ваша очередь. Ваше место сохранится.",
    "th": "ท่านไม่จำเป็นต้องถือสายรอ กด {key} แล้วเราจะโทรกลับเมื่อถึงคิวของท่าน โดยท่านยังคงอยู่ในคิวเดิม",
    "zh-hans": "您无需一直等候。请按{key}，轮到您时我们会给您回电，您的排队位置会保留。",
}
CONFIRM = {
    "en": "We call you back on {number}. Press 1 if that is right, 2 to give another number, or star to stay on the line.",
    "nl": "Wij bellen u terug op {number}. Toets 1 als dat klopt, 2 voor een ander nummer, of sterretje om aan de lijn te blijven.",
    "ru": "Мы перезвоним вам по номеру {number}. Нажмите 1, если он верен, 2, чтобы указать другой номер, или звёздочку, чтобы остаться на линии.",
    "th": "เราจะโทรกลับที่หมายเลข {number} กด 1 หากถูกต้อง กด 2 เพื่อระบุหมายเลขอื่น หรือกดดอกจันเพื่อรอสายต่อ",
    "zh-hans": "我们将回拨{number}。正确请按1，更换号码请按2，继续等候请按星号键。",
}
KEY_IN = {
    "en": "Key the number on which we can reach you, with the area code, and then hash. Press star to stay on the line.",
    "nl": "Toets het nummer waarop wij u kunnen bereiken, met het netnummer, en daarna hekje. Toets sterretje om aan de lijn te blijven.",
    "ru": "Наберите номер, по которому с вами можно связаться, с кодом города, и нажмите решётку. Нажмите звёздочку, чтобы остаться на линии.",
    "th": "กรุณากดหมายเลขโทรศัพท์ที่ติดต่อท่านได้ แล้วตามด้วยเครื่องหมายสี่เหลี่ยม หรือกดดอกจันเพื่อรอสายต่อ",
    "zh-hans": "请输入可以联系到您的电话号码，包括区号，并以井号键结束。继续等候请按星号键。",
}
NOT_THIS = {
    "en": "We cannot call this number.",
    "nl": "Dit nummer kunnen wij niet bellen.",
    "ru": "По этому номеру мы позвонить не можем.",
    "th": "เราไม่สามารถโทรไปยังหมายเลขนี้ได้",
    "zh-hans": "我们无法拨打这个号码。",
}
KEPT = {
    "en": "Your place is kept. We call you as soon as it is your turn. Goodbye.",
    "nl": "Uw plaats blijft behouden. Wij bellen u zodra u aan de beurt bent. Tot straks.",
    "ru": "Ваше место сохранено. Мы перезвоним, как только подойдёт ваша очередь. До свидания.",
    "th": "เราเก็บคิวของท่านไว้แล้ว และจะโทรกลับทันทีที่ถึงคิวของท่าน สวัสดี",
    "zh-hans": "您的位置已保留。轮到您时我们会立即给您回电。再见。",
}
STAY = {
    "en": "You stay in the queue, in your place.",
    "nl": "U blijft in de wachtrij, op uw plaats.",
    "ru": "Вы остаётесь в очереди на своём месте.",
    "th": "ท่านยังอยู่ในคิวเดิมของท่าน",
    "zh-hans": "您仍在队列中，位置不变。",
}


def said(words: dict[str, str], language: str, *, key: str = "", number: str = "") -> str:
    """One of the texts above, with its key or number as it is spoken: digit by digit."""
    spoken = {
        "*": {"en": "star", "nl": "sterretje", "ru": "звёздочку", "th": "ดอกจัน", "zh-hans": "星号键"},
        "#": {"en": "hash", "nl": "hekje", "ru": "решётку", "th": "สี่เหลี่ยม", "zh-hans": "井号键"},
    }
    tongue = known(language)
    shown = spoken[key][tongue] if key in spoken else key
    return words[tongue].replace("{key}", shown).replace("{number}", digits(number, tongue))


def digits(number: str, language: str) -> str:
    """A number as it is read out: each digit alone, in groups of three, "plus" in front of an international one."""
    plus = {"en": "plus ", "nl": "plus ", "ru": "плюс ", "th": "บวก ", "zh-hans": "加"}[known(language)] if number.startswith("+") else ""
    bare = [sign for sign in number if sign.isdigit()]
    groups = [" ".join(bare[at : at + 3]) for at in range(0, len(bare), 3)]
    return plus + ", ".join(groups)
