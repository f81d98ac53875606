// Package polite is a laboratory: outlets that live in simulated time and keep a
// record of who asked them what and when, and rules that score a reader by it. What
// is scored is the real code for fetching, reading, scheduling and storing; only the
// network and the clock are made up. The package has tests only.
//
//   - site: one feed of an outlet, with its habits
//   - visit: one request that a site got
//   - rule: a row of the table, with full marks for a reader that kept to it at every
//     turn it had, and none for one that never had a turn
package polite
