package pipeline

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"kliping/index"
	"kliping/internal/export"
	"kliping/internal/news"
	"kliping/internal/store"
)

// SheetKind says what a row of a sheet is.
type SheetKind string

// The kinds of sheet.
const (
	SheetStories SheetKind = "stories"
	SheetCopies  SheetKind = "copies"
)

// SheetColumns are the names of a sheet's columns; docs/output.md says what each
// holds.
func SheetColumns(kind SheetKind) []string {
	if kind == SheetCopies {
		return []string{"story", "article", "lead", "outlet", "outlet_name", "language", "title", "url", "published", "arrived",
			"relation", "of", "containment", "score", "agency", "author"}
	}
	return []string{"story", "title", "url", "first_outlet", "first_outlet_name", "first_published", "first_arrived", "last_arrived",
		"articles", "texts", "outlets", "languages", "tags"}
}

// sheetChunk is how many stories are held in memory at once.
const sheetChunk = 100

// Sheet writes what a query finds as CSV: a row a story, or a row an article. What
// was found is fixed at the call; each story is written as it is when its turn
// comes. The error wraps news.ErrInvalid for a mistake in the query or the kind;
// then nothing has been written.
func Sheet(ctx context.Context, db *store.DB, ix *index.Index, q index.Query, kind SheetKind, w io.Writer) error {
	if kind != SheetStories && kind != SheetCopies {
		return fmt.Errorf("a sheet of %q is %w: there is stories and copies", kind, news.ErrInvalid)
	}
	result, err := ix.Search(ctx, q)
	if err != nil {
		return err
	}
	names, err := db.OutletNames(ctx)
	if err != nil {
		return err
	}
	sheet, err := export.NewSheet(w, SheetColumns(kind)...)
	if err != nil {
		return err
	}
	for hits := range slices.Chunk(result.Hits, sheetChunk) {
		ids := make([]news.StoryID, len(hits))
		for i, h := range hits {
			ids[i] = h.ID
		}
		stories, err := db.Documents(ctx, ids)
		if err != nil {
			return err
		}
		for i := range stories {
			if err := sheetRows(sheet, kind, &stories[i], names); err != nil {
				return err
			}
		}
		if err := sheet.Flush(); err != nil {
			return err
		}
	}
	return sheet.Flush()
}

func sheetRows(sheet *export.Sheet, kind SheetKind, s *store.StoryDetail, names store.OutletNames) error {
	if kind == SheetStories {
		return sheet.Row(int64(s.ID), s.Title, webLink(s.Members[0].URL), s.FirstOutlet, names[s.FirstOutlet], s.FirstPublished, s.FirstArrived, s.LastArrived,
			s.Copies, s.Texts, s.Outlets, strings.Join(s.Languages, " "), strings.Join(categories(s), ", "))
	}
	for i := range s.Members {
		m := &s.Members[i]
		lead := "no"
		if m.ID == s.Lead {
			lead = "yes"
		}
		err := sheet.Row(int64(s.ID), int64(m.ID), lead, m.Outlet, names[m.Outlet], m.Language, m.Title, webLink(m.URL), m.Published, m.Arrived,
			string(m.Reason.Relation), idOrNone(m.Reason.Of), figure(m.Reason.Containment), figure(m.Reason.Score), m.Agency, m.Author)
		if err != nil {
			return err
		}
	}
	return nil
}

// idOrNone is an id, or an empty cell.
func idOrNone(id news.ArticleID) any {
	if id == 0 {
		return ""
	}
	return int64(id)
}

// figure is a figure to three places, or an empty cell.
func figure(f float64) any {
	if f == 0 {
		return ""
	}
	return float64(int(f*1000+.5)) / 1000
}
