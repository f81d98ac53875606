package content

import "testing"

func TestLone(t *testing.T) {
	for form, want := range map[string]bool{
		"a.example/":                                        false,
		"a.example/news":                                    false,
		"a.example/news/politics":                           false,
		"a.example/7":                                       true,
		"a.example/news/123456":                             true,
		"a.example/news/ferry-61234567":                     true,
		"a.example/elections-2026":                          false,
		"a.example/2026":                                    false,
		"a.example/2026/11/25":                              false,
		"a.example/2026-11-25":                              false,
		"a.example/2026/11/25/ferry-sails":                  true,
		"a.example/2026/11/25/opinion":                      false,
		"a.example/the-ferry-sails-again-after-winter":      true,
		"a.example/the-ferry-sails-again-after-winter.html": true,
		"a.example/live/the-ferry-sails-again-after-winter": false,
		"a.example/news/page/2":                             false,
		"a.example/topics/the-war-in-the-far-north":         false,
		"a.example/index.php?id=55":                         true,
		"a.example/index.php?cat=55":                        false,
		"a.example/?p=77":                                   true,
		"a.example/?page=2":                                 false,
		"%zz":                                               false,
		"":                                                  false,
	} {
		if got := Lone(form); got != want {
			t.Errorf("Lone(%q) = %v", form, got)
		}
	}
}
