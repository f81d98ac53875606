// Package wiresim is a small world of news outlets that copy one another,
// served as feeds on whatever address it is mounted: for the demo, tests and
// benchmarks. It is rules and dice, not a script: the same seed gives the same
// world, another seed another one.
//
//   - outlet: a publisher with a language, a feed format and habits; its
//     links are on an invented domain, `https://<outlet>.example/…`
//   - wire: an outlet that only writes, copies nobody and has no residue
//   - region: a group of thirty outlets that read one another; large worlds
//     are many regions, with a few outlets that also read the next one
//   - habit: what an outlet does to what it takes: how late, how much it
//     cuts, edits and soils, what its feed looks like and which validators
//     its server sends
//   - tale: what happened, with its text in one or more languages; either
//     written (stories/*.txt) or grown from the grammar (grammar/*.txt)
//   - item: one outlet's edition of a tale
//   - residue: lines an outlet puts into its items that are not the article
//   - tempo: how many hours of the world's life pass in an hour of the clock
//
// An item is stored as a few numbers and its text is composed when its feed is
// asked for, so that thousands of outlets cost little until somebody reads
// them.
package wiresim
