package web_test

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"kliping/internal/api"
	"kliping/internal/content"
	"kliping/internal/digest"
	"kliping/internal/export"
	"kliping/internal/feed"
	"kliping/internal/news"
	"kliping/internal/pipeline"
)

// snippets are the hostile ones, of which content has the file.
func snippets(t *testing.T) []string {
	t.Helper()
	b, err := os.ReadFile("../content/testdata/hostile.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "# ") {
			continue
		}
		if s, err := strconv.Unquote(line); err == nil && line[0] == '"' {
			line = s
		}
		all = append(all, line)
	}
	return all
}

// hostilePress is a desk to which two outlets brought every snippet in every
// field that a feed has, as markup and as text, through the whole line. An item
// has a few of them.
type hostilePress struct {
	*desk
	snippets [][]string
	articles []news.ArticleID // the second outlet's, one for each item
	digest   digest.Digest
	once     sync.Once
	entries  map[string][]string // by format, one for each item
}

// perItem is how many snippets an item has. One of its own for each takes ten
// times as long, and would tell more only of snippets that hide one another:
// KLIPING_TEST_HOSTILE=each.
func perItem() int {
	if os.Getenv("KLIPING_TEST_HOSTILE") == "each" {
		return 1
	}
	return 10
}

func newHostilePress(t *testing.T) *hostilePress {
	t.Helper()
	p := &hostilePress{desk: newDesk(t), snippets: slices.Collect(slices.Chunk(snippets(t), perItem()))}
	for i, several := range p.snippets {
		s := strings.Join(several, " ")
		p.bring(i, 0, "one.example", s)
		p.articles = append(p.articles, p.bring(i, 1, "two.example", s))
		p.addFeed(news.Feed{URL: fmt.Sprintf("https://feed.example/%d/%s", i, strings.ToValidUTF8(s, "?")), Title: strings.ToValidUTF8(s, "?")}, news.OutcomeHTTPError, s)
	}
	p.settle()
	var err error
	p.digest, err = pipeline.Digest(t.Context(), p.db, pipeline.DigestOptions{Since: p.clock.Add(-48 * time.Hour), Until: p.clock.Add(time.Hour), Limit: len(p.snippets) + 1, Location: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.digest.Stories); n < len(p.snippets)*9/10 {
		t.Fatalf("%d stories of %d items: they were taken for one another's copies", n, len(p.snippets))
	}
	return p
}

// bring has an outlet publish snippets in a feed of its own.
func (p *hostilePress) bring(i, edition int, outlet, s string) news.ArticleID {
	p.t.Helper()
	p.clock = p.clock.Add(time.Second)
	link := fmt.Sprintf("https://%s/%d?%s", outlet, i, s)
	if edition == 1 {
		link = s
	}
	body := fmt.Sprintf("<p>%s</p><p>%s</p><div>%s %s</div>%s<p>%s</p>", sentence(i, 0), sentence(i, 1), sentence(i, 2+10*edition), html.EscapeString(s), s, sentence(i, 3))
	esc := html.EscapeString
	title := esc(esc(s)) // markup in a title is dropped; escaped once more, it is text
	if edition == 1 {
		title = esc(s)
	}
	doc := fmt.Sprintf(`<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>%[1]s</title><link>https://%[2]s/</link><item>`+
		`<title>%[6]s %[3]s</title><link>%[4]s</link><guid isPermaLink="false">%[1]s %[2]s</guid><dc:creator>%[1]s</dc:creator><category>%[1]s</category>`+
		`<source url="%[4]s">%[1]s</source><description>%[5]s</description></item></channel></rss>`, esc(s), outlet, word(i, 0, 1), esc(link), esc(body), title)
	f, err := feed.Parse([]byte(doc), "application/rss+xml", "https://"+outlet+"/feed", feed.Options{})
	if err != nil || len(f.Items) != 1 {
		p.t.Fatalf("%q is no feed any more: %v", s, err)
	}
	from := news.Feed{Site: f.Site, URL: "https://" + outlet + "/feed"}
	if i%7 == 3 { // an operator can call an outlet anything
		from.Outlet = fmt.Sprint(strings.ToValidUTF8(s, "?"), outlet)
	}
	return p.save(from, f.Items[0])
}

// sentence is one of an item's own, in words that no other has.
func sentence(i, n int) string {
	words := make([]string, 14)
	for k := range words {
		words[k] = word(i, n, k)
	}
	return strings.Join(words, " ") + "."
}

func word(i, n, k int) string {
	h := fnv.New64a()
	fmt.Fprint(h, i, n, k)
	sum, b := h.Sum64(), strings.Builder{}
	for range 4 {
		b.WriteString([]string{"ba", "ke", "lo", "mi", "nu", "ra", "se", "to", "vu", "wi"}[sum%10])
		sum /= 10
	}
	return b.String()
}

// handler serves, without the policy that would hold back what got through,
// everything that shows strangers' text, and the snippets as they are below
// /raw/.
func (p *hostilePress) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", p.pages)
	mux.Handle("/api/", api.New(api.Options{DB: p.db, Index: p.ix, Version: "1.2.3", Now: func() time.Time { return p.clock }}))
	show := func(pattern string, body func(i int) string) {
		mux.HandleFunc(pattern+"{n}", func(w http.ResponseWriter, r *http.Request) {
			i, _ := strconv.Atoi(r.PathValue("n"))
			fmt.Fprint(w, body(i))
		})
	}
	const head = "<!doctype html><meta charset=utf-8><body>"
	show("/raw/", func(i int) string { return head + strings.Join(p.snippets[i], "") })
	show("/sanitised/", func(i int) string {
		var b strings.Builder
		for _, s := range p.snippets[i] {
			b.WriteString("<p>" + content.Sanitize(s, "https://one.example/") + "</p>")
		}
		return head + b.String()
	})
	show("/digest/", func(i int) string {
		d := p.digest
		d.Stories = d.Stories[i : i+1]
		var b bytes.Buffer
		if err := digest.Render(&b, d, "html"); err != nil {
			p.t.Error(err)
		}
		return b.String()
	})
	for _, format := range export.Formats() {
		show("/"+format+"/", func(i int) string { return head + p.entry(format, i) })
	}
	mux.HandleFunc("/frames", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "<!doctype html><meta charset=utf-8><link rel=icon href=data:,>")
		for _, src := range r.URL.Query()["f"] {
			fmt.Fprintf(w, "<iframe src=\"%s\"></iframe>", html.EscapeString(src))
		}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { mux.ServeHTTP(bareWriter{w}, r) })
}

