package store

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"strconv"

	"kliping/internal/news"
)

// article is who an incoming article can turn out to be.
type article struct {
	feed    news.FeedID
	guidKey string
	outlet  string
	urlKey  int64 // of the form that all addresses of the article share
	title   string
}

// The ways to know an article. Some feeds give several items the same guid:
// of those that are not the first, the URL is part of it, or the title where
// there is none.
func (in *incoming) byGUID() article {
	return article{feed: in.Article.Feed, guidKey: guidKey(in.plain)}
}
func (in *incoming) byGUIDAndURL() article {
	return article{feed: in.Article.Feed, guidKey: guidKey(in.long)}
}
func (in *incoming) byURL() article {
	return article{outlet: text(in.Article.Outlet), urlKey: in.urlKey, title: text(in.Article.Title)}
}

func (in *incoming) byPlace() article {
	return article{outlet: text(in.Article.Outlet), urlKey: in.urlKey}
}

// pageKey is what an article is found by if its page says where it stands; 0 if
// it does not.
func (in *Incoming) pageKey() int64 {
	if in.Canon == "" {
		return 0
	}
	return urlKey(in.Canon)
}

// place is where an article is found if its guid is new: the form that all its
// addresses share or, without one, its text. It is empty if there is neither; then
// only the guid tells.
func (in *Incoming) place() string {
	if at := cmp.Or(in.Same, in.address()); at != "" || in.Item.HTML == "" {
		return at
	}
	return "text:" + strconv.FormatInt(contentHash(&in.Item), 36)
}

// address is the item's own link, as it will be when the feed is read again.
func (in *Incoming) address() string { return text(cmp.Or(in.Link, in.Article.URL)) }

// tellApart makes identities of guids, and finds those that this batch has with
// several URLs, and the URLs that it has with several titles.
func (s *saver) tellApart() {
	titles := map[article]string{}
	shared := map[article]bool{}
	first := map[article]int64{}
	twice := map[article]bool{}
	for i := range s.batch {
		in := &s.batch[i]
		in.plain = text(in.Article.GUID)
		in.nameless = in.plain == ""
		if in.nameless {
			in.plain = in.link
		}
		apart, at := in.link, in.urlKey
		if in.link == "" || in.nameless { // the posts of a live page have one link
			apart = text(in.Article.Title) // by its text it would be another at each edition
			at = urlKey(apart)
		}
		in.long = in.plain + " " + apart
		if other, ok := first[in.byGUID()]; ok && other != at {
			twice[in.byGUID()] = true
		}
		first[in.byGUID()] = at
		title := text(in.Article.Title)
		if other, ok := titles[in.byPlace()]; ok && other != title {
			shared[in.byPlace()] = true
		}
		titles[in.byPlace()] = title
	}
	for i := range s.batch {
		in := &s.batch[i]
		in.twice, in.shared = twice[in.byGUID()], shared[in.byPlace()]
	}
}

// known is what the store has of an article.
type known struct {
	id     news.ArticleID
	feed   news.FeedID
	hash   int64
	urlKey int64
	title  string
	second bool // known by a second address of it: it has another article's text for its own
}

// places is what the store has at URLs, by outlet, URL and title, and by outlet
// and URL where that is one article.
type places struct {
	titled map[article]known
	sole   map[article]known
}

// judge finds out of each article whether it is fresh, changed or the same.
func (s *saver) judge(ctx context.Context, c *conn) error {
	guids, err := s.knownGUIDs(ctx, c)
	if err != nil {
		return err
	}
	urls, err := s.knownURLs(ctx, c, guids)
	if err != nil {
		return err
	}
	seen := map[article]int{}
	for i := range s.batch {
		in := &s.batch[i]
		in.verdict, in.id, in.first = same, 0, -1
		for _, who := range in.identities() {
			if first, ok := seen[who]; ok && in.first < 0 {
				in.first = first
			}
		}
		if in.first < 0 {
			in.first = i
			in.compare(guids, urls)
		}
		for _, who := range in.identities() {
			seen[who] = in.first
		}
	}
	return nil
}

// identities are the ways in which an article may be known within its batch.
// Whatever it may be stored under is among them.
func (in *incoming) identities() []article {
	all := []article{in.byGUIDAndURL()}
	if !in.twice {
		all = append(all, in.byGUID())
	}
	if in.place() != "" {
		all = append(all, in.byURL())
	}
	return all
}

