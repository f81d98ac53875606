package feed

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kliping/internal/news"
)

func TestPace(t *testing.T) {
	for head, want := range map[string]news.Pace{
		``:                       {},
		`<ttl>90</ttl>`:          {Every: 90 * time.Minute, Source: "ttl"},
		`<ttl> soon </ttl>`:      {},
		`<ttl>-5</ttl>`:          {},
		`<ttl>99999999999</ttl>`: {Every: 366 * 24 * time.Hour, Source: "ttl"},
		`<sy:updatePeriod> hourly </sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>`: {Every: 30 * time.Minute, Source: "sy:updatePeriod"},
		`<sy:updateFrequency>4</sy:updateFrequency>`:                                            {Every: 6 * time.Hour, Source: "sy:updatePeriod"},
		`<sy:updatePeriod>now and then</sy:updatePeriod>`:                                       {},
		`<ttl>60</ttl><sy:updatePeriod>daily</sy:updatePeriod>`:                                 {Every: 24 * time.Hour, Source: "sy:updatePeriod"},
		`<skipHours><hour>0</hour><hour>24</hour><hour>7</hour><hour>99</hour></skipHours>`:     {SkipHours: []int{0, 7}},
		`<skipDays><day>Saturday</day><day>sunday</day><day>Caturday</day></skipDays>`:          {SkipDays: []time.Weekday{time.Saturday, time.Sunday}},
		`<item><title>t</title><ttl>5</ttl></item><ttl>90</ttl>`:                                {},
	} {
		body := `<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><title>x</title>` + head + `</channel></rss>`
		f, err := Parse([]byte(body), "", "https://a.example/", Options{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, f.Pace); diff != "" {
			t.Errorf("%s: %s", head, diff)
		}
	}
}
