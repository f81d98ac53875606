package cluster

import (
	"strconv"
	"strings"
)

// number notes the number at word i, with the scale word after it if there is
// one, and returns how many words it took.
func (s *scanner) number(i int) int {
	mantissa, exponent := s.digits(s.folded(&s.words[i]))
	last := i
	for j := i + 1; j < len(s.words) && j <= i+2; j++ {
		power, whole := s.scale(j)
		if power == 0 {
			break
		}
		exponent += power
		last = j
		if !whole {
			break // the rest of the run is other text: 200万人
		}
	}
	mantissa = strings.TrimLeft(mantissa, "0")
	for strings.HasSuffix(mantissa, "0") {
		mantissa, exponent = mantissa[:len(mantissa)-1], exponent+1
	}
	if mantissa == "" {
		return 1
	}
	size := len(mantissa) + exponent // digits before the point
	switch {
	case exponent < 0 || size > 4 || size == 3:
		s.note(kindFigure, valueHash(mantissa, exponent), i, last)
	case size == 4:
		k := kindFigure
		if v := mantissa + "000"; v[:2] == "19" || v[:2] == "20" {
			k = kindYear
		}
		s.note(k, valueHash(mantissa, exponent), i, last)
	default:
		v := 0
		for _, c := range mantissa {
			v = v*10 + int(c-'0')
		}
		if exponent == 1 {
			v *= 10
		}
		s.month(i, v)
		s.small(v, i, last)
	}
	if last > i && s.words[last].script.unspaced() && s.words[last].to-s.words[last].from > 1 {
		return last - i // the rest of the run is read too
	}
	return last - i + 1
}

// small notes a number below a hundred; one is too common to mean anything.
func (s *scanner) small(v, i, last int) {
	switch {
	case v >= 13:
		s.note(kindSmall, uint32(v), i, last)
	case v >= 2:
		s.note(kindTiny, uint32(v), i, last)
	}
}

// digits are a number's significant digits and the power of ten they stand
// for. A separator before groups of three (or of two, as in India, before a
// last one of three) parts thousands; any other parts the fraction.
func (s *scanner) digits(text []rune) (string, int) {
	var b strings.Builder
	b.Grow(len(text))
	groups := []int{0} // digits after each separator
	var seps []rune
	for _, r := range text {
		if s.scriptOf(r) != digit {
			groups = append(groups, 0)
			seps = append(seps, r)
			continue
		}
		b.WriteByte('0' + digitValue(r))
		groups[len(groups)-1]++
	}
	last := len(groups) - 1
	if last == 0 {
		return b.String(), 0
	}
	same := true
	for _, r := range seps[1:] {
		same = same && r == seps[0]
	}
	switch {
	case !same && seps[last-1] != seps[0]:
		return b.String(), -groups[last] // 1,234.5
	case groups[last] == 3 && groups[0] <= 3 && (last > 1 || b.String()[0] != '0'):
		return b.String(), 0
	case last == 1:
		return b.String(), -groups[last]
	}
	return b.String()[:groups[0]], 0 // a version, an address, a date with points
}

// scale is the power of ten that word j stands for as a scale, or 0; whole
// says that the word is nothing else.
func (s *scanner) scale(j int) (power int, whole bool) {
	w := &s.words[j]
	letters := s.folded(w)
	if w.script.unspaced() || w.glued {
		e, n := s.longest(letters)
		if e.kind == 's' {
			return int(e.value), n == len(letters)
		}
		if w.script.unspaced() {
			return 0, false
		}
	}
	if m := s.lookup(j, 0); m.words == 1 && m.entry.kind == 's' {
		return int(m.entry.value), true
	}
	return 0, false
}

func valueHash(mantissa string, exponent int) uint32 {
	return hashRune(hashString(mantissa), rune(exponent+100))
}

// month notes a month given by its number, as in 4月, and its day.
func (s *scanner) month(i, v int) {
	if v < 1 || v > 12 || i+1 >= len(s.words) {
		return
	}
	next := &s.words[i+1]
	first := s.runes[next.from]
	if !next.glued || first != '月' && first != '월' {
		return
	}
	s.note(kindCalendar, monthConcept(v), i, i)
	if i+2 < len(s.words) && s.words[i+2].script == digit {
		s.noteDate(i, i+2, v)
	}
}

func monthConcept(v int) uint32 { return hashString("m" + strconv.Itoa(v)) }

// date notes the day that stands beside a month's name.
func (s *scanner) date(i, last, month int) {
	for _, j := range []int{i - 1, last + 1, i - 2} {
		if j >= 0 && j < len(s.words) && s.words[j].script == digit && s.noteDate(i, j, month) {
			return
		}
	}
}

// noteDate notes the date whose day is the number at word j.
func (s *scanner) noteDate(i, j, month int) bool {
	mantissa, exponent := s.digits(s.folded(&s.words[j]))
	day := 0
	for _, c := range mantissa {
		day = day*10 + int(c-'0')
	}
	if exponent != 0 || len(mantissa) > 2 || day < 1 || day > 31 {
		return false
	}
	s.note(kindDate, uint32(month*32+day), min(i, j), max(i, j))
	return true
}
