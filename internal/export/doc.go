// Package export writes stories for other programs: as a feed that any reader
// follows, and as a table that any spreadsheet opens. It is pure: the same stories
// give the same bytes.
//
//   - channel: what a feed is of, such as one search
//   - entry: one story in it
//   - sheet: a table of stories, or of their copies
//
// Feeds are written with encoding/xml and a few structs. gorilla/feeds, looked at
// as of its version 1.2.0, has room for one link and one category only, and so for
// neither rel="self" nor rel="next". Downside: three formats to keep right, which
// is what the tests read back with gofeed.
package export