// bareWriter drops the policy.
type bareWriter struct{ http.ResponseWriter }

func (w bareWriter) WriteHeader(status int) {
	w.Header().Del("Content-Security-Policy")
	w.ResponseWriter.WriteHeader(status)
}

func (w bareWriter) Write(b []byte) (int, error) {
	w.Header().Del("Content-Security-Policy")
	return w.ResponseWriter.Write(b)
}

// places are the paths that show a snippet.
func (p *hostilePress) places() map[string][]string {
	all := map[string][]string{"home and feeds": {"/?window=168h", "/feeds", "/outlets", "/outlet/one.example"}}
	for i, id := range p.articles {
		for kind, at := range map[string]string{
			"article": articlePath(id), "diff": articlePath(id) + "/diff", "story": storyPath(p.storyOf(id)),
			"search": "/search?q=" + word(i, 2, 13), "search for it": "/search?q=" + url.QueryEscape(strings.ToValidUTF8(p.snippets[i][0], "")),
			"API": fmt.Sprintf("/api/articles/%d", id), "sanitised": fmt.Sprint("/sanitised/", i),
		} {
			all[kind] = append(all[kind], at)
		}
	}
	for i := range p.snippets {
		for _, format := range export.Formats() {
			all["feed"] = append(all["feed"], fmt.Sprintf("/%s/%d", format, i))
		}
	}
	for i := range p.digest.Stories {
		all["digest"] = append(all["digest"], fmt.Sprint("/digest/", i))
	}
	return all
}

