package schedule

// shared are registrable domains that serve feeds of many who have nothing to do
// with one another: one that is asked too often says nothing of the next. Domains
// that the public suffix list knows as such (blogspot.com, github.io, wordpress.com)
// are each outlet's own by that list.
var shared = []string{
	"acast.com", "anchor.fm", "beehiiv.com", "bsky.app", "buttondown.com", "buttondown.email", "buzzsprout.com", "dailymotion.com",
	"feedburner.com", "flickr.com", "ghost.io", "github.com", "gitlab.com", "google.com", "hatenablog.com", "kill-the-newsletter.com",
	"libsyn.com", "livejournal.com", "medium.com", "megaphone.fm", "naver.com", "note.com", "over-blog.com", "podbean.com", "reddit.com",
	"rss.app", "rsshub.app", "simplecast.com", "soundcloud.com", "spreaker.com", "squarespace.com", "substack.com", "transistor.fm",
	"tumblr.com", "typepad.com", "vimeo.com", "weebly.com", "wixsite.com", "wordpress.com", "youtube.com",
}
