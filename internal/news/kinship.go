package news

import (
	"fmt"
	"strings"
)

// Kinship says why two stories are taken to be about one event.
type Kinship struct {
	Shared []string `json:"shared"`          // names, places, dates and figures of both, weightiest first, as one of them writes them
	Days   int      `json:"days"`            // between their first arrivals, rounded up
	Words  int      `json:"words,omitempty"` // of the headline, that both have
}

// String says it for people.
func (k Kinship) String() string {
	s := "shares " + strings.Join(k.Shared, ", ")
	switch k.Days {
	case 0, 1:
		s += "; within a day"
	default:
		s += fmt.Sprintf("; within %d days", k.Days)
	}
	switch k.Words {
	case 0:
	case 1:
		s += "; also a word of the headline"
	default:
		s += fmt.Sprintf("; also %d words of the headline", k.Words)
	}
	return s
}
