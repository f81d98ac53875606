package pipeline_test

import (
	"bytes"
	"database/sql" //nolint:depguard // an earlier program's store can only be written past today's
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zeebo/xxh3"

	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// age writes the store of a desk as a program wrote it that knew only the first two
// migrations: articles were found by their URL itself, and sketches were of another
// version.
func age(t *testing.T, from, to string) {
	t.Helper()
	db, err := sql.Open("sqlite", to)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	run := func(query string, args ...any) {
		t.Helper()
		if _, err := db.Exec(query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	for _, name := range []string{"0001", "0002"} {
		script, err := os.ReadFile("../store/migrations/sqlite/" + name + ".sql")
		if err != nil {
			t.Fatal(err)
		}
		run(string(script))
	}
	run("CREATE TABLE migrations (version BIGINT PRIMARY KEY, applied BIGINT NOT NULL)")
	run("INSERT INTO migrations VALUES (1, 0), (2, 0)")
	run("ATTACH ? AS present", from)
	run("INSERT INTO meta SELECT key, value FROM present.meta WHERE key = 'epoch'")
	run("UPDATE counters SET value = p.value FROM present.counters p WHERE p.name = counters.name")
	for _, table := range []string{"feeds", "domains", "stories", "articles", "texts", "sketches"} {
		run("INSERT INTO " + table + " SELECT " + strings.Join(columns(t, db, table), ", ") + " FROM present." + table)
	}
	run("UPDATE sketches SET sketch = CAST(x'01' || substr(sketch, 2) AS BLOB)")
	urls := map[int64]string{}
	rows, err := db.Query("SELECT id, url FROM articles")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var url string
		if err := rows.Scan(&id, &url); err != nil {
			t.Fatal(err)
		}
		urls[id] = url
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for id, url := range urls {
		run("UPDATE articles SET url_key = ? WHERE id = ?", int64(xxh3.HashString(url)), id)
	}
}

func columns(t *testing.T, db *sql.DB, table string) (names []string) {
	t.Helper()
	rows, err := db.Query("SELECT name FROM pragma_table_info(?)", table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}

// TestStoreOfEarlierProgram opens an old store, polls its feed, whose guids are new
// each time, and groups a copy of what it has.
func TestStoreOfEarlierProgram(t *testing.T) {
	d, p := newDesk(t), newPaper(t)
	p.others = map[string][]entry{"/feed/a": {{"a %d", "/2026/the-ferry-sails.html?utm_source=rss", "The ferry sails again"}, {"b %d", "/b/", "Schools close"}}}
	r := d.refresher(0)
	d.pollOne(r, p.URL+"/feed/a")
	first := d.publish("first.example", "A title of one", paragraphs(1)...)
	d.groupAll(d.grouper())

	dir := t.TempDir()
	now := filepath.Join(dir, "now.db")
	old := filepath.Join(dir, "old.db")
	d.vacuumInto(now)
	age(t, now, old)
	var err error
	if d.db, err = store.Open(t.Context(), store.Options{Path: old, Now: d.now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.db.Close() })
	var log bytes.Buffer
	for range 2 { // the second has nothing to do
		if err := pipeline.Renew(t.Context(), d.db, slog.New(slog.NewTextHandler(&log, nil))); err != nil {
			t.Fatal(err)
		}
	}
	before := d.count()
	r = d.refresher(0)
	d.pollOne(r, p.URL+"/feed/a")
	if n := d.count(); n != before {
		t.Errorf("%d articles after polling again, want %d", n, before)
	}
	second := d.publish("second.example", "Another title", paragraphs(1)...)
	d.groupAll(d.grouper())
	if a, b := d.article(first), d.article(second); a.Story != b.Story || b.Reason.Relation != news.Copy {
		t.Errorf("the copy is in story %d as %q, the first in %d", b.Story, b.Reason.Relation, a.Story)
	}
	if log.Len() > 0 {
		t.Errorf("log: %s", &log)
	}
}

// vacuumInto copies the desk's store into a file.
func (d *desk) vacuumInto(path string) {
	d.t.Helper()
	db, err := sql.Open("sqlite", d.path)
	if err != nil {
		d.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(fmt.Sprintf("VACUUM INTO '%s'", path)); err != nil {
		d.t.Fatal(err)
	}
}