// TestHostileInBrowser shows every snippet in every place in a real browser.
// Nothing may run, and nothing be asked for but the pages and their own files.
func TestHostileInBrowser(t *testing.T) {
	chromium := findChromium(t)
	p := newHostilePress(t)
	s := newServer(t, p.handler())
	b := newBrowser(t, chromium, s)
	for kind, paths := range p.places() {
		p.checkShown(kind, paths)
		began := time.Now()
		for batch := range slices.Chunk(paths, 32) {
			if why := b.frames(batch); len(why) > 0 {
				t.Errorf("%s: %s", kind, strings.Join(why, "\n"))
			}
		}
		t.Logf("%s: %d pages in %v", kind, len(paths), time.Since(began).Round(time.Millisecond))
	}
	if s.elsewhere != nil {
		t.Errorf("hosts that were asked: %v", s.elsewhere)
	}
	t.Logf("%d snippets in %d items", len(snippets(t)), len(p.snippets))
}

// checkShown wants pages to show what was brought, for else they prove nothing.
// Some drop scripts whole, and what is not the article.
func (p *hostilePress) checkShown(kind string, paths []string) {
	p.t.Helper()
	if kind == "search for it" || kind == "sanitised" { // mistakes, and what has no text
		return
	}
	shown := 0
	for _, at := range paths {
		w := httptest.NewRecorder()
		p.handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, at, nil))
		if text := w.Body.String(); w.Code == http.StatusOK && (strings.Contains(text, "alert(1)") || strings.Contains(text, "evil.example")) {
			shown++
		}
	}
	if shown < len(paths)/2 {
		p.t.Errorf("%s: only %d of %d pages show something hostile", kind, shown, len(paths))
	}
}

// TestBrowserSeesHostility shows the snippets as they are: many must be seen to
// run or ask, or the test above proves nothing.
func TestBrowserSeesHostility(t *testing.T) {
	chromium := findChromium(t)
	p := &hostilePress{desk: newDesk(t), snippets: slices.Collect(slices.Chunk(snippets(t), 1))}
	b := newBrowser(t, chromium, newServer(t, p.handler()))
	acted := map[string]bool{}
	for i := range p.snippets {
		at := fmt.Sprint("/raw/", i)
		if perItem() == 1 || i%8 == 0 { // some of them: each takes a page of its own
			acted[at] = len(b.frames([]string{at})) > 0
		}
	}
	n := 0
	for _, did := range acted {
		if did {
			n++
		}
	}
	t.Logf("as they are, %d of %d snippets act", n, len(acted))
	if n < len(acted)/2 {
		t.Errorf("only %d of %d act", n, len(acted))
	}
}

// browser is a Chromium that notes what its pages do.
type browser struct {
	t    *testing.T
	ctx  context.Context
	base string

	mu   sync.Mutex
	did  []string
	want map[string]bool // paths that are to be asked for
}

func newBrowser(t *testing.T, chromium string, s *server) *browser {
	t.Helper()
	alloc, stop := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium),
		chromedp.NoSandbox, chromedp.ProxyServer(s.URL), chromedp.Flag("disable-quic", true), chromedp.UserDataDir(t.TempDir()))...)
	t.Cleanup(stop)
	ctx, stop := chromedp.NewContext(alloc)
	t.Cleanup(stop)
	b := &browser{t: t, ctx: ctx, base: s.URL}
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Do(ctx, chromedp.Func(watch)); err != nil {
		t.Fatal(err)
	}
	return b
}

// watch makes the browser tell what is asked for and complained of, and scripts
// of strangers tell of themselves, in every frame.
func watch(ctx context.Context, t *chromedp.Target) error {
	_, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{})
	if err == nil {
		_, err = cdp.Call(ctx, t, log.Enable, cdp.Empty{})
	}
	if err == nil {
		_, err = cdp.Call(ctx, t, runtime.AddBinding, runtime.AddBindingParams{Name: "canary"})
	}
	if err == nil {
		_, err = cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `{
			const tell = what => canary(what + " in " + location.href);
			for (const f of ["alert", "confirm", "prompt", "open", "msgbox"]) window[f] = () => tell(f);
			addEventListener("securitypolicyviolation", e => tell("violation of " + e.effectiveDirective));
			addEventListener("submit", e => { e.preventDefault(); tell("submit") }, true);
		}`})
	}
	return err
}

