package issuer

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"slices"

	"yizhan/civic"
	"yizhan/civic/sheet"
	"yizhan/ledger"
)

// foldedWhat is how the lines of earnings read that were folded into one.
const (
	rosterWhat = "志愿者名册"
	foldedWhat = "以前的记录"
)

// stream writes the next bundle's documents while it reads the last one's.
type stream struct {
	*run
	yield    func(civic.Document, error) bool
	stopped  bool
	added    []int32 // new persons of the roster, by id
	pictures []picture
	used     map[string]bool
}

// documents hands out the next bundle in its order.
func (r *run) documents(ctx context.Context) iter.Seq2[civic.Document, error] {
	return func(yield func(civic.Document, error) bool) {
		s := &stream{run: r, yield: yield, pictures: r.pictures, used: map[string]bool{}}
		for i, p := range r.roster.people {
			if p.known < 0 {
				s.added = append(s.added, int32(i))
			}
		}
		slices.SortFunc(s.added, byID(func(i int32) ledger.ID { return r.roster.people[i].id }))
		if err := s.all(ctx); err != nil && !s.stopped {
			yield(civic.Document{}, err)
		}
	}
}

func (s *stream) put(d civic.Document) { s.stopped = s.stopped || !s.yield(d, nil) }

func (s *stream) all(ctx context.Context) error {
	s.put(civic.Document{Station: &s.station})
	for i := range s.staff {
		s.put(civic.Document{Staff: &s.staff[i]})
	}
	for i := range s.goods {
		s.used[s.goods[i].Picture] = true
		s.put(civic.Document{Good: &s.goods[i]})
	}
	at := int32(0) // in register.people
	if s.register.bundle != nil {
		for doc, err := range s.register.bundle.Documents() {
			if err != nil {
				return err
			}
			if s.stopped || ctx.Err() != nil {
				break
			}
			switch {
			case doc.Picture != nil:
				if err := s.oldPicture(*doc.Picture); err != nil {
					return err
				}
			case doc.Volunteer != nil:
				if err := s.newPictures(""); err != nil {
					return err
				}
				s.oldVolunteer(*doc.Volunteer, at)
				at++
			}
		}
	}
	if err := s.newPictures(""); err != nil {
		return err
	}
	s.newVolunteers(nil)
	return ctx.Err()
}

// oldPicture keeps a picture of the last bundle that a good still shows.
func (s *stream) oldPicture(p civic.Picture) error {
	if err := s.newPictures(p.Name); err != nil {
		return err
	}
	if s.used[p.Name] {
		s.put(civic.Document{Picture: &p})
	}
	return nil
}

// newPictures hands out the new pictures with names before the given one, or all.
func (s *stream) newPictures(before string) error {
	for len(s.pictures) > 0 && (before == "" || s.pictures[0].name < before) {
		p, err := s.pictures[0].load(s.serial)
		if err != nil {
			return err
		}
		s.pictures = s.pictures[1:]
		s.put(civic.Document{Picture: &p})
	}
	return nil
}

// newVolunteers hands out the new persons with ids before the given one, or all.
func (s *stream) newVolunteers(before *ledger.ID) {
	for len(s.added) > 0 && !s.stopped {
		p := &s.roster.people[s.added[0]]
		if before != nil && bytes.Compare(p.id[:], before[:]) > 0 {
			return
		}
		s.added = s.added[1:]
		v := s.merge(civic.Volunteer{ID: p.id, Version: s.serial}, p)
		s.count(sheet.KindRoster, true, true)
		s.put(civic.Document{Volunteer: &v})
	}
}

// oldVolunteer hands out a person of the last bundle, changed by the roster.
func (s *stream) oldVolunteer(old civic.Volunteer, at int32) {
	s.newVolunteers(&old.ID)
	k := &s.register.people[at]
	v := old
	if s.register.fresh {
		v.Earned = nil
	}
	if k.update >= 0 {
		v = s.merge(v, &s.roster.people[k.update])
	} else if k.renew {
		v.Cards = s.renew(v)
	}
	same := sameJSON(v, old)
	if !same {
		v.Version, s.changed = s.serial, true
	}
	if k.update >= 0 {
		s.count(sheet.KindRoster, false, !same)
	}
	s.put(civic.Document{Volunteer: &v})
}

// renew gives a person who is not in the roster a new card.
func (s *stream) renew(v civic.Volunteer) []civic.CardID {
	secret, err := civic.NewCard(s.Random)
	if err != nil {
		s.stopped = !s.yield(civic.Document{}, err)
		return nil
	}
	s.cards = append(s.cards, PrintedCard{Secret: secret, Name: v.Name, Number: v.Number})
	return []civic.CardID{secret.ID()}
}

// merge adds a row of the roster to a person, and what it has earned.
func (s *stream) merge(v civic.Volunteer, p *person) civic.Volunteer {
	v = p.describe(v)
	if len(v.Cards) == 0 {
		s.cardless++
	}
	if p.add > 0 {
		v.Earned = fold(append(slices.Clip(v.Earned), p.earning(s.today)))
	}
	return v
}

// describe says of a person what the row says. What the row leaves open stays.
func (p *person) describe(v civic.Volunteer) civic.Volunteer {
	v.Name, v.Initials = p.name, Initials(p.name)
	if p.number != "" {
		v.Number = p.number
	}
	if p.tail != "" {
		v.Phone, v.Tail = p.phone, p.tail
	}
	v.Minutes = max(v.Minutes, p.minutes)
	v.Keys = mergeKeys(v.Keys, p.keys)
	if p.card {
		v.Cards = []civic.CardID{p.secret.ID()}
	}
	return v
}

// earning is the line of what the row adds.
func (p *person) earning(today ledger.Day) civic.Earning {
	return civic.Earning{On: today, Expires: p.expires, What: rosterWhat, Minutes: p.counted, Rate: p.rate, Points: p.add, Rule: p.rule}
}

// mergeKeys adds the keys of a row. The oldest give way when there are too many.
func mergeKeys(keys, more []civic.KeyHash) []civic.KeyHash {
	keys = slices.Clip(keys)
	for _, key := range more {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys[max(0, len(keys)-civic.MaxKeys):]
}

// fold keeps a long list of earnings short: the older lines of each lot become
// one. What is granted in a lot stays the same.
func fold(earned []civic.Earning) []civic.Earning {
	if len(earned) <= maxEarnedLines {
		return earned
	}
	old, recent := earned[:len(earned)-keptEarnedLines], earned[len(earned)-keptEarnedLines:]
	var folded []civic.Earning
	for _, e := range old {
		at := slices.IndexFunc(folded, func(f civic.Earning) bool { return f.Expires == e.Expires })
		if at < 0 {
			folded = append(folded, civic.Earning{On: e.On, Expires: e.Expires, What: foldedWhat})
			at = len(folded) - 1
		}
		folded[at].Minutes += e.Minutes
		folded[at].Points += e.Points
	}
	return append(folded, recent...)
}

// sameJSON tells whether two documents are written the same way.
func sameJSON(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
