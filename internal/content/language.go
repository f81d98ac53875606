package content

import "unicode/utf8"

// Language guesses the language of a text: its BCP 47 base language such as
// "id", or "und" if the text says too little.
func Language(text string, hints ...string) string {
	var letters [scripts]int
	for n := 0; n < 600 && len(text) > 0; n++ {
		r, size := utf8.DecodeRuneInString(text)
		text = text[size:]
		letters[scriptOf(r)]++
	}
	best := latin
	for s := range letters {
		if script(s) != noScript && letters[s] > letters[best] {
			best = script(s)
		}
	}
	switch {
	case letters[best] == 0:
		return "und"
	case only[best] != "":
		return only[best]
	case len(hints) > 0 && hints[0] != "":
		return hints[0]
	}
	return "und"
}
