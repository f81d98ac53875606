package eval

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"kliping/internal/news"
)

// Row is one labelled article, as a line of a labelled file has it.
type Row struct {
	ID        string    `json:"id"`
	Outlet    string    `json:"outlet"`
	URL       string    `json:"url"`
	Title     string    `json:"title"`
	HTML      string    `json:"html"`
	Published time.Time `json:"published"`

	// Labels: never an input of the pipeline.
	Cluster  string   `json:"cluster"`
	Relation string   `json:"relation"`
	GoldLang string   `json:"gold_lang"`
	Residue  []string `json:"residue"`
}

// labelled reports whether the row's residue is labelled at all. What another
// extractor made of a page, and pages filled in by machine, are not.
func (r *Row) labelled() bool {
	return r.Relation != "template" && !strings.HasPrefix(r.Relation, "page-")
}

// ReadFiles reads labelled files and returns their rows together, in order of
// publication; rows of one instant keep the order of the files. An error names
// the file and the line.
func ReadFiles(paths []string) ([]Row, error) {
	var rows []Row
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("open labelled articles: %w", err)
		}
		read, err := Read(f, path)
		f.Close()
		if err != nil {
			return nil, err
		}
		rows = append(rows, read...)
	}
	slices.SortStableFunc(rows, func(a, b Row) int { return a.Published.Compare(b.Published) })
	return rows, nil
}

// Read reads the rows of one labelled file; name stands in its errors.
func Read(r io.Reader, name string) ([]Row, error) {
	var rows []Row
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 64<<20)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var row Row
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			return nil, fmt.Errorf("%s:%d: %w: not a labelled article: %w", name, n, news.ErrInvalid, err)
		}
		if missing := row.missing(); missing != "" {
			return nil, fmt.Errorf("%s:%d: %w: %s is missing", name, n, news.ErrInvalid, missing)
		}
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return rows, nil
}

// missing names the first key that a row cannot do without.
func (r *Row) missing() string {
	switch {
	case r.ID == "":
		return "id"
	case r.Outlet == "":
		return "outlet"
	case r.Cluster == "":
		return "cluster"
	case r.Published.IsZero():
		return "published"
	}
	return ""
}

// byCluster groups row numbers by gold cluster, each in order of publication,
// the clusters in order of their first row.
func byCluster(rows []Row) [][]int {
	members := map[string][]int{}
	for i := range rows {
		members[rows[i].Cluster] = append(members[rows[i].Cluster], i)
	}
	clusters := make([][]int, 0, len(members))
	for _, m := range members {
		clusters = append(clusters, m)
	}
	slices.SortFunc(clusters, func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
	return clusters
}
