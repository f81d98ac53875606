package config

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// key is a setting and its name.
type key struct {
	name string
	setting
}

func names(keys []key) []string {
	all := make([]string, len(keys))
	for i, k := range keys {
		all[i] = k.name
	}
	return all
}

// setting is a field of a [Config] that can be set from text. Errors say what
// is wrong with the value and what to write; they do not name the key.
type setting interface {
	set(text string) error // changes nothing on an error
	check() error          // whether the present value may stand
	get() any              // the present value as YAML shall show it; no passwords
}

// text is a string that valid approves of.
type text struct {
	field *string
	valid func(string) error
}

func (t text) set(s string) error {
	if err := t.valid(s); err != nil {
		return err
	}
	*t.field = s
	return nil
}

func (t text) check() error { return t.valid(*t.field) }
func (t text) get() any     { return *t.field }

// address is a URL, which may hold a password.
type address struct{ text }

func (a address) get() any { return redact(*a.field) }

// secret is a password, which is never shown. It can be in a file of its own,
// as containers are given them: file:/run/secrets/kliping.
type secret struct {
	field *string
	valid func(string) error
}

func (s secret) set(text string) error {
	if path, ok := strings.CutPrefix(text, "file:"); ok {
		b, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("its file cannot be read: %w", err)
		}
		if text = strings.TrimRight(string(b), "\r\n"); text == "" {
			return fmt.Errorf("its file %s is empty", path)
		}
	}
	if err := s.valid(text); err != nil {
		return err
	}
	*s.field = text
	return nil
}

func (s secret) check() error { return s.valid(*s.field) }

func (s secret) get() any {
	if *s.field == "" {
		return ""
	}
	return hidden
}

// list is several strings, all of which valid approves of.
type list struct {
	field *[]string
	valid func(string) error
}

// set takes the items separated by commas.
func (l list) set(s string) error {
	var items []string
	for item := range strings.SplitSeq(s, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	if err := (list{&items, l.valid}).check(); err != nil {
		return err
	}
	*l.field = items
	return nil
}

func (l list) check() error {
	for _, item := range *l.field {
		if err := l.valid(item); err != nil {
			return err
		}
	}
	return nil
}

func (l list) get() any { return append([]string{}, *l.field...) }

// number is a whole number with bounds.
type number struct {
	field    *int
	min, max int
}

func (n number) set(s string) error {
	v, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return fmt.Errorf("%q is no whole number; write one from %d to %d", s, n.min, n.max)
	}
	return assign(n.field, v, n.min, n.max, strconv.Itoa)
}

func (n number) check() error { return within(*n.field, n.min, n.max, strconv.Itoa) }
func (n number) get() any     { return *n.field }

// duration is a length of time with bounds.
type duration struct {
	field    *time.Duration
	min, max time.Duration
}

// set takes what [time.ParseDuration] takes, and whole days such as 14d.
func (d duration) set(s string) error {
	trimmed := strings.TrimSpace(s)
	v, err := time.ParseDuration(trimmed)
	if days, ok := strings.CutSuffix(trimmed, "d"); ok {
		var n int64
		n, err = strconv.ParseInt(days, 10, 32)
		v = time.Duration(min(n, int64(math.MaxInt64/day))) * day
	}
	if err != nil {
		return fmt.Errorf("%q is no duration; write for example 30s, 12h or 14d", s)
	}
	return assign(d.field, v, d.min, d.max, formatDuration)
}

func (d duration) check() error { return within(*d.field, d.min, d.max, formatDuration) }
func (d duration) get() any     { return formatDuration(*d.field) }

// formatDuration leaves out the zeros that Duration.String ends with, and counts
// in days what is some days exactly.
func formatDuration(d time.Duration) string {
	if d%day == 0 && d >= 2*day {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	if s == "0s" {
		return "0"
	}
	return s
}

// Size is a number of bytes.
type Size int64

// String is the size in the largest unit that needs no fraction: "16MiB".
func (s Size) String() string {
	for _, u := range sizeUnits() {
		if s != 0 && s%u.bytes == 0 {
			return strconv.FormatInt(int64(s/u.bytes), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

type sizeUnit struct {
	name  string
	bytes Size
}

func sizeUnits() []sizeUnit { return []sizeUnit{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} }

// size is a [Size] with bounds.
type size struct {
	field    *Size
	min, max Size
}

func (z size) set(s string) error {
	digits, unit := strings.TrimSpace(s), Size(1)
	for _, u := range sizeUnits() {
		if rest, ok := strings.CutSuffix(digits, u.name); ok {
			digits, unit = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return fmt.Errorf("%q is no size; write bytes or for example 512KiB, 16MiB or 1GiB", s)
	}
	n = max(min(n, math.MaxInt64/int64(unit)), math.MinInt64/int64(unit))
	return assign(z.field, Size(n)*unit, z.min, z.max, Size.String)
}

func (z size) check() error { return within(*z.field, z.min, z.max, Size.String) }
func (z size) get() any     { return z.field.String() }

func assign[T cmp.Ordered](field *T, v, least, most T, format func(T) string) error {
	if err := within(v, least, most, format); err != nil {
		return err
	}
	*field = v
	return nil
}

func within[T cmp.Ordered](v, least, most T, format func(T) string) error {
	switch {
	case v < least:
		return fmt.Errorf("%s is too little; the least is %s", format(v), format(least))
	case v > most:
		return fmt.Errorf("%s is too much; the most is %s", format(v), format(most))
	}
	return nil
}
