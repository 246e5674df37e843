package kiosk

import "testing"

func TestShort(t *testing.T) {
	for name, want := range map[string]string{
		"":                               "",
		"社区清洁日":                          "社区清洁日",
		"新时代文明实践站":                       "新时代文明实践站",
		"新时代文明实践站周":                      "新时代文明实践站周",
		"新时代文明实践站周末义诊":                   "新时代文明实践站周…",
		"Crossing duty at East Gate":     "Crossing duty at E…",
		"Tree planting":                  "Tree planting",
		"Reading aloud 2026 for seniors": "Reading aloud 2026…",
	} {
		if got := short(name); got != want {
			t.Errorf("short(%q) = %q, want %q", name, got, want)
		}
	}
}
