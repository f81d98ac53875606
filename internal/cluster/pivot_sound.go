package cluster

// Names are compared by the skeleton of their consonants, for vowels are
// written differently, or not at all, from script to script. A skeleton is a
// string of these sounds; voiced and unvoiced, l and r, and the hushing sounds
// are each one, because some script or some reader cannot tell them apart:
//
//	p (b)  f (v w)  t (d)  k (g q)  s (z)  S (sh ch j zh)  m  n  r (l)  A
//
// A is a vowel, or h or y; it counts only at the beginning of a word, where
// every script writes that there is one. The tables say roughly how letters
// sound in foreign names; they are not transliteration standards.

// sounds are up to two sounds, the first in the low byte.
type sounds uint16

const vowelSound = sounds('A')

// letterSounds lists, sound by sound, the folded letters that stand for it, in
// scripts with an alphabet of their own. Latin is read by rules, Indian
// scripts by their common layout, Hangul and Ethiopic by arithmetic.
var letterSounds = []struct {
	sound   string
	letters string
}{
	{"p", "пб" + "πβ" + "պբփ" + "პბ" + "בפ" + "بپ" + "บปผพภ"},
	{"f", "вф" + "φ" + "վֆ" + "ვფ" + "فڤ" + "ฝฟว"},
	{"t", "тд" + "τθδ" + "տթդ" + "ტთდ" + "תטד" + "تطدضث" + "ดตถทธฎฏฐฑฒ"},
	{"k", "кгґқғҡ" + "κγ" + "կքգ" + "კქგყღ" + "כקג" + "كقگغخ" + "กขคฆ"},
	{"s", "сзцѕ" + "σζ" + "սզցծձ" + "სზცძწ" + "סזצ" + "سصزظذ" + "ซศษส"},
	{"S", "жшщчћђџҷӂ" + "շժչճջ" + "შჟჩჭჯ" + "ש" + "شچجژ" + "จฉชฌ"},
	{"m", "м" + "μ" + "մ" + "მ" + "מ" + "م" + "ม"},
	{"n", "нњңѐ" + "ν" + "ն" + "ნ" + "נ" + "ن" + "นณง"},
	{"r", "рлљ" + "ρλ" + "րռլղ" + "რლ" + "רל" + "رل" + "รลฬ"},
	{"ks", "ξ"},
	{"ps", "ψ"},
	{"A", "аеиоуыэюяіїєјхһүұөәйў" + "αεηιουωχ" + "աեէըիոօհյխւ" + "აეიოუჰხ" + "אהוחיע" + "اوهحعءي" + "อหฮยะาำิีึืุูเแโใไ"},
	// Kana, syllable by syllable.
	{"A", "アイウエオァィゥェォハヒヘホヤユヨャュョ"},
	{"k", "カキクケコガギグゲゴ"},
	{"s", "サスセソザズゼゾツヅ"},
	{"S", "シジチヂ"},
	{"t", "タテトダデド"},
	{"n", "ナニヌネノン"},
	{"f", "フヴワ"},
	{"p", "バビブベボパピプペポ"},
	{"m", "マミムメモ"},
	{"r", "ラリルレロ"},
	// The characters that transcribe foreign names in Chinese.
	{"p", "布巴芭贝貝比碧毕畢博波鲍鮑柏伯拜白普帕佩皮珀派保佰"},
	{"pn", "班本彬宾賓邦庞潘彭平"},
	{"t", "德达達黛戴迪多杜道特塔泰蒂提托图圖陶"},
	{"tn", "丹登邓鄧丁当當顿頓敦坦滕廷汤湯"},
	{"k", "格加盖蓋戈古高克卡凱凯基科库庫考瓜圭夸奎吉"},
	{"kn", "根冈岡甘坎肯金康"},
	{"f", "夫弗瓦韦韋维維沃法费費菲福富"},
	{"fn", "万萬文温溫旺凡芬方"},
	{"s", "兹茲扎泽澤佐祖茨察策措斯絲丝萨薩塞赛賽西索苏蘇"},
	{"sn", "赞增津桑森辛松"},
	{"S", "什沙莎谢謝希舍肖舒杰傑贾賈季焦朱奇查切彻徹乔喬丘齐齊"},
	{"Sn", "尚申詹真京江琴钱"},
	{"A", "赫哈黑海霍胡阿埃艾伊奥奧欧歐乌烏尤亚亞娅耶约約雅"},
	{"n", "恩纳納娜内內尼诺諾努奈安昂英因汉漢亨杭翁"},
	{"nn", "南嫩宁寧农"},
	{"m", "姆马馬玛瑪梅米莫穆迈邁毛麦麥"},
	{"mn", "曼门門明芒蒙"},
	{"r", "尔爾拉莱萊利丽洛卢盧莉露勒列雷里罗羅鲁魯赖劳"},
	{"rn", "兰蘭伦倫林朗琳隆"},
}

