package residue

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCredits(t *testing.T) {
	type credits struct{ Agency, Dateline, Byline string }
	c := newCleaner(t)
	for _, test := range []struct {
		name  string
		texts []string
		want  credits
	}{
		{"place and agency", []string{"LONDON (AP) — Ministers meet on Monday."}, credits{Agency: "AP", Dateline: "LONDON"}},
		{"place with country", []string{"HANOI, Vietnam (AP) — Ministers meet on Monday."}, credits{Agency: "AP", Dateline: "HANOI, Vietnam"}},
		{"Indonesian", []string{"Jakarta (ANTARA) - Menteri bertemu pada Senin."}, credits{Agency: "Antara", Dateline: "Jakarta"}},
		{"German", []string{"Berlin (dpa) - Die Minister beraten am Montag."}, credits{Agency: "dpa", Dateline: "Berlin"}},
		{"comma", []string{"Madrid, EFE — Los ministros se reúnen el lunes."}, credits{Agency: "EFE", Dateline: "Madrid"}},
		{"agency alone", []string{"Reuters - Ministers meet on Monday."}, credits{Agency: "Reuters"}},
		{"agency in brackets", []string{"(AFP) Ministers meet on Monday."}, credits{Agency: "AFP"}},
		{"Russian", []string{"МОСКВА (Рейтер) — Министры встречаются в понедельник."}, credits{Agency: "Reuters", Dateline: "МОСКВА"}},
		{"Chinese brackets", []string{"北京（路透社）- 部长们星期一开会。"}, credits{Agency: "Reuters", Dateline: "北京"}},
		{"place alone in capitals", []string{"WASHINGTON — Ministers meet on Monday."}, credits{Dateline: "WASHINGTON"}},
		{"two agencies: the first", []string{"PARIS (AP/AFP) — Ministers meet."}, credits{Agency: "AP", Dateline: "PARIS"}},
		{"foot", []string{"Ministers meet on Monday.", "They met before. (AFP)"}, credits{Agency: "AFP"}},
		{"foot alone", []string{"Ministers meet on Monday.", "dpa"}, credits{Agency: "dpa"}},
		{"byline", []string{"By Jane Doe", "Ministers meet on Monday."}, credits{Byline: "Jane Doe"}},
		{"byline and dateline", []string{"By JANE DOE, Political Writer", "PARIS (AP) — Ministers meet."}, credits{Agency: "AP", Dateline: "PARIS", Byline: "JANE DOE"}},
		{"German byline", []string{"Von Max von der Heide", "Die Minister beraten."}, credits{Byline: "Max von der Heide"}},
		{"Indonesian byline", []string{"Penulis: Budi", "Menteri bertemu."}, credits{Byline: "Budi"}},
		{"Chinese byline", []string{"记者：王小明", "部长们星期一开会。"}, credits{Byline: "王小明"}},
		{"an outlet's domain", []string{"JAKARTA, KOMPAS.com - Menteri bertemu pada Senin."}, credits{Dateline: "JAKARTA"}},
		{"behind a slash", []string{"Menteri bertemu pada Senin.", "Mereka bertemu dua kali./ANTARA"}, credits{Agency: "Antara"}},
		{"behind a dash at the foot", []string{"Ministers meet on Monday.", "They met before. — AFP"}, credits{Agency: "AFP"}},
		{"small letters", []string{"Paris (afp) - Die Minister beraten am Montag."}, credits{Agency: "AFP", Dateline: "Paris"}},
		{"Spanish", []string{"Bogotá, 3 may (EFE).- Los ministros se reúnen."}, credits{Agency: "EFE", Dateline: "Bogotá"}},
		{"agency's full name", []string{"Madrid (Agencia EFE) - Los ministros se reúnen."}, credits{Agency: "EFE", Dateline: "Madrid"}},
		{"Chinese at the foot", []string{"部长们星期一开会。", "会议持续三天。（新华社）"}, credits{Agency: "Xinhua"}},
		{"Chinese wire", []string{"新华社北京5月1日电（记者王小明）部长们星期一开会。"}, credits{Agency: "Xinhua", Dateline: "北京"}},
		{"Chinese wire, traditional", []string{"中央社台北1日電 部長們星期一開會。"}, credits{Agency: "CNA", Dateline: "台北"}},
		{"Japanese brackets", []string{"【共同】閣僚は月曜に会談する。"}, credits{Agency: "Kyodo"}},
		{"Japanese brackets with a place", []string{"【ワシントン共同】閣僚は月曜に会談する。"}, credits{Agency: "Kyodo", Dateline: "ワシントン"}},
		{"Japanese brackets, set apart", []string{"［ロンドン １日 ロイター］ - 閣僚は月曜に会談する。"}, credits{Agency: "Reuters", Dateline: "ロンドン"}},
		{"Korean", []string{"(서울=연합뉴스) 장관들이 월요일에 만난다."}, credits{Agency: "Yonhap", Dateline: "서울"}},
		{"Arabic", []string{"القاهرة (رويترز) - يجتمع الوزراء يوم الاثنين."}, credits{Agency: "Reuters", Dateline: "القاهرة"}},
		{"Hindi", []string{"नई दिल्ली (पीटीआई) - मंत्री सोमवार को मिलेंगे।"}, credits{Agency: "PTI", Dateline: "नई दिल्ली"}},
		{"Turkish", []string{"Ankara (AA) - Bakanlar pazartesi günü bir araya geliyor."}, credits{Agency: "Anadolu", Dateline: "Ankara"}},
		{"TASS in Russian", []string{"МОСКВА, 3 марта. /ТАСС/. Президент подписал указ."}, credits{Agency: "TASS", Dateline: "МОСКВА"}},
		{"TASS without a point", []string{"МОСКВА, 3 марта /ТАСС/. Президент подписал указ."}, credits{Agency: "TASS", Dateline: "МОСКВА"}},
		{"RIA in Russian", []string{"МОСКВА, 3 мар - РИА Новости. Президент подписал указ."}, credits{Agency: "RIA", Dateline: "МОСКВА"}},
		{"Interfax in Russian", []string{"Москва. 3 марта. INTERFAX.RU - Президент подписал указ."}, credits{Agency: "Interfax", Dateline: "Москва"}},
		{"Interfax in Ukrainian", []string{"Київ. 3 березня. ІНТЕРФАКС-УКРАЇНА - Міністри зустрічаються."}, credits{Agency: "Interfax-Ukraine", Dateline: "Київ"}},
		{"Ukrainian", []string{"КИЇВ, 3 березня. /УНІАН/. Міністри зустрічаються."}, credits{Agency: "UNIAN", Dateline: "КИЇВ"}},
		{"Kazakh", []string{"АСТАНА. ҚазАқпарат – Министрлер кездеседі."}, credits{Agency: "Kazinform", Dateline: "АСТАНА"}},
		{"Kazakh city, in Russian", []string{"АЛМАТЫ. 3 марта. КазТАГ - Президент подписал указ."}, credits{Agency: "KazTAG", Dateline: "АЛМАТЫ"}},
		{"Belarusian", []string{"МІНСК, 3 сакавіка. /БЕЛТА/. Міністры сустракаюцца."}, credits{Agency: "BelTA", Dateline: "МІНСК"}},
		{"the day first, a correspondent", []string{"3 марта, Минск /Корр. БЕЛТА/. Президент подписал указ."}, credits{Agency: "BelTA", Dateline: "Минск"}},
		{"Sputnik", []string{"МИНСК, 3 мар — Sputnik. Президент подписал указ."}, credits{Agency: "Sputnik", Dateline: "МИНСК"}},
		{"PTI", []string{"New Delhi, Mar 3 (PTI) Ministers meet on Monday."}, credits{Agency: "PTI", Dateline: "New Delhi"}},
		{"ANI", []string{"New Delhi [India], March 3 (ANI): Ministers meet on Monday."}, credits{Agency: "ANI", Dateline: "New Delhi"}},
		{"Bernama", []string{"KUALA LUMPUR, March 3 (Bernama) -- Ministers meet on Monday."}, credits{Agency: "Bernama", Dateline: "KUALA LUMPUR"}},
		{"Xinhua", []string{"BEIJING, March 3 (Xinhua) -- Ministers meet on Monday."}, credits{Agency: "Xinhua", Dateline: "BEIJING"}},
		{"EFE", []string{"Madrid, 3 mar (EFE).- Los ministros se reúnen."}, credits{Agency: "EFE", Dateline: "Madrid"}},
		{"ANSA", []string{"(ANSA) - ROMA, 03 MAR - I ministri si incontrano."}, credits{Agency: "ANSA", Dateline: "ROMA"}},
		{"AFP with a year", []string{"PARIS, 3 mars 2026 (AFP) - Les ministres se réunissent."}, credits{Agency: "AFP", Dateline: "PARIS"}},
		{"Kyodo", []string{"TOKYO, March 3 (Kyodo) -- Ministers meet on Monday."}, credits{Agency: "Kyodo", Dateline: "TOKYO"}},
		{"Yonhap", []string{"SEOUL, March 3 (Yonhap) -- Ministers meet on Monday."}, credits{Agency: "Yonhap", Dateline: "SEOUL"}},
		{"Anadolu with a day", []string{"ANKARA, 3 Mart (AA) - Bakanlar bir araya geliyor."}, credits{Agency: "Anadolu", Dateline: "ANKARA"}},
		{"Lusa", []string{"Lisboa, 03 mar 2026 (Lusa) - Os ministros reúnem-se."}, credits{Agency: "Lusa", Dateline: "Lisboa"}},
		{"Arabic with a day", []string{"القاهرة 3 مارس (رويترز) - يجتمع الوزراء."}, credits{Agency: "Reuters", Dateline: "القاهرة"}},
		{"Azerbaijani", []string{"Bakı, 3 mart, AZƏRTAC. Nazirlər görüşür."}, credits{Agency: "Azertac", Dateline: "Bakı"}},
		{"byline with its agency", []string{"By Jane Doe, Associated Press", "Ministers meet on Monday."}, credits{Agency: "AP", Byline: "Jane Doe"}},
		{"byline with an agency's post", []string{"By JANE DOE, AP Political Writer", "Ministers meet on Monday."}, credits{Agency: "AP", Byline: "JANE DOE"}},
		{"byline with its agency, no word for by", []string{"Jane Doe, Reuters", "Ministers meet on Monday."}, credits{Agency: "Reuters", Byline: "Jane Doe"}},
		{"German byline with its agency", []string{"Von Max Muster, dpa", "Die Minister beraten."}, credits{Agency: "dpa", Byline: "Max Muster"}},
		{"byline in brackets", []string{"Par Jean Dupont (AFP)", "Les ministres se réunissent."}, credits{Agency: "AFP", Byline: "Jean Dupont"}},
		{"an agency as writer", []string{"By The Associated Press", "Ministers meet on Monday."}, credits{Agency: "AP"}},
		{"byline with its agency, and a dateline", []string{"By Jane Doe, Associated Press", "PARIS (AP) — Ministers meet."}, credits{Agency: "AP", Dateline: "PARIS", Byline: "Jane Doe"}},
		{"no agency: an aside about it", []string{"Sputnik — the first satellite — fell in January."}, credits{}},
		{"no agency: a day and a sentence", []string{"On March 3, AP classes begin."}, credits{}},
		{"no agency: a subject", []string{"Moscow, TASS said, was calm."}, credits{}},
		{"no agency: a list of names", []string{"Jane Doe, John Roe and Ann Poe met on Monday."}, credits{}},
		{"no place: a year", []string{"Rome, 1960. The games begin."}, credits{}},
		{"no agency: a course", []string{"The school adds courses (AP Biology) next year."}, credits{}},
		{"no agency: a name", []string{"Tass — the singer, not the agency — is back."}, credits{}},
		{"no agency: a word in brackets", []string{"Ministers meet.", "They draw a line on paper (map)."}, credits{}},
		{"no agency: batteries", []string{"It takes two cells (size AA) and a fuse."}, credits{}},
		{"no agency: a plant by wire", []string{"发电站星期一停电，部长们道歉。"}, credits{}},
		{"no agency: Japanese brackets", []string{"【速報】閣僚は月曜に会談する。"}, credits{}},
		{"no place: a dash in a sentence", []string{"The minister — who resigned — met nobody."}, credits{}},
		{"no place: a script without capitals", []string{"وزير المالية - الذي استقال - لم يحضر."}, credits{}},
		{"no place: a figure", []string{"COVID-19 — what is known."}, credits{}},
		{"no agency: an aside", []string{"The bank (founded in 1870) closed."}, credits{}},
		{"no byline: a sentence", []string{"By Monday the river had fallen.", "It rained."}, credits{}},
		{"no byline: a place", []string{"Di Indonesia", "Hujan turun."}, credits{}},
		{"no byline: late in the text", []string{"One.", "Two.", "Three.", "By Jane Doe"}, credits{}},
		{"nothing", nil, credits{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := c.Clean("example.org", "", toBlocks(test.texts...), nil)
			got := credits{r.Agency, r.Dateline, r.Byline}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
