package content

import "testing"

func TestSamePage(t *testing.T) {
	const want = "paper.example/news/ferry-12"
	for _, address := range []string{
		"https://www.paper.example/news/ferry-12", "http://paper.example/news/ferry-12/", "https://m.paper.example/news/ferry-12",
		"https://amp.paper.example/news/ferry-12", "https://paper.example/amp/news/ferry-12", "https://paper.example/news/ferry-12/amp/",
		"https://paper.example/news/ferry-12?amp=1", "https://paper.example/news/ferry-12?outputType=amp&utm_source=x", "https://paper.example/news/ferry-12?print=1",
		"https://paper.example/news/ferry-12/print", "https://www.google.com/amp/s/paper.example/news/ferry-12",
		"https://paper-example.cdn.ampproject.org/c/s/paper.example/news/ferry-12/amp",
	} {
		url, err := CanonicalURL(address)
		if err != nil {
			t.Fatal(err)
		}
		if got := SamePage(url); got != want {
			t.Errorf("%s is %q, want %q", address, got, want)
		}
	}
	for _, other := range []string{"https://paper.example/news/ferry-13", "https://news.paper.example/news/ferry-12", "https://paper.example/news/ferry-12?page=2", "https://paper.example/camp/news/ferry-12"} {
		if got := SamePage(other); got == want {
			t.Errorf("%s is the same as %q", other, want)
		}
	}
}

func TestSamePageKeepsShortNames(t *testing.T) {
	for _, address := range []string{"https://m.example/", "https://amp.dev/x"} {
		if got := SamePage(address); got == "example/" || got == "dev/x" {
			t.Errorf("%s became %q", address, got)
		}
	}
}
