// Package index is the full text of every story, searchable. It is the one
// door to Bleve. What it holds is derived from the store and may be thrown away
// and made anew at any time; [State] says up to which change it knows the store.
//
//   - document: one story, flat, so that AND, NOT and facets speak of stories
//     and not of their copies: each distinct text once, all titles
//
//   - word: a run of letters and digits, folded: lower case, without accents.
//     Where words are not parted by spaces, each character is a word and a
//     run of them a phrase
//
//   - stem: what a language's stemmer leaves of a word, so that "ministers"
//     finds "minister"
//
//   - row: what ranking, order and facets need of a story, stored with it and held
//     in memory, some hundred bytes a story
//
//   - cursor: where a page of hits ended, so that the next goes on from there
//
// A document has these fields. Of the texts nothing is stored: the store has them.
//
//	title, words   folded words with their places: exact words and phrases, in any language
//	stem.<lang>    stems of the texts of one language
//	spelling       words that are not spelled as they are folded
//	outlet, lang, agency, tag, is
//	               whole values, lower case
//	first          when the story's first article arrived, unix seconds
//	outlets, copies, texts
//	               how many independent outlets carried it, and so on
//	row            see above; stored, not indexed
//
// Bleve finds which documents match. Relevance, order, facets and pages are worked
// out here, see score.go and collect.go.
package index
