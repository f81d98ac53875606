// Package residue tells what in an article is not the article.
//
//   - block: one run of text as a reader sees it (news.Block)
//   - residue: a block that is not the article: a user name, a counter, a plea
//     to subscribe, "read also", a copyright line
//   - print: the fingerprint of a block's words
//   - template: a block that one outlet repeats in otherwise different articles, or
//     that several outlets carry in such (of outlets in general)
//   - reach: how many blocks of the article may lie between a block and the
//     nearer end of the text for a rule to be believed there
//
// Evidence is heard in a fixed order, and the first that speaks names the
// reason: a person's pin, a learned template of the outlet, one of outlets in
// general, the block's shape, the lexicon of pleas. A person's veto silences all of it. Evidence from copies (Copy.Hear)
// stands between template and shape; it needs other articles, so it comes after
// grouping, and a block keeps its mark when it is cleaned again.
//
// Shape and lexicon judge a block by its own words; only the reach depends on
// what stands around it, and it is counted in blocks that stay. So a text that
// was cleaned is clean: cleaning it again strips nothing more.
//
// Nothing here does I/O; a Cleaner is safe for many goroutines, a Learner is
// for one.
package residue
