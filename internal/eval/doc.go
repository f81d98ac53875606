// Package eval measures recognition: labelled articles go through the real
// pipeline on a temporary store, in order of publication, and what came out is
// compared with the labels. It knows nothing of the labels while it groups.
//
// Words used here:
//
//   - row: one labelled article of a JSON Lines file
//   - gold: what a person says is right; found: what the pipeline says
//   - pair: two rows; a gold pair shares a cluster, a found pair a story
//   - relation: how the person says a row came to be, such as "excerpt"
package eval
