package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"kliping/internal/news"
)

// load reads yaml as a file that errors call kliping.yaml.
func load(t *testing.T, yaml string, environ ...string) (Config, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	if err := os.WriteFile(FileName, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(FileName, environ)
}

func TestDocumentedIsDefault(t *testing.T) {
	got, err := load(t, string(Documented()))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), got); diff != "" {
		t.Errorf("kliping.yaml says other than Default: %s", diff)
	}
	for _, name := range names(new(Default()).keys()) {
		last := name[strings.LastIndex(name, ".")+1:]
		if !strings.Contains(documented, "\n"+last+":") && !strings.Contains(documented, "\n  "+last+":") {
			t.Errorf("kliping.yaml does not document %s", name)
		}
	}
}

// What the comments of kliping.yaml offer as examples must be right.
func TestDocumentedExamples(t *testing.T) {
	_, examples, _ := strings.Cut(documented, "it.\n#\n")
	examples, _, _ = strings.Cut(examples, "feeds: []")
	got, err := load(t, "feeds:\n"+strings.ReplaceAll(examples, "#   ", "  "))
	want := []Feed{{URL: "https://news.example/feed.xml"}, {
		URL: "https://daily.example/rss", Title: "The Daily", Schedule: "*/10 6-22 * * *", FullText: "always", Outlet: "daily.example",
		Language: "en", Tags: []string{"national", "morning/list"},
	}}
	if diff := cmp.Diff(want, got.Feeds); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

// Every field can be set, and no two keys set the same one.
func TestKeysCoverConfig(t *testing.T) {
	var c Config
	var f Feed
	seen := map[uintptr]string{}
	for _, k := range append(c.keys(), f.keys()...) {
		field := reflect.ValueOf(k.setting)
		for field.Kind() == reflect.Struct {
			field = field.Field(0)
		}
		if other, twice := seen[field.Pointer()]; twice {
			t.Errorf("%s and %s set the same field", k.name, other)
		}
		seen[field.Pointer()] = k.name
	}
	var walk func(v reflect.Value, name string)
	walk = func(v reflect.Value, name string) {
		for i := range v.NumField() {
			field, name := v.Field(i), name+"."+v.Type().Field(i).Name
			switch {
			case field.Kind() == reflect.Struct:
				walk(field, name)
			case name != ".Feeds" && seen[field.Addr().Pointer()] == "":
				t.Errorf("no key sets %s", name)
			}
		}
	}
	walk(reflect.ValueOf(&c).Elem(), "")
	walk(reflect.ValueOf(&f).Elem(), "feed")
}

func TestLoad(t *testing.T) {
	got, err := load(t, `
data: /var/lib/kliping
keep: 90d
log: # all of it commented out
fetch:
  timeout: 10s
  max_bytes: 512 KiB
  workers:
  allow:
    - 10.0.0.0/8
    - fd00::10
digest.limit: 30
feeds:
  - https://news.example/feed.xml
  - &daily
    url: http://ann:secret@daily.example/rss
    schedule: "TZ=Asia/Jakarta 0 7 * * *"
    tags: national, morning/list
`, "HOME=/root", "KLIPING_CONFIG=x", "KLIPING_TEST_POSTGRES=y", "KLIPING_FETCH_TIMEOUT=20s", "KLIPING_DIGEST_BY=published", "KLIPING_STORE=")
	want := Default()
	want.Data, want.Keep = "/var/lib/kliping", 90*day
	want.Fetch.Timeout, want.Fetch.MaxBytes, want.Fetch.Allow = 20*time.Second, 512<<10, []string{"10.0.0.0/8", "fd00::10"}
	want.Digest.Limit, want.Digest.By = 30, "published"
	want.Feeds = []Feed{{URL: "https://news.example/feed.xml"}, {
		URL: "http://ann:secret@daily.example/rss", Schedule: "TZ=Asia/Jakarta 0 7 * * *", Tags: []string{"national", "morning/list"},
	}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for _, empty := range []string{"", "# nothing\n", "---\n", "\n\n"} {
		if got, err := load(t, empty); err != nil || !cmp.Equal(got, Default()) {
			t.Errorf("%q: %v, %+v", empty, err, got)
		}
	}
}

func TestSet(t *testing.T) {
	c := Default()
	for key, value := range map[string]string{
		"fetch.allow": " 127.0.0.0/8, ::1 ,", "fetch.max_bytes": "2000", "listen": ":0", "keep": "0", "group.batch": "7",
	} {
		if err := c.Set(key, value); err != nil {
			t.Error(err)
		}
	}
	want := Default()
	want.Fetch.Allow, want.Fetch.MaxBytes, want.Listen, want.Group.Batch = []string{"127.0.0.0/8", "::1"}, 2000, ":0", 7
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	if err := c.Set("fetch.allow", "127.0.0.1,home"); err == nil || len(c.Fetch.Allow) != 2 {
		t.Errorf("a bad item: %v, and the list is now %v", err, c.Fetch.Allow)
	}
	if err := c.Set("fetch.allow", ""); err != nil || c.Fetch.Allow != nil {
		t.Errorf("emptied: %v, %v", err, c.Fetch.Allow)
	}
}

func TestValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
	c := Default()
	c.Fetch.Workers, c.Group.Window, c.Store = 0, time.Minute, "mysql://ann:secret@db/news"
	c.Feeds = []Feed{{URL: "https://ann:secret@news.example/", Schedule: "daily"}}
	want := strings.Join([]string{
		`store: this is no PostgreSQL URL; write postgres://user:password@host:5432/database, or nothing for SQLite`,
		`fetch.workers: 0 is too little; the least is 1`,
		`group.window: 1m is too little; the least is 1h`,
		`feed https://ann:xxxxx@news.example/: feeds.schedule: "daily": it has 1 fields, not five (minute, hour, day of month, month, day of week); ` + scheduleExample,
	}, "\n")
	err := c.Validate()
	if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" || !errors.Is(err, news.ErrInvalid) {
		t.Error(diff)
	}
}

