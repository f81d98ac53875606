package digest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"kliping/internal/news"
)

// CurationFile is a draft as a person edits it in a file. Headlines are there to
// know stories by and are not read back.
type CurationFile struct {
	Draft   string     `yaml:"draft"`
	Edit    int        `yaml:"edit"`
	Note    string     `yaml:"note"`
	Stories []filePick `yaml:"stories"`
	LeftOut []filePick `yaml:"left_out"`
}

type filePick struct {
	Story    news.StoryID `yaml:"story"`
	Headline string       `yaml:"headline,omitempty"`
	Facts    string       `yaml:"facts,omitempty"`
	Note     string       `yaml:"note"`
}

const fileHead = `# Reorder the stories, move them below left_out or back, write notes; then
#   kliping digest curate %s --file FILE
# A note above all stands in "note". Headlines and facts are not read back.
`

// WriteFile writes a draft, by its name and the number of its edit, for a person
// to curate.
func (c Curation) WriteFile(w io.Writer, name string, edit int, draft Digest) error {
	told, err := c.Apply(draft)
	if err != nil {
		return err
	}
	f := CurationFile{Draft: name, Edit: edit, Note: c.Note, Stories: []filePick{}, LeftOut: []filePick{}}
	pick := func(e Entry) filePick {
		return filePick{Story: e.Story.ID, Headline: headline(e), Facts: changes(e) + " · " + facts(e), Note: e.Note}
	}
	for _, e := range told.Stories {
		f.Stories = append(f.Stories, pick(e))
	}
	for _, e := range draft.Stories {
		if !slices.ContainsFunc(c.Stories, func(p Pick) bool { return p.Story == e.Story.ID }) {
			f.LeftOut = append(f.LeftOut, pick(e))
		}
	}
	if _, err := fmt.Fprintf(w, fileHead, name); err != nil {
		return err
	}
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	return errors.Join(enc.Encode(f), enc.Close())
}

// ReadCuration reads what WriteFile wrote and a person changed. A story of the
// draft that the file does not name is left out. Errors wrap [news.ErrInvalid].
func ReadCuration(data []byte, draft Digest) (f CurationFile, c Curation, err error) {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	switch err := dec.Decode(&f); {
	case errors.Is(err, io.EOF):
		return f, c, fmt.Errorf("the file is empty: %w", news.ErrInvalid)
	case err != nil:
		return f, c, fmt.Errorf("%s: %w", plainYAML(err), news.ErrInvalid)
	}
	c = Curation{Note: f.Note, Stories: []Pick{}}
	for _, p := range f.Stories {
		c.Stories = append(c.Stories, Pick{p.Story, p.Note})
	}
	all := c
	for _, p := range f.LeftOut {
		all.Stories = append(slices.Clone(all.Stories), Pick{Story: p.Story})
	}
	return f, c, all.Check(draft)
}

// plainYAML says in the file's words what the library says in those of our types.
func plainYAML(err error) string {
	s := regexp.MustCompile(`field (\S+) not found in type \S+`).ReplaceAllString(err.Error(), `"$1" is not known here; known are draft, edit, note, stories and left_out, and of a story story, headline, facts and note`)
	s = regexp.MustCompile(`cannot unmarshal \S+ (.*) into (news\.StoryID|int)`).ReplaceAllString(s, "$1 is no whole number")
	return regexp.MustCompile(`cannot unmarshal \S+ (.*)into \S+`).ReplaceAllString(s, "${1}is not what belongs here")
}
