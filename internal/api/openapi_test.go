package api

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"kliping/index"
	"kliping/internal/digest"
	"kliping/internal/news"
	"kliping/internal/pipeline"
	"kliping/internal/store"
)

// document is as much of openapi.yaml as the tests look at.
type document struct {
	Paths map[string]map[string]struct {
		Parameters []parameter `yaml:"parameters"`
		Responses  map[string]struct {
			Content map[string]struct {
				Schema schema `yaml:"schema"`
			} `yaml:"content"`
		} `yaml:"responses"`
	} `yaml:"paths"`
	Components struct {
		Schemas map[string]schema `yaml:"schemas"`
	} `yaml:"components"`
}

type parameter struct {
	Name   string `yaml:"name"`
	Schema struct {
		Enum    []string `yaml:"enum"`
		Maximum int      `yaml:"maximum"`
	} `yaml:"schema"`
}

type schema struct {
	Ref        string            `yaml:"$ref"`
	Type       string            `yaml:"type"`
	Format     string            `yaml:"format"`
	Properties map[string]schema `yaml:"properties"`
	Items      *schema           `yaml:"items"`
	AllOf      []schema          `yaml:"allOf"`
	Values     *schema           `yaml:"additionalProperties"`
}

func describe(t *testing.T) document {
	t.Helper()
	var d document
	if err := yaml.Unmarshal(openAPI, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestOpenAPIDescribesTheRoutes compares openapi.yaml with the routes there are.
func TestOpenAPIDescribesTheRoutes(t *testing.T) {
	var want []string
	for path, methods := range describe(t).Paths {
		for method := range methods {
			want = append(want, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(want)
	got := slices.Sorted(maps.Keys((&server{}).routes()))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("openapi.yaml and the routes differ (-described +served):\n%s", diff)
	}
}

// answers is what each route that answers in JSON sends. The requests in
// api_test.go decode into these and accept no other key.
var answers = map[string]any{
	"/api/status":                 Status{},
	"/api/feeds":                  []news.Feed{},
	"/api/stories":                []news.Story{},
	"/api/stories/{id}":           Story{},
	"/api/articles/{id}":          Article{},
	"/api/articles/{id}/diff":     pipeline.Comparison{},
	"/api/articles/{id}/versions": []pipeline.Version{},
	"/api/search":                 pipeline.Found{},
	"/api/digest":                 digest.Digest{},
	"/api/watches":                []store.Watch{},
	"/api/watches/{id}":           store.Watch{},
	"/api/watches/{id}/alerts":    []store.Alert{},
	"/api/digests":                []store.ArchivedDigest{},
	"/api/digests/{plan}/{slot}":  digest.Digest{},
	"/api/outlets":                pipeline.Press{},
	"/api/outlets/{domain}":       pipeline.OutletRow{},
}

// TestOpenAPIDescribesTheAnswers compares each answer's schema with its type, key
// by key.
func TestOpenAPIDescribesTheAnswers(t *testing.T) {
	d := describe(t)
	for path, answer := range answers {
		s := d.Paths[path]["get"].Responses["200"].Content["application/json"].Schema
		d.compare(t, path, s, reflect.TypeOf(answer))
	}
}

// TestOpenAPIDescribesSearch compares what the description says of a search with
// what the index takes.
func TestOpenAPIDescribesSearch(t *testing.T) {
	for _, p := range describe(t).Paths["/api/search"]["get"].Parameters {
		switch p.Name {
		case "sort":
			if diff := cmp.Diff(index.Sorts(), p.Schema.Enum); diff != "" {
				t.Errorf("orders (-taken +described):\n%s", diff)
			}
		case "limit", "offset":
			if p.Schema.Maximum != index.MaxLimit {
				t.Errorf("%s goes up to %d, described is %d", p.Name, index.MaxLimit, p.Schema.Maximum)
			}
		}
	}
}

// flat resolves references and joins what allOf lists.
func (d document) flat(s schema) schema {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return d.flat(d.Components.Schemas[name])
	}
	for _, part := range s.AllOf {
		s.Type = "object"
		if s.Properties == nil {
			s.Properties = map[string]schema{}
		}
		maps.Copy(s.Properties, d.flat(part).Properties)
	}
	return s
}

func (d document) compare(t *testing.T, at string, s schema, typ reflect.Type) {
	t.Helper()
	s = d.flat(s)
	for typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if want := kindOf(typ); s.Type != want {
		t.Errorf("%s is described as %q and sent as %q", at, s.Type, want)
		return
	}
	switch {
	case typ == reflect.TypeFor[time.Time]():
		if s.Format != "date-time" {
			t.Errorf("%s is a time; described as %q", at, s.Format)
		}
	case s.Type == "array":
		if s.Items == nil {
			t.Errorf("%s is described without its items", at)
			return
		}
		d.compare(t, at+"[]", *s.Items, typ.Elem())
	case typ.Kind() == reflect.Map:
		if s.Values == nil {
			t.Errorf("%s is described without its values", at)
			return
		}
		d.compare(t, at+"{}", *s.Values, typ.Elem())
	case s.Type == "object":
		fields := map[string]reflect.Type{}
		keys(typ, fields)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(s.Properties)), slices.Sorted(maps.Keys(fields))); diff != "" {
			t.Errorf("%s (-described +sent):\n%s", at, diff)
		}
		for name, p := range s.Properties {
			if f, ok := fields[name]; ok {
				d.compare(t, at+"."+name, p, f)
			}
		}
	}
}

// kindOf is the JSON type that values of a Go type are sent as.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Int, reflect.Int64:
		return "integer"
	case reflect.Float64:
		return "number"
	case reflect.Bool:
		return "boolean"
	case reflect.Slice, reflect.Array:
		return "array"
	}
	if t == reflect.TypeFor[time.Time]() {
		return "string"
	}
	return "object"
}

// keys collects the JSON keys of a struct with their types, those of embedded
// structs included.
func keys(t reflect.Type, into map[string]reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			embedded := f.Type
			if embedded.Kind() == reflect.Pointer {
				embedded = embedded.Elem()
			}
			keys(embedded, into)
		case name != "-" && f.IsExported():
			into[name] = f.Type
		}
	}
}
