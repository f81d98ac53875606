package cluster

import "kliping/internal/news"

// Holds reports whether any article of the story is in the window.
func (w *Window) Holds(s news.StoryID) bool { return w.shelf.first(s) != 0 }
