package api

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// TestOpenAPIDescribesTheRoutes compares openapi.yaml with the routes there are.
func TestOpenAPIDescribesTheRoutes(t *testing.T) {
	var described struct {
		Paths map[string]map[string]any `yaml:"paths"`
	}
	if err := yaml.Unmarshal(openAPI, &described); err != nil {
		t.Fatal(err)
	}
	var want []string
	for path, methods := range described.Paths {
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
