//go:build race

package polite

// The race detector makes a month take an hour.
const raced = true
