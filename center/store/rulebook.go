package store

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	scatterPolicies = `SELECT scope, version, state, first_day, body, made_by, made_ms, force_by, force_ms FROM policy
		WHERE state = 'force' ORDER BY scope, first_day DESC, version DESC LIMIT $1`
	scatterStations = `SELECT scope, body FROM document WHERE kind = 'station' AND scope > $1 ORDER BY scope LIMIT $2`
)

// Rulebook is the policies of all places and the tree, as they were when it was
// read: for those who ask for many places.
type Rulebook struct {
	parents  map[string]string
	versions map[string][]PolicyVersion // in force or to come, the latest first day first
	digest   [sha256.Size]byte
}

// Rulebook reads all versions that were put in force.
func (s *Store) Rulebook(ctx context.Context) (*Rulebook, error) {
	scopes, err := s.AllScopes(ctx)
	if err != nil {
		return nil, err
	}
	r := &Rulebook{parents: make(map[string]string, len(scopes))}
	sum := sha256.New()
	for _, scope := range scopes {
		r.parents[scope.ID] = scope.Parent
		fmt.Fprintf(sum, "%q %q\n", scope.ID, scope.Parent)
	}
	err = s.scatter(ctx, "reading all policies", scatterPolicies, []any{int64(maxRulebook)}, func() { r.versions = make(map[string][]PolicyVersion) }, func(rows scanner) error {
		v, err := scanPolicy(rows)
		r.versions[v.Scope] = append(r.versions[v.Scope], v)
		return err
	})
	for _, scope := range slices.Sorted(maps.Keys(r.versions)) {
		for _, v := range r.versions[scope] {
			fmt.Fprintf(sum, "%s %v\n", v.Rule(), v.First)
		}
	}
	sum.Sum(r.digest[:0])
	return r, err
}

// On is the version in force for a place or kiosk on a day; nil when nobody has made
// rules for it.
func (r *Rulebook) On(scope string, day ledger.Day) *PolicyVersion {
	for n := 0; scope != "" && n < maxDepth; scope, n = r.parents[scope], n+1 {
		if v := r.Own(scope, day); v != nil && !v.Ends {
			return v
		}
	}
	return nil
}

// Above is On of the places above a place.
func (r *Rulebook) Above(scope string, day ledger.Day) *PolicyVersion {
	return r.On(r.parents[scope], day)
}

// Has tells whether a place has versions of its own that are no drafts.
func (r *Rulebook) Has(scope string) bool { return len(r.versions[scope]) > 0 }

// Own is the place's own version that is in force on a day, or nil.
func (r *Rulebook) Own(scope string, day ledger.Day) *PolicyVersion {
	for i := range r.versions[scope] {
		if v := &r.versions[scope][i]; v.First <= day {
			return v
		}
	}
	return nil
}

// State tells one state of the rules on a day from another.
func (r *Rulebook) State(day ledger.Day) string { return fmt.Sprintf("%v %x", day, r.digest) }

// Today is the date on which policies come in force and points expire.
func (s *Store) Today() ledger.Day { return s.today() }

// ruled makes a station say the rules that are in force for its kiosk. Where nobody
// has made any, what was written for the station alone stays; what remains of rules
// that hold no more gives way to the defaults.
func ruled(st civic.Station, now *PolicyVersion) civic.Station {
	switch {
	case now != nil:
		st.Policy, st.Rule = now.Policy, now.Rule()
	case st.Rule != "":
		st.Policy, st.Rule = civic.Policy{}.WithDefaults(), ""
	}
	return st
}

// PublishPolicies brings the rules in force today to every kiosk whose station was
// told others, and returns how many those are. Doing it twice, or in two processes,
// writes nothing twice.
func (s *Store) PublishPolicies(ctx context.Context, rules *Rulebook) (int, error) {
	today := s.today()
	var stale []string
	err := s.pages(ctx, "looking for stations with other rules", scatterStations, nil, func(rows scanner) (string, error) {
		var scope string
		var d storedDocument
		if err := rows.Scan(&scope, &d.body); err != nil {
			return "", err
		}
		var doc civic.Document
		if err := json.Unmarshal(d.body, &doc); err != nil {
			return "", bug("the station of %q cannot be read: %v", scope, err)
		}
		if st := doc.Station; st != nil {
			if now := ruled(*st, rules.On(scope, today)); now.Policy != st.Policy || now.Rule != st.Rule {
				stale = append(stale, scope)
			}
		}
		return scope, nil
	})
	if err != nil {
		return 0, err
	}
	slices.Sort(stale)
	stale = slices.Compact(stale) // a page that was read twice
	return len(stale), s.writeEach(ctx, "telling kiosks their rules", stale, func(t *txn, i int) error {
		return t.publishPolicy(rules.On(stale[i], today))
	})
}

// PublishPolicy is PublishPolicies for one kiosk.
func (s *Store) PublishPolicy(ctx context.Context, kiosk string) error {
	rules, err := s.Rulebook(ctx)
	if err != nil {
		return err
	}
	return s.write(ctx, "telling a kiosk its rules", kiosk, func(t *txn) error { return t.publishPolicy(rules.On(kiosk, s.today())) })
}

func (t *txn) publishPolicy(now *PolicyVersion) error {
	stored, found, err := t.storedDocument(KindStation, fmt.Sprint(t.shard))
	if err != nil || !found {
		return err
	}
	d, err := stored.document()
	if err != nil || d.Station == nil {
		return err
	}
	st := ruled(*d.Station, now)
	return t.putDocument(civic.Document{Station: &st}) // the same writes nothing
}

// Would tells whether a version of a scope that comes in force would rule a place
// on a day: no place nearer than the scope has rules of its own.
func (r *Rulebook) Would(place, scope string, day ledger.Day) bool {
	for n := 0; place != "" && n < maxDepth; place, n = r.parents[place], n+1 {
		if place == scope {
			return true
		}
		if v := r.Own(place, day); v != nil && !v.Ends {
			return false
		}
	}
	return false
}
