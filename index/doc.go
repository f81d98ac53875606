// Package index is the full text of every story, searchable. It is the one
// door to Bleve. What it holds is derived from the store and may be thrown away
// and made anew at any time; [State] says up to which change it knows the store.
//
//   - document: one story, flat, so that AND, NOT and facets speak of stories
//     and not of their copies: each distinct text once, all titles
//   - word: a run of letters and digits, folded: lower case, without accents.
//     Where words are not parted by spaces, each character is a word and a
//     run of them a phrase
//   - stem: what a language's stemmer leaves of a word, so that "ministers"
//     finds "minister"
//
// A document has these fields. None is stored: the store has the texts.
//
//	title, words   folded words with positions: exact words and phrases, in any language
//	stem.<lang>    stems of the texts of one language, without positions
//	outlet, lang, agency, tag
//	               whole values, lower case, with doc values for facets
//	first          when the story's first article arrived, unix seconds
//	outlets        how many independent outlets carried it
package index