// indicSounds are the sounds of the letters 0x05 to 0x39 of a block laid out
// like Devanagari; space means none.
const indicSounds = "AAAAAAAAAAAAAAAAkkkknSSSSntttt" + "ntttt" + "nnpfppmArrrrrfSSsA"

// sinhalaSounds are those of Sinhala, from 0x0d85.
const sinhalaSounds = "AAAAAAAAAAAAAAAAAA   kkkknnSSSSnnSttttntttttn tppppmpAr r  fSSsArf"

// ethiopicSounds are those of the rows of eight that begin at 0x1200.
const ethiopicSounds = "ArAmsrsSkkkkpftSAknnAkkAAfAsSAttSkkktSpssfp"

// initials and finals of Hangul syllables, in Unicode's order.
const (
	hangulInitials = "kkntt" + "rmpps" + "sASSS" + "ktpA"
	hangulPalatal  = "  yy  yy    y   yy  y" // vowels before which s is sh
	hangulFinals   = " kkknnntrkmprrprmpps" + "snSSktpA"
)

// pronounce fills in the sounds of every letter.
func (a *alphabet) pronounce() {
	for _, l := range letterSounds {
		for _, r := range l.letters {
			a.sound[r] = soundsOf(l.sound)
		}
	}
	for block := rune(0x0900); block < 0x0d80; block += 0x80 {
		a.pronounceIndic(block)
	}
	for i := range len(sinhalaSounds) {
		a.sound[0xd85+i] = soundsOf(sinhalaSounds[i : i+1])
	}
	for i := range len(ethiopicSounds) * 8 {
		a.sound[0x1200+i] = soundsOf(ethiopicSounds[i/8 : i/8+1])
	}
	for i := range 19 * 21 * 28 {
		s := soundsOf(hangulInitials[i/(21*28) : i/(21*28)+1])
		if s == 's' && hangulPalatal[i/28%21] == 'y' {
			s = 'S'
		}
		if f := hangulFinals[i%28]; f != ' ' {
			s |= sounds(f) << 8
		}
		a.sound[0xac00+i] = s
	}
}

func (a *alphabet) pronounceIndic(block rune) {
	for i := range len(indicSounds) {
		a.sound[block+5+rune(i)] = soundsOf(indicSounds[i : i+1])
	}
	for r := block + 0x3e; r < block+0x4d; r++ {
		a.sound[r] = vowelSound
	}
	a.sound[block+1], a.sound[block+2] = 0, soundsOf("n")
	switch block {
	case 0x980: // Bengali writes j with the letter that is y elsewhere
		a.sound[0x9af] = soundsOf("S")
	case 0xb80: // Tamil's one letter for s and ch mostly stands for s in names
		a.sound[0xb9a] = soundsOf("s")
	case 0xd00: // Malayalam letters without a vowel
		for i, s := range "nnrrrk" {
			a.sound[0xd7a+i] = sounds(s)
		}
	}
}

