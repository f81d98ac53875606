package cluster

// nameWord is a word that may be a name, kept until the whole article is read.
type nameWord struct {
	hash   uint32 // of its letters
	sure   bool   // its script has no capitals, or it has one inside a sentence
	latin  bool
	pos    uint16
	label  string
	sounds [12]byte
	n      int // sounds
}

// properName keeps word i if it may be a name.
func (s *scanner) properName(i int) {
	w := &s.words[i]
	if w.script.cased() && !w.capital {
		return
	}
	letters := bare(s.folded(w), w.script)
	if len(letters) < 2 || len(letters) < 3 && w.script != hangul && w.script != katakana {
		return
	}
	s.sounds = s.skeleton(s.sounds[:0], letters, w.script)
	n := len(s.sounds)
	if n < 2 || n < 3 && !w.script.cased() || s.sounds[0] == 'A' && n < 3 {
		return
	}
	h := uint32(hashStart)
	for _, r := range letters {
		h = hashRune(h, r)
	}
	nw := nameWord{
		hash: h, pos: w.pos, label: s.label(i, i),
		sure: !w.script.cased() || !w.opens, latin: w.script == latin,
	}
	nw.n = copy(nw.sounds[:], s.sounds)
	s.names = append(s.names, nw)
	if w.script == cyrillic && len(letters) > 5 && letters[len(letters)-1] == 'м' && nw.n > 3 {
		nw.n-- // the ending of a case, perhaps: also without it
		s.names = append(s.names, nw)
	}
	if nw.sure && w.script.cased() {
		s.proper[h] = true
	}
}

// bare is a word without what its script writes together with names: the
// article in Arabic, the particles of case in Korean.
func bare(w []rune, sc script) []rune {
	switch sc {
	case arabic:
		if skips, n := particles(w, arabic); n > 2 {
			return w[skips[2]:]
		}
	case hangul:
		for range 2 {
			if len(w) < 3 || !isKoreanParticle(w[len(w)-1]) {
				break
			}
			w = w[:len(w)-1]
		}
	}
	return w
}

func isKoreanParticle(r rune) bool {
	switch r {
	case '은', '는', '이', '가', '을', '를', '의', '에', '도', '로', '와', '과', '만', '서', '게', '으', '측':
		return true
	}
	return false
}

// nameWords notes the names: words that are capitalised though they begin no
// sentence, here or elsewhere in the article; in scripts without capitals, all.
func (s *scanner) nameWords() {
	inLatin := 0
	for i := range s.names {
		if s.names[i].latin {
			inLatin++
		}
	}
	amid := inLatin*2 < len(s.names) // Latin words stand amid another script
	for i := range s.names {
		w := &s.names[i]
		if !w.sure && !s.proper[w.hash] {
			continue
		}
		note := func(k kind, h uint32) {
			s.found = append(s.found, found{makeHash(k, h), w.pos, amid && w.latin, w.label})
		}
		sounds := w.sounds[:w.n]
		switch {
		case w.n < 4:
			note(kindShort, hashString(string(sounds)))
		case w.n > 4:
			note(kindWhole, hashString(string(sounds)))
			fallthrough
		default:
			note(kindName, hashString(string(sounds[:4])))
		}
		if w.latin {
			note(kindExact, w.hash)
		}
	}
}