func TestValidateMail(t *testing.T) {
	tests := map[string][]string{ // the first problem by its key, and what is set
		"":              {"mail.host=mail.example.org", "mail.from=Kliping <kliping@example.org>", "mail.user=ann", "mail.password=short"},
		"mail.from":     {"mail.host=mail.example.org"},
		"mail.user":     {"mail.password=pa55word"},
		"mail.security": {"mail.host=mail.example.org", "mail.from=a@b.example", "mail.security=none", "mail.user=ann"},
		"mail.host":     {"mail.host=mail.example.org:587"},
		"public_url":    {"public_url=kliping.example"},
	}
	for want, settings := range tests {
		c := Default()
		var err error
		for _, s := range settings {
			key, value, _ := strings.Cut(s, "=")
			err = errors.Join(err, c.Set(key, value))
		}
		if err == nil {
			err = c.Validate()
		}
		var problem *Error
		got := ""
		if errors.As(err, &problem) {
			got = problem.Key
		}
		if got != want {
			t.Errorf("%v: %v, want a problem of %q", settings, err, want)
		}
	}
	for _, bad := range []string{"nobody", "a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example"} {
		if c := Default(); c.Set("mail.from", bad) == nil {
			t.Errorf("%q was taken for an address", bad)
		}
	}
}

