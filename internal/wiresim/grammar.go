package wiresim

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// grammar is one language's way of telling a tale: word lists and, for every
// part of a text, the templates it may be told with. In a template
//
//	[one|other]  is one of the alternatives, which may hold brackets again
//	{city}       is a fact of the tale, the same wherever it stands
//	{+crop}      is drawn anew from the list
//
// Facts have the same place in every language's list, so that the tale is the
// same in all of them.
type grammar map[string][]string

// readGrammar reads a file of sections "== name" with one entry a line.
func readGrammar(file string) grammar {
	g := grammar{}
	for _, section := range strings.Split("\n"+file, "\n== ")[1:] {
		name, body, _ := strings.Cut(section, "\n")
		for line := range strings.Lines(body) {
			if line = strings.TrimSpace(line); line != "" {
				g[name] = append(g[name], line)
			}
		}
	}
	return g
}

// tell grows the text of a tale. The facts come from the tale's seed alone,
// with the order of the parts; the choice of words also from the language.
func (g grammar) tell(language string, seed, number uint64) text {
	facts := rand.New(rand.NewPCG(seed, number))
	words := rand.New(rand.NewPCG(seed+uint64(language[0])<<8+uint64(language[1]), number))
	told := &telling{grammar: g, facts: map[string]string{}, dice: words, language: language}
	told.settleFacts(facts)
	var t text
	for range 3 {
		t.headlines = append(t.headlines, capital(told.pick("headline")))
	}
	parts := []string{"lead", "figures", "quote", "background", "critics", "weather", "next"}
	rest := parts[1:]
	facts.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	for _, part := range parts[:5+facts.IntN(3)] {
		t.paragraphs = append(t.paragraphs, capital(told.pick(part)))
	}
	return t
}

// capital makes the first letter a capital one.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// telling is one tale being told in one language.
type telling struct {
	grammar  grammar
	language string
	facts    map[string]string
	dice     *rand.Rand
}

// settleFacts draws names, places and figures. Every draw is made whether or
// not the language uses it, so that all languages draw alike.
func (t *telling) settleFacts(dice *rand.Rand) {
	for _, list := range []string{"city", "town", "subject", "cause"} {
		n := dice.Uint64()
		if entries := t.grammar[list]; len(entries) > 0 {
			t.facts[list] = entries[n%uint64(len(entries))]
		}
	}
	for _, role := range []string{"chief", "critic", "witness"} {
		first, last, ending := t.grammar["first"], t.grammar["last"], t.grammar["ending"]
		a, b, c := dice.Uint64(), dice.Uint64(), dice.Uint64()
		surname := last[b%uint64(len(last))] + ending[c%uint64(len(ending))]
		t.facts[role] = first[a%uint64(len(first))] + t.grammar.gap() + surname
		t.facts[role+"-last"] = surname
	}
	for name, span := range []int{90, 900, 9000, 90000, 60, 700} {
		t.facts["n"+strconv.Itoa(name)] = figure(t.language, span/9+dice.IntN(span))
	}
	t.facts["year"] = strconv.Itoa(1975 + dice.IntN(50))
	t.facts["day"] = strconv.Itoa(1 + dice.IntN(28))
}

// gap is what stands between a first and a last name.
func (g grammar) gap() string {
	if gap := g["gap"]; len(gap) > 0 {
		return gap[0]
	}
	return " "
}

// figure writes a whole number with the language's mark between thousands.
func figure(language string, n int) string {
	s := strconv.Itoa(n)
	mark := map[string]string{"en": ",", "zh": ",", "ja": ",", "ar": ",", "fr": "\u00a0", "ru": "\u00a0"}[language]
	if mark == "" {
		mark = "."
	}
	if len(s) > 4 || len(s) == 4 && language != "es" {
		s = s[:len(s)-3] + mark + s[len(s)-3:]
	}
	return s
}

func (t *telling) pick(list string) string {
	entries := t.grammar[list]
	if len(entries) == 0 {
		return ""
	}
	return t.expand(entries[t.dice.IntN(len(entries))])
}

// expand fills a template.
func (t *telling) expand(s string) string {
	var out strings.Builder
	for s != "" {
		i := strings.IndexAny(s, "[{")
		if i < 0 {
			out.WriteString(s)
			break
		}
		out.WriteString(s[:i])
		end := closing(s[i:]) + i
		inside := s[i+1 : end]
		switch {
		case s[i] == '[':
			choices := alternatives(inside)
			out.WriteString(t.expand(choices[t.dice.IntN(len(choices))]))
		case inside[0] == '+':
			out.WriteString(t.pick(inside[1:]))
		default:
			out.WriteString(t.expand(t.facts[inside]))
		}
		s = s[end+1:]
	}
	return out.String()
}

// closing is the place of the bracket that closes the one s begins with.
func closing(s string) int {
	depth := 0
	for i, r := range s {
		switch r {
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	panic("grammar: a bracket is not closed: " + s)
}

// alternatives splits at the bars that are in no bracket.
func alternatives(s string) []string {
	var all []string
	depth, from := 0, 0
	for i, r := range s {
		switch {
		case r == '[' || r == '{':
			depth++
		case r == ']' || r == '}':
			depth--
		case r == '|' && depth == 0:
			all, from = append(all, s[from:i]), i+1
		}
	}
	return append(all, s[from:])
}
