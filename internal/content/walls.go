package content

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// short is the length in characters below which a text is taken for a summary.
// Scripts that write a word in a character or two say three times as much.
const short = 700

// Short reports whether a text is so short, or ends in such a way, that there
// is probably more of it on its page.
func Short(text string) bool {
	size := 0
	for _, r := range text {
		if size++; unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			size += 2
		}
	}
	return size < short || Cut(text)
}

// Cut reports whether a text is cut off: it ends in dots, in words such as
// "continue reading", or, where sentences end in a mark, without one.
func Cut(text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	tail := text[max(0, len(text)-80):]
	for _, words := range continues {
		if strings.Contains(tail, words) {
			return true
		}
	}
	end := strings.TrimRight(text, " \n)]>»›→\"'”’")
	if strings.HasSuffix(end, "…") || strings.HasSuffix(end, "...") || strings.HasSuffix(end, "[&#8230;") {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(end)
	return last == ',' || unicode.Is(unicode.Pd, last)
}

// pleads reports whether the text, in lower case, holds one of the words.
func pleads(text string, words []string) bool {
	for _, w := range words {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// gateName reports whether a name is one that is given to what hides the rest
// of an article.
func gateName(names string) bool {
	for name := range strings.FieldsSeq(names) {
		for _, word := range nameWords(name) {
			if gates[word] {
				return true
			}
		}
	}
	return false
}

var gates = set("paywall", "paywalled", "regwall", "piano", "metered", "subwall", "premiumwall", "paygate", "bezahlschranke", "hardwall")

// The words of walls, in lower case, in the languages most met with.
var (
	// continues are what stands at the end of a text that is cut off.
	continues = []string{
		"continue reading", "read more", "read the full", "read full", "full story", "keep reading", "more »", "[more]",
		"baca selengkapnya", "selengkapnya", "baca lagi", "weiterlesen", "mehr lesen", "lire la suite", "en savoir plus", "seguir leyendo", "leer más",
		"continuar lendo", "continue lendo", "leia mais", "continua a leggere", "leggi tutto", "lees verder", "lees meer", "läs mer", "les mer", "læs mere",
		"lue lisää", "czytaj więcej", "czytaj dalej", "číst dále", "celý článek", "tovább olvas", "citește mai mult", "devamını oku", "devamı",
		"читать далее", "читать полностью", "читати далі", "прочетете още", "διαβάστε", "続きを読む", "阅读全文", "閱讀全文", "查看全文", "더 보기", "더보기", "อ่านต่อ", "xem thêm", "đọc tiếp",
		"اقرأ المزيد", "ادامه مطلب", "קרא עוד", "और पढ़ें", "পড়ুন",
	}

	// pleas are what a page says whose article is for subscribers.
	pleas = []string{
		"subscribe to continue", "subscribe to read", "subscribers only", "subscriber-only", "for subscribers", "already a subscriber", "already a member",
		"to continue reading", "register to read", "sign in to read", "log in to read", "create a free account to", "exclusive to subscribers", "unlock this article",
		"nur für abonnenten", "jetzt weiterlesen", "mit einem abo", "réservé aux abonnés", "réservée aux abonnés", "déjà abonné", "solo para suscriptores", "suscríbete para", "ya eres suscriptor",
		"exclusivo para assinantes", "já é assinante", "riservato agli abbonati", "sei già abbonato", "alleen voor abonnees", "al abonnee", "för prenumeranter", "for abonnenter", "tilaajille",
		"dla subskrybentów", "pro předplatitele", "előfizetők", "aboneler", "abonelere özel", "berlangganan untuk", "khusus pelanggan", "konten premium", "только для подписчиков", "оформите подписку",
		"会員限定", "有料会員", "订阅后", "訂閱後", "구독자 전용", "สำหรับสมาชิก", "للمشتركين", "למנויים",
	}

	cookies = []string{
		"cookie", "kolačić", "küpsis", "evästee", "sütik", "sütit", "çerez", "ciasteczk", "куки", "クッキー", "쿠키", "คุกกี้",
		"الارتباط", "personal data", "personenbezogene", "données personnelles", "datos personales", "dados pessoais", "dati personali", "data pribadi", "персональных данных",
	}
	consents = []string{
		"consent", "accept all", "i accept", "i agree", "agree and", "zustimm", "einwillig", "akzeptier", "accepter", "acepto", "aceptar", "aceitar", "accetta", "acconsent",
		"toestemming", "akkoord", "godkänn", "samtyck", "samtykke", "godta", "hyväksy", "zgod", "akceptuj", "souhlas", "súhlas", "hozzájárul", "elfogad", "accept toate", "kabul et", "onayl", "setuju",
		"соглас", "принять", "згод", "приемам", "αποδοχή", "συναίνεση", "同意", "동의", "ยอมรับ", "đồng ý", "موافق", "מסכים",
	}
)
