package feed

import (
	"strings"
	"time"
	"unicode/utf8"
)

// zoneOffset is what a zone's name, in lower case, adds to UTC.
//
// Some names mean several zones. Taken are: IST India's (not Israel's or
// Ireland's), BST Britain's summer (not Bangladesh), CST and AST North
// America's (not China's or Arabia's). ET, CT, MT and PT are taken as
// standard time, an hour late in summer.
func zoneOffset(name string) (time.Duration, bool) {
	minutes, ok := zoneMinutes(name)
	return time.Duration(minutes) * time.Minute, ok
}

func zoneMinutes(name string) (minutes int, ok bool) {
	switch name {
	case "z", "ut", "utc", "gmt", "wet":
		return 0, true
	case "bst", "west", "cet", "met", "mez", "wat":
		return 60, true
	case "cest", "mest", "mesz", "eet", "sast", "cat":
		return 2 * 60, true
	case "eest", "msk", "мск", "trt", "eat", "idt":
		return 3 * 60, true
	case "irst":
		return 3*60 + 30, true
	case "msd", "samt", "gst", "azt":
		return 4 * 60, true
	case "pkt", "uzt", "yekt":
		return 5 * 60, true
	case "ist":
		return 5*60 + 30, true
	case "npt":
		return 5*60 + 45, true
	case "mmt":
		return 6*60 + 30, true
	case "wib", "ict":
		return 7 * 60, true
	case "wita", "sgt", "hkt", "myt", "pht", "awst":
		return 8 * 60, true
	case "wit", "jst", "kst":
		return 9 * 60, true
	case "acst":
		return 9*60 + 30, true
	case "aest":
		return 10 * 60, true
	case "acdt":
		return 10*60 + 30, true
	case "aedt":
		return 11 * 60, true
	case "nzst":
		return 12 * 60, true
	case "nzdt":
		return 13 * 60, true
	}
	return americanMinutes(name)
}

func americanMinutes(name string) (minutes int, ok bool) {
	switch name {
	case "ndt":
		return -(2*60 + 30), true
	case "adt", "brt", "art", "uyt", "clst":
		return -3 * 60, true
	case "nst":
		return -(3*60 + 30), true
	case "edt", "ast", "clt", "vet", "bot":
		return -4 * 60, true
	case "est", "et", "cdt", "cot", "pet":
		return -5 * 60, true
	case "cst", "ct", "mdt":
		return -6 * 60, true
	case "mst", "mt", "pdt":
		return -7 * 60, true
	case "pst", "pt", "akdt":
		return -8 * 60, true
	case "akst":
		return -9 * 60, true
	case "hst":
		return -10 * 60, true
	}
	return 0, false
}

// monthNames has the months in English, Indonesian, German, French, Spanish,
// Portuguese, Italian, Dutch, Russian and more, as they stand in dates; a word
// is a month's if it is one of its names or their beginning, three letters at
// least.
func monthNames() [12]string {
	return [12]string{
		"january januari januar jänner janvier enero janeiro gennaio января январь ocak styczeń stycznia leden ledna",
		"february februari februar pebruari février fevrier febrero fevereiro febbraio февраля февраль şubat luty lutego",
		"march maret märz maerz mrz mars marzo março marco maart марта март mart marca mac",
		"april avril abril aprile апреля апрель nisan kwietnia",
		"may mei mai mayo maio maggio мая май mayıs maj maja",
		"june juni juin junio junho giugno июня июнь haziran czerwca",
		"july juli juillet julio julho luglio июля июль temmuz lipca julai",
		"august agustus agt ags août aout agosto augustus августа август ağustos sierpnia ogos",
		"september septembre septiembre setembro settembre сентября сентябрь eylül września",
		"october oktober octobre octubre outubro ottobre октября октябрь ekim października",
		"november nopember novembre noviembre novembro ноября ноябрь kasım listopada",
		"december desember dezember décembre diciembre dezembro dicembre декабря декабрь aralık grudnia disember",
	}
}

// monthNumber is 1 to 12 for a month's name in lower case or its beginning,
// else 0.
func monthNumber(word string) int {
	if utf8.RuneCountInString(word) < 3 {
		return 0
	}
	for i, names := range monthNames() {
		for name := range strings.FieldsSeq(names) {
			if strings.HasPrefix(name, word) {
				return i + 1
			}
		}
	}
	return 0
}
