package center

import (
	"encoding/json"
	"fmt"
	"slices"

	"yizhan/center/store"
	"yizhan/ledger"
)

// signed is a report that was signed off, and its figures.
type signed struct {
	Report store.SignedReport
	reportBody
}

func readSigned(r store.SignedReport) (s signed, err error) {
	s.Report = r
	if err := json.Unmarshal(r.Body, &s.reportBody); err != nil {
		return s, fmt.Errorf("reading a signed report: %w", err)
	}
	return s, nil
}

// signedBefore reads the reports of a place that were signed off for stretches before
// a day, as far back as something may still come in, the earliest first.
func (c *console) signedBefore(a *ask, place string, span store.Span, before ledger.Day) (list []signed, err error) {
	limit := laterWeeks
	if span == store.SpanMonth {
		limit = laterMonths
	}
	found, err := c.Store.SignedReports(a.Context(), place, span, 0, before, limit)
	for _, r := range slices.Backward(found) {
		s, failed := readSigned(r)
		if failed != nil {
			return nil, failed
		}
		list = append(list, s)
	}
	return list, err
}

// told is what reports have said of each part of a stretch, by its id.
type told map[string]reportPart

func (t told) add(parts []reportPart) {
	for _, p := range parts {
		known := t[p.ID]
		known.ID, known.Name, known.Sums = p.ID, p.Name, known.Sums.plus(p.Sums, 1)
		t[p.ID] = known
	}
}

// later says what came in of the stretches of signed reports that none of them says.
// A part is compared with itself, so one that was moved in the tree since is no
// difference.
func (c *console) later(a *ask, list []signed) ([]reportLater, error) {
	all := []reportLater{}
	if len(list) == 0 {
		return all, nil
	}
	tree, err := c.scopesByID(a)
	if err != nil {
		return nil, err
	}
	for _, s := range list {
		known := make(told)
		known.add(s.Towns)
		known.add(s.Kiosks)
		for _, other := range list {
			for _, l := range other.Later {
				if l.Day == s.First {
					known.add(l.Parts)
				}
			}
		}
		now, err := c.partsNow(a, s, known, tree)
		if err != nil {
			return nil, err
		}
		l := reportLater{Day: s.First}
		for _, p := range now {
			if p.Sums = p.Sums.plus(known[p.ID].Sums, -1); p.Sums != (reportSums{}) {
				l.Parts = append(l.Parts, p)
				l.Sums = l.Sums.plus(p.Sums, 1)
			}
		}
		if len(l.Parts) > 0 {
			all = append(all, l)
		}
	}
	return all, nil
}

// partsNow is what the parts of a signed report come to now. A town that had nothing
// to say then is one of its parts too, if it lies in the place.
func (c *console) partsNow(a *ask, s signed, known told, tree map[string]store.Scope) (list []reportPart, err error) {
	sums, err := c.Store.KioskSums(a.Context(), s.Span, s.First)
	if err != nil {
		return nil, err
	}
	for _, k := range s.Kiosks {
		list = append(list, reportPart{ID: k.ID, Name: k.Name, Sums: sumsOfKiosk(sums[k.ID])})
	}
	towns, err := c.Store.TownDays(a.Context(), s.Span, s.First, s.First, func(town string) bool {
		_, is := known[town]
		return is || childOf(s.Place, town, tree) != ""
	})
	for _, t := range towns {
		name := known[t.Town].Name
		if name == "" {
			name = tree[t.Town].Name
		}
		list = append(list, reportPart{ID: t.Town, Name: name, Sums: sumsOfTown(t)})
	}
	return list, err
}
