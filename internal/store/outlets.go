package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"time"

	"kliping/internal/news"
)

// Outlet is what people say of an outlet.
type Outlet struct {
	Domain   string   `json:"domain"`
	Name     string   `json:"name,omitempty"`      // shown in place of the domain
	Tier     int      `json:"tier,omitempty"`      // 1, the best, to 3; 0: none
	Tags     []string `json:"tags"`                // never null
	TimeZone string   `json:"time_zone,omitempty"` // such as Asia/Jakarta
}

// mostTiers is the last tier there is.
const mostTiers = 3

// check says what of an outlet cannot be.
func (o *Outlet) check() error {
	if o.Domain == "" || o.Domain == news.AnyOutlet {
		return fmt.Errorf("an outlet needs a domain, such as news.example: %w", news.ErrInvalid)
	}
	if o.Tier < 0 || o.Tier > mostTiers {
		return fmt.Errorf("outlet %s: tier %d is %w; write 1, 2 or 3, or 0 for none", o.Domain, o.Tier, news.ErrInvalid)
	}
	if _, err := time.LoadLocation(o.TimeZone); err != nil || o.TimeZone == "Local" {
		return fmt.Errorf("outlet %s: time zone %q is %w; write for example Asia/Jakarta", o.Domain, o.TimeZone, news.ErrInvalid)
	}
	return nil
}

// Outlets returns every outlet of which something was said, by domain.
func (db *DB) Outlets(ctx context.Context) (all []Outlet, err error) {
	err = db.read(ctx, "read outlets", func(c *conn) error {
		all, err = rows(ctx, c, scanOutlet, "SELECT domain, name, tier, tags, time_zone FROM outlets ORDER BY domain")
		return err
	})
	return all, err
}

// Outlet returns what was said of an outlet: nothing but its domain if nothing was.
func (db *DB) Outlet(ctx context.Context, domain string) (o Outlet, err error) {
	o = Outlet{Domain: domain, Tags: []string{}}
	err = db.read(ctx, "read outlet "+domain, func(c *conn) error {
		all, err := rows(ctx, c, scanOutlet, "SELECT domain, name, tier, tags, time_zone FROM outlets WHERE domain = ?", domain)
		if len(all) > 0 {
			o = all[0]
		}
		return err
	})
	return o, err
}

func scanOutlet(r *sql.Rows) (o Outlet, err error) {
	var tags string
	if err = r.Scan(&o.Domain, &o.Name, &o.Tier, &tags, &o.TimeZone); err != nil {
		return o, err
	}
	o.Tags, err = list(tags, "tags of outlet "+o.Domain)
	if o.Tags == nil {
		o.Tags = []string{}
	}
	return o, err
}

// SetOutlets records what is said of outlets, in place of what was; all or none. One
// of which nothing is said any more is forgotten. What cannot be is news.ErrInvalid.
func (db *DB) SetOutlets(ctx context.Context, all []Outlet) error {
	return db.write(ctx, "set outlets", func(c *conn) error {
		for i := range all {
			if err := c.setOutlet(ctx, &all[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (c *conn) setOutlet(ctx context.Context, o *Outlet) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.Name == "" && o.Tier == 0 && len(o.Tags) == 0 && o.TimeZone == "" {
		return c.repeat(ctx, "DELETE FROM outlets WHERE domain = ?", text(o.Domain))
	}
	return c.repeat(ctx, `INSERT INTO outlets (domain, name, tier, tags, time_zone) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (domain) DO UPDATE SET name = excluded.name, tier = excluded.tier, tags = excluded.tags, time_zone = excluded.time_zone`,
		text(o.Domain), text(o.Name), o.Tier, words(o.Tags), o.TimeZone)
}

// OutletNames are the names that people gave to outlets, by domain.
type OutletNames map[string]string

// Of is an outlet's name, else its domain.
func (n OutletNames) Of(domain string) string { return cmp.Or(n[domain], domain) }

// OutletNames returns the names that people gave to outlets.
func (db *DB) OutletNames(ctx context.Context) (OutletNames, error) {
	all, err := db.Outlets(ctx)
	return NamesOf(all), err
}

// NamesOf is what outlets are called.
func NamesOf(all []Outlet) OutletNames {
	names := OutletNames{}
	for _, o := range all {
		if o.Name != "" {
			names[o.Domain] = o.Name
		}
	}
	return names
}

// Carried is one article of a story, as far as who copied whom goes.
type Carried struct {
	Article news.ArticleID
	Outlet  string
	Source  string         // the outlet that the item names as its own source
	Agency  string         // credited
	Text    news.ArticleID // one of the articles that share its wording stands for them
	Dated   time.Time      // its credible time
}

// EachCarried calls f for each story that first arrived in [since, until), a zero
// time being no bound, with its lead and its articles in order of credible time.
// What f is given is its own only until it returns.
func (db *DB) EachCarried(ctx context.Context, since, until time.Time, f func(lead news.ArticleID, all []Carried)) error {
	return db.read(ctx, "read who carried what", func(c *conn) error {
		var members []member
		var all []Carried
		var lead, next news.ArticleID
		end := func() {
			if len(members) > 0 {
				all = carried(all[:0], members)
				f(lead, all)
			}
			members = members[:0]
		}
		from, to := millis(since), int64(1<<62)
		if !until.IsZero() {
			to = millis(until)
		}
		_, err := rows(ctx, c, func(r *sql.Rows) (none struct{}, err error) {
			var m member
			if err := r.Scan(&m.story, &next, &m.dated, &m.id, &m.outlet, &m.textOf, &m.source, &m.agency); err != nil {
				return none, err
			}
			if len(members) > 0 && members[0].story != m.story {
				end()
			}
			members, lead = append(members, m), next
			return none, nil
		}, `SELECT a.story, s.lead, a.dated, a.id, a.outlet, a.text_of, a.source, a.agency FROM stories s JOIN articles a ON a.story = s.id
			WHERE s.copies > 0 AND s.first_arrived >= ? AND s.first_arrived < ? ORDER BY a.story, a.dated, a.id`, from, to)
		if err == nil {
			end()
		}
		return err
	})
}

func carried(all []Carried, members []member) []Carried {
	if len(members) == 1 {
		m := &members[0]
		return append(all, Carried{m.id, m.outlet, m.source, m.agency, m.id, moment(m.dated)})
	}
	text := texts(members)
	for i := range members {
		m := &members[i]
		all = append(all, Carried{m.id, m.outlet, m.source, m.agency, text(m.id), moment(m.dated)})
	}
	return all
}