// soundsOf packs one or two sounds; a space is none.
func soundsOf(s string) sounds {
	if s == " " {
		return 0
	}
	v := sounds(s[0])
	if len(s) > 1 {
		v |= sounds(s[1]) << 8
	}
	return v
}

// skeleton appends the sounds of a folded word to buf. Doubled sounds count
// once; t before a hiss belongs to it (ts, tch, dj), and n before p is m.
func (a *alphabet) skeleton(buf []byte, word []rune, s script) []byte {
	if s == latin {
		return latinSkeleton(buf, word)
	}
	k := skeletonWriter{buf: buf, start: len(buf)}
	for i, r := range word {
		if r >= 1<<16 {
			continue
		}
		v := a.sound[r]
		if i == 0 && (r == 'و' || r == 'ו') {
			v = soundsOf("f") // a vowel elsewhere
		}
		k.put(byte(v))
		k.put(byte(v >> 8))
	}
	return k.buf
}

type skeletonWriter struct {
	buf   []byte
	start int
	vowel bool // the last sound was one
}

func (k *skeletonWriter) put(sound byte) {
	n := len(k.buf)
	switch {
	case sound == 0:
		return
	case sound == 'A':
		k.vowel = true
		if n > k.start {
			return
		}
	case n > k.start && k.buf[n-1] == sound:
		k.vowel = false
		return
	case n > k.start && !k.vowel && k.buf[n-1] == 't' && (sound == 's' || sound == 'S'):
		k.buf[n-1] = sound
		return
	case n > k.start && !k.vowel && k.buf[n-1] == 'n' && sound == 'p':
		k.buf[n-1] = 'm'
		k.buf = append(k.buf, sound)
		return
	default:
		k.vowel = false
	}
	k.buf = append(k.buf, sound)
}

// latinSkeleton reads Latin letters by the rules most languages share.
func latinSkeleton(buf []byte, w []rune) []byte {
	k := skeletonWriter{buf: buf, start: len(buf)}
	at := func(i int) rune {
		if i < len(w) {
			return w[i]
		}
		return 0
	}
	for i := 0; i < len(w); i++ {
		next := at(i + 1)
		sound, skip := latinSound(w[i], next, at(i+2), i == 0)
		for j := range len(sound) {
			k.put(sound[j])
		}
		i += skip
	}
	return k.buf
}

// latinSound is the sound of letter c before next and then, and how many more
// letters belong to it.
func latinSound(c, next, then rune, first bool) (string, int) {
	soft := next == 'e' || next == 'i' || next == 'y'
	switch c {
	case 'p':
		if next == 'h' {
			return "f", 1
		}
		return "p", 0
	case 'b':
		return "p", 0
	case 'f', 'v':
		return "f", 0
	case 'w':
		if first || isVowel(next) {
			return "f", 0
		}
		return "A", 0
	case 't', 'd':
		if next == 'h' {
			return "t", 1
		}
		return "t", 0
	case 'c':
		switch {
		case next == 'h' && (then == 'r' || then == 'l'):
			return "k", 1
		case next == 'h' || next == 'z':
			return "S", 1
		case soft:
			return "s", 0
		}
		return "k", 0
	case 'k', 'q', 'g':
		if next == 'h' && !first && c == 'g' {
			return "", 1
		}
		return "k", 0
	case 'j':
		return "S", 0
	case 's', 'z':
		switch {
		case next == 'c' && then == 'h':
			return "S", 2
		case next == 'h':
			return "S", 1
		}
		return "s", 0
	case 'x':
		if first {
			return "s", 0
		}
		return "ks", 0
	case 'm':
		return "m", 0
	case 'n':
		return "n", 0
	case 'r', 'l':
		return "r", 0
	}
	return "A", 0 // vowels, h, y and letters of rarer alphabets
}

func isVowel(r rune) bool {
	return r == 'a' || r == 'e' || r == 'i' || r == 'o' || r == 'u' || r == 'y'
}
