package config

import (
	"cmp"
	"strings"
)

// Nearest is the word of list that name was probably meant to be; "" if none
// is near: at most two wrong letters, and at most a third of name.
func Nearest(name string, list []string) string {
	best, limit := "", min(2, len(name)/3)
	for _, word := range list {
		if d := distance(strings.ToLower(name), strings.ToLower(word), limit); d <= limit {
			best, limit = word, d-1
		}
	}
	return best
}

// distance is the number of letters to insert, drop, change or swap with their
// neighbour that make a into b; limit+1 stands for all that is more than limit.
func distance(a, b string, limit int) int {
	if limit < 0 || len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// suggestKey is the key that an unknown one was probably meant to be, in full;
// "" if none is near. It knows the names of netifyd's INI file too, and keys
// that are right but in another table.
func suggestKey(table, name string) string {
	here := bareNames(table)
	if best := cmp.Or(Nearest(name, here), longer(name, here)); best != "" {
		return table + "." + best
	}
	if now := fromLegacy(name); now != "" {
		return now
	}
	var full, same []string
	for i := range Options {
		full = append(full, Options[i].Key())
		if Options[i].Name == name {
			same = append(same, Options[i].Key())
		}
	}
	if len(same) == 1 {
		return same[0]
	}
	if len(here) > 0 { // the table is right, so its name is no letter of the key
		return ""
	}
	return Nearest(strings.TrimPrefix(table+"."+name, "."), full)
}

// longer is the one word of list that begins as name does, or that name goes on
// from, as dir and directory; "" if there is none, or several.
func longer(name string, list []string) (best string) {
	for _, word := range list {
		if min(len(name), len(word)) >= 3 && (strings.HasPrefix(word, name) || strings.HasPrefix(name, word)) {
			if best != "" {
				return ""
			}
			best = word
		}
	}
	return best
}

// fromLegacy is the key that a name of netifyd's INI file has here; "" if none.
func fromLegacy(name string) string {
	for i := range Options {
		if _, old, _ := strings.Cut(Options[i].Legacy, "."); old != "" && old == name {
			return Options[i].Key()
		}
	}
	for _, l := range legacyRules {
		if _, old, _ := strings.Cut(l.key, "."); l.now != "" && old == name {
			return l.now
		}
	}
	return ""
}

// bareNames are the keys of one table.
func bareNames(table string) []string {
	var names []string
	for i := range Options {
		if Options[i].Table == table {
			names = append(names, Options[i].Name)
		}
	}
	return names
}

// tableNames are the tables in the order of the manual.
func tableNames() []string {
	var names []string
	for i := range Options {
		if len(names) == 0 || names[len(names)-1] != Options[i].Table {
			names = append(names, Options[i].Table)
		}
	}
	return names
}
