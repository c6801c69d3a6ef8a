"""The few pages that the front writes itself, when there is no Django to do it."""

from __future__ import annotations

from html import escape

Words = tuple[str, str, str]

AWAY: dict[str, Words] = {
    "en": (
        "Cordboard is starting",
        "The part that makes the pages is not there at this moment.",
        "Nothing that was saved is lost. This page comes back by itself.",
    ),
    "nl": (
        "Cordboard wordt gestart",
        "Het onderdeel dat de pagina's maakt, is er op dit moment niet.",
        "Wat was opgeslagen, is er nog. Deze pagina komt vanzelf terug.",
    ),
    "ru": (
        "Cordboard запускается",
        "Та часть программы, которая создаёт страницы, сейчас недоступна.",
        "Всё сохранённое осталось на месте. Страница откроется сама.",
    ),
    "th": ("Cordboard กำลังเริ่มทำงาน", "ส่วนที่สร้างหน้าเว็บยังไม่พร้อมในขณะนี้", "ข้อมูลที่บันทึกไว้ไม่สูญหาย หน้านี้จะกลับมาเอง"),
    "zh": ("Cordboard 正在启动", "生成页面的部分此刻不可用。", "已保存的内容没有丢失。本页会自动恢复。"),
}
INTERRUPTED: dict[str, Words] = {
    "en": (
        "The answer did not come",
        "The part that makes the pages stopped while it worked on this.",
        "Look whether what you did was kept before you do it again.",
    ),
    "nl": (
        "Het antwoord kwam niet",
        "Het onderdeel dat de pagina's maakt, stopte terwijl het hiermee bezig was.",
        "Kijk of bewaard is wat u deed voordat u het opnieuw doet.",
    ),
    "ru": (
        "Ответ не пришёл",
        "Та часть программы, которая создаёт страницы, остановилась во время работы.",
        "Прежде чем повторять действие, проверьте, сохранилось ли оно.",
    ),
    "th": ("ไม่ได้รับคำตอบ", "ส่วนที่สร้างหน้าเว็บหยุดทำงานระหว่างดำเนินการ", "ตรวจดูก่อนว่าสิ่งที่คุณทำถูกบันทึกแล้วหรือไม่ ก่อนทำซ้ำ"),
    "zh": ("没有收到答复", "生成页面的部分在处理时停止了。", "重做之前，先看看刚才的操作是否已经保存。"),
}
TOO_LARGE: dict[str, Words] = {
    "en": ("That was too large", "What you sent is larger than this centre takes.", "Nothing of it was kept."),
    "nl": ("Dat was te groot", "Wat u stuurde, is groter dan dit centrum aanneemt.", "Er is niets van bewaard."),
    "ru": ("Слишком большой объём", "Отправлено больше, чем принимает этот центр.", "Ничего из этого не сохранено."),
    "th": ("ข้อมูลใหญ่เกินไป", "สิ่งที่คุณส่งมีขนาดใหญ่กว่าที่ศูนย์นี้รับได้", "ไม่มีส่วนใดถูกบันทึก"),
    "zh": ("内容过大", "您发送的内容超出了本中心可接收的大小。", "没有保存任何内容。"),
}
TOO_SLOW: dict[str, Words] = {
    "en": ("That took too long", "What you sent did not arrive in time.", "Nothing of it was kept. Send it again when the connection is better."),
    "nl": ("Dat duurde te lang", "Wat u stuurde, kwam niet op tijd aan.", "Er is niets van bewaard. Stuur het opnieuw als de verbinding beter is."),
    "ru": ("Это заняло слишком много времени", "Отправленное не дошло вовремя.", "Ничего не сохранено. Отправьте ещё раз, когда связь станет лучше."),
    "th": ("ใช้เวลานานเกินไป", "สิ่งที่คุณส่งมาไม่ถึงภายในเวลา", "ไม่มีส่วนใดถูกบันทึก ส่งอีกครั้งเมื่อการเชื่อมต่อดีขึ้น"),
    "zh": ("时间过长", "您发送的内容没有及时到达。", "没有保存任何内容。连接恢复后请重新发送。"),
}

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto 0;padding:0 1rem;color:#1d2b3a;background:#fff}"
    "h1{font-size:1.3rem}p{margin:.4rem 0}@media(prefers-color-scheme:dark){body{color:#dbe3ea;background:#14202b}}"
)


def language(headers: dict[bytes, bytes]) -> str:
    """The first language of ours that the cookie or the browser names, else English."""
    wanted = [
        part.strip().partition("=")[2] for part in headers.get(b"cookie", b"").decode("latin-1").split(";") if part.strip().startswith("cordboard_language=")
    ]
    wanted += [part.split(";")[0].strip() for part in headers.get(b"accept-language", b"").decode("latin-1").split(",")]
    return next((code[:2].lower() for code in wanted if code[:2].lower() in AWAY), "en")


def page(words: dict[str, Words], headers: dict[bytes, bytes], *, again: int | None = None) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Body and headers of a page in the reader's language. With `again` it loads itself anew after so many seconds."""
    code = language(headers)
    title, what, kept = (escape(text) for text in words[code])
    tag = "zh-Hans" if code == "zh" else code
    html = (
        f'<!doctype html><html lang="{tag}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{title}</title><style>{_STYLE}</style><main><h1>{title}</h1><p>{what}</p><p>{kept}</p></main></html>"
    ).encode()
    extra = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if again is not None:
        extra += [(b"refresh", str(again).encode()), (b"retry-after", str(again).encode())]
    return html, extra
