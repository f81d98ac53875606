package store

import (
	"database/sql"
	"encoding/json"
	"strconv"
	"strings"
)

// dialect is where the two databases differ.
type dialect struct {
	name       string
	numbered   bool           // parameters are $1, $2 … instead of ?
	reading    *sql.TxOptions // a transaction that sees one state throughout
	forUpdate  string         // locks the rows that a SELECT gives
	skipLocked string         // the same, passing over rows that others hold
	greatest   string         // the function that gives the greatest of its arguments
	// onlyOne makes nodes that migrate wait for one another.
	onlyOne string
	// lockOutlets makes writers of one outlet's articles wait for one another,
	// where there can be more than one writer.
	lockOutlets string
	// among is the condition that a column's value is in a list, which list
	// makes the parameter for: one statement for lists of any length.
	among func(column string) string
	list  func(values any) any
}

// sqlite has one writer at a time, so it needs none of the locks.
func sqlite() dialect {
	return dialect{
		name:     "sqlite",
		reading:  &sql.TxOptions{ReadOnly: true},
		greatest: "MAX",
		among:    func(column string) string { return column + " IN (SELECT value FROM json_each(?))" },
		list: func(values any) any {
			b, _ := json.Marshal(values) // lists of numbers or strings
			return string(b)
		},
	}
}

func postgres() dialect {
	return dialect{
		name:        "postgres",
		numbered:    true,
		reading:     &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead},
		forUpdate:   " FOR UPDATE",
		skipLocked:  " FOR UPDATE SKIP LOCKED",
		greatest:    "GREATEST",
		onlyOne:     "SELECT pg_advisory_xact_lock(hashtext('kliping migration'))",
		lockOutlets: "SELECT pg_advisory_xact_lock(hashtext(outlet)) FROM unnest(?::text[]) AS outlet",
		among:       func(column string) string { return column + " = ANY(?)" },
		list:        func(values any) any { return values },
	}
}

// bind writes a statement's parameters as the database wants them. No statement
// of ours has a question mark that is not a parameter.
func (d *dialect) bind(query string) string {
	if !d.numbered {
		return query
	}
	var b strings.Builder
	b.Grow(len(query) + 64)
	for n := 1; ; n++ {
		before, after, found := strings.Cut(query, "?")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n))
		query = after
	}
}