// Whatever way a configuration or an error about it is printed, no password is
// in it.
func TestSecrets(t *testing.T) {
	const secret = "pa55word"
	c := Default()
	c.Store = "postgres://ann:" + secret + "@db:5432/news?sslpassword=" + secret + "&password=" + secret + "&sslmode=require"
	c.Feeds = []Feed{{URL: "https://ann:" + secret + "@news.example/feed?page=1"}}
	c.Mail.User, c.Mail.Password = "ann", secret
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("", "config", c)
	slog.New(slog.NewTextHandler(&log, nil)).Info("", "config", c)
	printed := []string{c.String(), fmt.Sprintf("%v %+v %#v %s", c, c, c, &c), string(asJSON), log.String()}

	for _, store := range []string{
		"postgres://ann:" + secret + "@db:bad/news", "postgres://ann:" + secret + "%zz@db/news", "mysql://ann:" + secret + "@db/", "postgres:ann:" + secret,
		secret + "\n://", "mysql://db/news?password=" + secret,
	} {
		_, fromEnv := load(t, "", "KLIPING_STORE="+store)
		yaml, _ := json.Marshal(map[string]any{"store": store, "feeds": []string{store}})
		_, fromFile := load(t, string(yaml))
		if fromEnv == nil || fromFile == nil {
			t.Errorf("%q was taken for a database or feed", store)
		}
		printed = append(printed, fmt.Sprint(c.Set("store", store), fromEnv, fromFile))
	}
	for _, p := range printed {
		if strings.Contains(p, secret) {
			t.Errorf("the password is shown: %s", p)
		}
	}
	if !strings.Contains(c.String(), "postgres://ann:xxxxx@db:5432/news") {
		t.Errorf("all else should be shown: %v", c)
	}
}

func TestNoFile(t *testing.T) {
	t.Chdir(t.TempDir())
	if got, err := Load("", nil); err != nil || !cmp.Equal(got, Default()) {
		t.Errorf("none: %v, %v", err, got)
	}
	_, err := Load("there/is.yaml", nil)
	const want = "there/is.yaml: no such file; make one with 'kliping config print --defaults > there/is.yaml'"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	dir := t.TempDir()
	if _, err := Load(dir, nil); err == nil || !strings.HasPrefix(err.Error(), dir+": it cannot be read: ") {
		t.Errorf("a directory: %v", err)
	}
}

func TestSize(t *testing.T) {
	for size, want := range map[Size]string{0: "0", 1: "1", 1000: "1000", 1 << 10: "1KiB", 1536: "1536", 16 << 20: "16MiB", 3 << 30: "3GiB", 1<<30 + 1<<20: "1025MiB"} {
		if got := size.String(); got != want {
			t.Errorf("%d: %s, want %s", int64(size), got, want)
		}
	}
}

// FuzzLoad holds that a file or variable is refused with problems or gives a
// configuration that is valid and that prints as a file which gives it again.
func FuzzLoad(f *testing.F) {
	f.Add(documented, "30s")
	f.Add("fetch: {timeout: 5s, allow: [10.0.0.0/8, ::1]}\nfeeds: [https://a.example/, {url: http://b.example, tags: [a, 'b,c']}]", "14d")
	f.Add("a: &x [*x]\nfeeds: &y [*y]\nfetch: *x\n<<: *x", "")
	f.Add("store: 'postgres://a:b@c/d'\nkeep: 106752d\nlisten: \"\\u0085:1\"\nfeeds:\n- ~\n- []\n- 5", "1GiB")
	path := filepath.Join(f.TempDir(), FileName)
	again := filepath.Join(f.TempDir(), FileName)
	f.Fuzz(func(t *testing.T, yaml, value string) {
		if err := os.WriteFile(path, []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
		var environ []string
		for _, k := range names(new(Default()).keys()) {
			if len(value)%7 == len(k)%7 {
				environ = append(environ, variable(k)+"="+value)
			}
		}
		c, err := Load(path, environ)
		if err != nil {
			if !errors.Is(err, news.ErrInvalid) {
				t.Errorf("not marked as invalid: %v", err)
			}
			return
		}
		if err := c.Validate(); err != nil {
			t.Errorf("loaded, but not valid: %v", err)
		}
		if strings.Contains(c.String(), hidden) {
			return
		}
		if err := os.WriteFile(again, []byte(c.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		reread, err := Load(again, nil)
		if diff := cmp.Diff(c, reread, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Errorf("printed as\n%s\nwhich gives %v %s", c, err, diff)
		}
	})
}