func (in *incoming) compare(guids map[article]known, at places) {
	if k, ok := in.known(guids); ok {
		in.id = k.id
		if k.hash != in.hash && !k.second {
			in.verdict = changed
		}
	} else if k, ok := in.placed(at); ok {
		in.id = k.id
		if k.feed == in.Article.Feed && k.hash != in.hash && !k.second {
			in.verdict = changed // the feed makes new guids for new editions
		}
	} else {
		in.verdict = fresh
		in.guid = in.plain
		if _, taken := guids[in.byGUID()]; taken || in.twice {
			in.guid = in.long
		}
		in.guidKey = guidKey(in.guid)
	}
}

// known finds an earlier edition by guid. One that has neither the URL nor the
// title is another article of a feed that has one guid for all; and where a
// batch has the guid with several URLs, titles prove nothing. Where it has no guids,
// and a link with several titles, only titles tell.
func (in *incoming) known(guids map[article]known) (known, bool) {
	if k, ok := guids[in.byGUIDAndURL()]; ok {
		return k, true
	}
	k, ok := guids[in.byGUID()]
	if in.nameless && in.twice {
		return k, ok && k.title == text(in.Article.Title)
	}
	edition := in.link == "" && !in.twice || k.urlKey == in.urlKey || k.title == text(in.Article.Title) && !in.twice
	return k, ok && edition
}

// placed finds an article by where it stands. A title that differs makes it
// another, unless it stands alone there and another feed brings it, whose editor
// may head it otherwise: of one feed, a new guid and title are a new item.
func (in *incoming) placed(at places) (known, bool) {
	if in.place() == "" {
		return known{}, false
	}
	if k, ok := at.titled[in.byURL()]; ok {
		return k, true
	}
	k, ok := at.sole[in.byPlace()]
	return k, ok && in.Lone && !in.shared && (k.feed != in.Article.Feed || k.second)
}

// knownGUIDs looks the batch up by feed and guid.
func (s *saver) knownGUIDs(ctx context.Context, c *conn) (map[article]known, error) {
	keys := map[news.FeedID][]string{}
	for i := range s.batch {
		feed := s.batch[i].Article.Feed
		keys[feed] = append(keys[feed], s.batch[i].byGUID().guidKey, s.batch[i].byGUIDAndURL().guidKey)
	}
	found := map[article]known{}
	for feed, guids := range keys {
		_, err := rows(ctx, c, func(r *sql.Rows) (k known, err error) {
			who := article{feed: feed}
			err = r.Scan(&k.id, &who.guidKey, &k.hash, &k.urlKey, &k.title, &k.second)
			if old, ok := found[who]; !ok || old.second {
				found[who] = k
			}
			return k, err
		}, "SELECT id, guid_key, hash, url_key, title, 1 = 0 FROM articles WHERE feed = ? AND "+c.among("guid_key")+
			" UNION ALL SELECT article, guid_key, 0, url_key, title, 1 = 1 FROM aliases WHERE feed = ? AND "+c.among("guid_key"),
			feed, c.list(guids), feed, c.list(guids))
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// knownURLs looks up by outlet and place what no guid was found for. Of several
// articles with one title the oldest counts.
func (s *saver) knownURLs(ctx context.Context, c *conn, guids map[article]known) (places, error) {
	var keys []int64
	for i := range s.batch {
		in := &s.batch[i]
		if _, ok := in.known(guids); !ok && in.place() != "" {
			keys = append(keys, in.urlKey)
		}
	}
	at := places{titled: map[article]known{}, sole: map[article]known{}}
	if len(keys) == 0 {
		return at, nil
	}
	several := map[article]bool{}
	_, err := rows(ctx, c, func(r *sql.Rows) (k known, err error) {
		var who article
		err = r.Scan(&k.id, &k.feed, &k.hash, &who.outlet, &who.urlKey, &who.title, &k.second)
		if old, ok := at.titled[who]; !ok || k.id < old.id {
			at.titled[who] = k
		}
		who.title = ""
		old, ok := at.sole[who]
		several[who] = several[who] || ok && old.id != k.id
		if !ok || old.second {
			at.sole[who] = k
		}
		return k, err
	}, "SELECT id, feed, hash, outlet, url_key, title, 1 = 0 FROM articles WHERE "+c.among("url_key")+
		" UNION ALL SELECT id, feed, hash, outlet, page_key, title, 1 = 1 FROM articles WHERE page_key <> url_key AND "+c.among("page_key")+
		" UNION ALL SELECT article, feed, 0, outlet, url_key, title, 1 = 1 FROM aliases WHERE "+c.among("url_key"),
		c.list(keys), c.list(keys), c.list(keys))
	maps.DeleteFunc(at.sole, func(who article, _ known) bool { return several[who] })
	return at, err
}
