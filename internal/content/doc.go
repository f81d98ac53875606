// Package content turns what strangers publish into what the rest can use: an
// item's HTML into blocks of text and into HTML that is safe to show, its link
// into a canonical URL and an outlet, its text into a language.
//
// A block is one run of text as a reader sees it: a paragraph, a list item, a
// heading, a row of a table. Everything here works on single strings, keeps no
// state, does no I/O and may be called from many goroutines. Nothing here
// builds a tree: markup nested a hundred thousand levels deep costs no more
// than flat markup of the same length.
package content
