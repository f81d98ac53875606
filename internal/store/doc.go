// Package store keeps everything Kliping knows, in SQLite on one machine or in
// PostgreSQL for any number of equal nodes. It is the truth: the index and the
// window of recent articles are derived from it.
//
// Words used here:
//
//   - lease: a feed or message that one worker holds for a while; its epoch
//     counts the claims, so that a worker that lost its lease is fenced
//   - change number: see news.Change; memberships and stories take theirs from
//     one counter, under the grouping lock
//   - pending: an article that waits to be grouped, for the first time or again
//   - tombstone: the row of a story that has no members left, which says where
//     they went
//   - decision: what a person said of an article's membership, which the machine
//     has to keep to
//   - text: the articles of a story that share wording, as their reasons say
//   - slot: one run of a named job, keyed by local time, taken exactly once
//   - epoch of the store: a random id made with it, by which an index knows the
//     store it was made from
//
// SQL is written once, with ?; a dialect holds the few differences. Exported
// methods own their transaction, unexported helpers are given one (conn). Times
// are whole milliseconds UTC, 0 for none; block fingerprints are little-endian
// words; blocks and items as received are zstd-compressed JSON.
package store