// note judges what the browser reports.
func (b *browser) note(event any) {
	switch e := event.(type) {
	case *runtime.EventBindingCalled:
		b.add("ran: " + e.Payload)
	case *runtime.EventExceptionThrown:
		b.add("a script failed: " + e.ExceptionDetails.Text)
	case *page.EventJavascriptDialogOpening:
		b.add("a dialog: " + e.Message)
		go func() { _ = chromedp.Do(b.ctx, chromedp.Func(dismiss)) }()
	case *log.EventEntryAdded:
		if e.Entry.Source != log.EntrySourceNetwork { // requests are judged below
			b.add("complaint: " + e.Entry.Text + " " + e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		if err != nil || u.Scheme+"://"+u.Host != b.base || !b.expected(u) {
			if e.Request.URL != "data:," { // the frames' own icon
				b.add(fmt.Sprintf("asked for %.200s from %s", e.Request.URL, e.DocumentURL))
			}
		}
	}
}

func dismiss(ctx context.Context, t *chromedp.Target) error {
	_, err := cdp.Call(ctx, t, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{})
	return err
}

func (b *browser) add(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.did = append(b.did, what)
}

func (b *browser) expected(u *url.URL) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.want[u.RequestURI()] || path.Dir(u.Path) == "/static" || u.Path == "/frames" || u.Path == "/favicon.ico"
}

// frames shows pages in frames, touches all that is on them, and returns what
// they did that they must not.
func (b *browser) frames(paths []string) []string {
	b.t.Helper()
	b.mu.Lock()
	b.did, b.want = nil, map[string]bool{}
	for _, p := range paths {
		b.want[p] = true
	}
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	err := chromedp.Do(ctx, chromedp.Navigate(b.base+"/frames?"+url.Values{"f": paths}.Encode()))
	var found []string
	if err == nil {
		found, err = chromedp.Run(ctx, chromedp.Evaluate[[]string](touch, chromedp.EvalAwaitPromise))
	}
	if err != nil {
		b.add(err.Error())
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return append(found, b.did...)
}

// touch does to every element what a person could, and says of what is there
// that must not be.
const touch = `(async () => {
	const bad = [], sleep = ms => new Promise(done => setTimeout(done, ms));
	await sleep(60);
	for (const frame of document.querySelectorAll("iframe")) {
		const doc = frame.contentDocument;
		if (!doc) { bad.push("a frame went elsewhere"); continue }
		const at = doc.location.pathname;
		doc.addEventListener("click", e => e.preventDefault(), true);
		const say = (e, what) => bad.push(at + ": " + what + ": " + e.outerHTML.slice(0, 200));
		const own = at.startsWith("/digest/") ? "style" : "link[href^='/static/'],link[rel=alternate][href^='/api/search.']";
		for (const e of doc.querySelectorAll("*")) {
			if (e.matches("script,img,image,iframe,frame,object,embed,style,link,base,video,audio,source,track,use,foreignObject,math,meta[http-equiv],template,portal,input:not([name=q]),textarea,select,form:not(.search)") && !e.matches(own)) say(e, "element");
			for (const a of e.attributes) {
				if (/^on|^(style|srcdoc|srcset|ping|formaction|background|poster|target|popover|autofocus|is|hx-.*|ng-.*|data-.*)$/i.test(a.name) && !(e.matches("td") && a.name == "data-label")) say(e, "attribute " + a.name);
				if (a.name == "id" && !/^(article-\d+|versions)$/.test(a.value)) say(e, "id");
			}
			if ((e.localName == "a" || e.localName == "area") && e.hasAttribute("href") && !/^https?:$/.test(e.protocol)) say(e, "link to " + e.protocol);
			for (const type of ["pointerenter", "mouseover", "mouseenter", "pointerdown", "mousedown", "focus", "input", "change", "toggle", "click", "wheel", "copy", "contextmenu"])
				e.dispatchEvent(new (type == "click" ? MouseEvent : Event)(type, { bubbles: true, cancelable: true }));
			if (e.focus) e.focus();
			if (e.localName == "summary") e.parentNode.open = true;
		}
	}
	await sleep(60);
	return bad;
})()`
