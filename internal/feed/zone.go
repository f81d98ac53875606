package feed

import "time"

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
	case "msd", "samt", "gst", "azt", "get":
		return 4 * 60, true
	case "irdt", "aft":
		return 4*60 + 30, true
	case "pkt", "uzt", "yekt", "tjt", "tmt", "mvt":
		return 5 * 60, true
	case "ist":
		return 5*60 + 30, true
	case "npt":
		return 5*60 + 45, true
	case "omst", "kgt", "btt", "bdt":
		return 6 * 60, true
	case "mmt":
		return 6*60 + 30, true
	case "wib", "ict", "krat", "novt", "hovt":
		return 7 * 60, true
	case "wita", "sgt", "hkt", "myt", "pht", "awst", "bnt", "irkt", "ulat":
		return 8 * 60, true
	case "wit", "jst", "kst", "tlt", "yakt":
		return 9 * 60, true
	case "acst":
		return 9*60 + 30, true
	case "aest", "chst", "pgt", "vlat":
		return 10 * 60, true
	case "acdt":
		return 10*60 + 30, true
	case "aedt", "sbt", "magt", "sakt":
		return 11 * 60, true
	case "nzst", "fjt", "pett":
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
