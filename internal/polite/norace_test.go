//go:build !race

package polite

const raced = false
