"""Words of liking and disliking, and words that turn them round, in the five languages. Stems where words bend: a word counts when it begins so ("*" at its end)."""

from __future__ import annotations

GOOD: dict[str, str] = {
    "en": "good great excellent perfect happy glad pleased satisfied thank* appreciat* love* lovely nice wonderful amazing awesome fantastic helpful kind friendly quick* "
    "fast solved resolved works working fine best better recommend* easy polite impress* delight* brilliant super smooth* well pleasant",
    "nl": "goed* fijn* top perfect uitstekend* blij* tevreden bedankt dank* super mooi* prachtig* geweldig* vriendelijk* behulpzaam* snel* opgelost werkt prima beste beter "
    "aanrader makkelijk* netjes keurig* prettig* leuk* heerlijk* compliment* fantastisch* aardig* gelukkig",
    "ru": "хорош* отличн* прекрасн* замечательн* великолепн* довол* рад рада рады спасибо благодар* люблю нравится понравил* приятн* вежлив* быстр* помог* решен* решил* "
    "работает лучш* рекоменд* удобн* супер идеальн* качественн* молодц* классн* чудесн* любезн*",
    "th": "ดี ดีมาก เยี่ยม ยอดเยี่ยม ขอบคุณ พอใจ ประทับใจ ชอบ รัก สุภาพ รวดเร็ว เร็ว สะดวก ง่าย แนะนำ ช่วยเหลือดี แก้ได้ ใช้ได้ สวย คุ้มค่า ถูกใจ สุดยอด น่ารัก ใจดี ดีใจ สมบูรณ์แบบ",
    "zh-hans": "好 很好 非常好 不错 满意 感谢 谢谢 喜欢 高兴 开心 优秀 完美 棒 太棒了 赞 快 很快 方便 容易 解决了 推荐 耐心 热情 周到 友好 专业 值得 舒服 顺利 好用 给力",
}
BAD: dict[str, str] = {
    "en": "bad terrible awful horrible worst worse poor angry furious upset annoy* disappoint* unhappy dissatisf* complain* complaint broken broke damaged defect* fail* faulty "
    "wrong late delay* slow* rude useless waste* problem* issue* never missing lost scam fraud ridiculous unacceptable frustrat* disgust* hate* cancel* refund dangerous smoke "
    "burn* shock* leak* noise noisy stuck unfair impossible sorry ignored waiting",
    "nl": "slecht* vreselijk* verschrikkelijk* afschuwelijk* boos boze kwaad woedend teleurgesteld* teleurstell* ontevreden klacht* klagen kapot* stuk beschadigd* defect* fout* "
    "verkeerd* laat vertraag* traag trage onbeschoft* onbeleefd* waardeloos* waardeloze probleem problemen storing* nooit kwijt vermist oplicht* belachelijk* schandalig* "
    "schande onacceptabel* ergerlijk* frustrer* haat annuler* gevaarlijk* rook brand* lek* lawaai herrie vast oneerlijk* onmogelijk jammer beroerd* ellende slordig* wachten wacht "
    "balen stinkt mislukt*",
    "ru": "плох* ужас* отвратительн* кошмар* худш* хуже зл* сердит* возмущ* разочаров* недовол* жалоб* жалу* сломан* сломал* поврежд* брак* дефект* неисправн* ошибк* неправильн* "
    "опозда* опаздыва* задерж* медленн* груб* хам* бесполезн* проблем* никогда потерял* пропал* обман* мошенн* нелеп* недопустим* безобрази* ненавиж* отмен* опасн* дым* гор* "
    "течет течёт шум* застрял* нечестн* невозможн* жаль надоел* позор*",
    "th": "แย่ แย่มาก เลว ห่วย โกรธ โมโห ผิดหวัง ไม่พอใจ ร้องเรียน เสีย พัง ชำรุด แตก ผิด ช้า ล่าช้า หยาบคาย ไร้ประโยชน์ ปัญหา หาย สูญหาย โกง หลอกลวง รับไม่ได้ หงุดหงิด เกลียด ยกเลิก "
    "อันตราย ควัน ไหม้ ไฟดูด รั่ว เสียงดัง ค้าง รอนาน บุบ ขัดข้อง เบื่อ แพงเกินไป",
    "zh-hans": "差 太差 很差 糟糕 糟 生气 愤怒 失望 不满 不满意 投诉 抱怨 坏 坏了 破损 损坏 故障 错误 错 晚 迟 延误 太慢 慢 粗鲁 没用 问题 丢失 丢了 骗 欺诈 荒唐 不可接受 烦 讨厌 恨 取消 "
    "危险 冒烟 着火 漏 漏水 噪音 卡住 不公平 等了 难用 差劲 恶劣 垃圾",
}
NOT: dict[str, str] = {
    "en": "not no never don't doesn't didn't isn't wasn't aren't can't cannot couldn't won't wouldn't haven't hasn't without hardly nothing neither nor",
    "nl": "niet geen nooit niks niets zonder nauwelijks noch",
    "ru": "не нет ни никогда без нельзя ничего",
    "th": "ไม่ ไม่ได้ ไม่เคย ไม่มี ไม่ค่อย ยังไม่",
    "zh-hans": "不 没 没有 未 别 不是 从不 并不 不太 不够",
}
MORE: dict[str, str] = {
    "en": "very really so extremely totally completely absolutely too again still",
    "nl": "heel erg zeer echt zo ontzettend helemaal totaal weer nog",
    "ru": "очень так совсем крайне совершенно опять снова слишком",
    "th": "มาก จริงๆ สุดๆ เกินไป อีกแล้ว",
    "zh-hans": "很 非常 太 特别 十分 极其 又 真",
}
