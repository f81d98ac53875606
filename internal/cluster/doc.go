// Package cluster decides which story an article belongs to. It is pure
// arithmetic: no I/O, no clock, no randomness; the same calls in the same order
// give the same decisions on every machine.
//
//   - token: a word, folded; where a script writes no spaces between words, a
//     run of characters beginning at each character
//   - print: an article's tokens in order, one byte each
//   - shingle: five tokens in a row
//   - key: a shingle chosen to stand in the window's index
//   - sketch: what is kept of an article to compare it with others: its print,
//     its headline's tokens and its pivots
//   - pivot: what survives a translation: a figure, a place, a name
//   - window: the sketches of the last days, grouped by story, with the index
//     by which the likely matches of a new article are found
//
// # How copies are found
//
// The sketch keeps the whole text, one byte a token, so that any two sketches
// can be compared exactly: five bytes in a row take 2^40 values, and two
// articles of 500 words share one by accident once in four million pairs.
// Containment can thus be judged as well for fifty words out of the middle
// of a long article as for two whole texts, and what stands between the shared
// passages can be compared too.
//
// The window indexes only a thinned choice of each print's shingles: the
// minimizers, each the smallest hash among the neighbours it stands with
// (Schleimer, Wilkerson, Aiken: Winnowing, SIGMOD 2003). Two texts that share
// a passage longer than the neighbourhood choose the same shingles from it.
// The neighbourhoods are closer together at the head, where excerpts come from.
package cluster
