// Package pipeline is the straight line from a feed's bytes to a story in the
// index. Each file is one stretch of it:
//
//   - prepare.go: item → cleaned, sketched article (runs anywhere, many at once)
//   - refresh.go: feed → items → articles in the store (many at once, any node)
//   - group.go: articles → stories (one batch at a time, in order, any node)
//   - follow.go: stories → index (each node follows the change numbers)
//   - digest.go: stories of a window → a digest
//
// The store is the truth. What this package holds in memory, the window of
// sketches and the memory of what outlets repeat, is derived from the store by
// following change numbers, and is thrown away and derived again whenever a
// step fails half way.
package pipeline
