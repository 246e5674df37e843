package center

import (
	"context"
	"errors"
	"fmt"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// Reasons why a star stands where it does that no officer typed: center.stars.why.WORD.
const (
	starListed = "listed" // the hours were told by a list of a system that has rated them already
	starHours  = "hours"  // the hours are fewer than they were when it was announced
)

// starFinder looks once a day, after midnight, who has reached another star, and grants
// those whose publicity is over. Several processes may do so at once: each step is
// done once.
type starFinder struct {
	c     *console
	found ledger.Day // that everybody was looked at; of the goroutine that works
	rules map[string]civic.Policy
}

// work is one round.
func (f *starFinder) work(ctx context.Context) error {
	err := f.grant(ctx)
	today := f.c.todayIs()
	if f.found == today {
		return err
	}
	f.rules = make(map[string]civic.Policy)
	if failed := f.look(ctx, today); failed != nil {
		return errors.Join(err, failed)
	}
	f.found = today
	return err
}

// look goes through all volunteers.
func (f *starFinder) look(ctx context.Context, today ledger.Day) error {
	began, people, stars := time.Now(), 0, 0
	for after := ""; ; {
		page, err := f.c.Store.Servers(ctx, after)
		if err != nil {
			return fmt.Errorf("looking for stars: %w", err)
		}
		if page.Last == "" {
			break
		}
		for _, x := range page.List {
			n, err := f.put(ctx, x, today)
			if err != nil {
				return err
			}
			people, stars = people+1, stars+n
		}
		after = page.Last
	}
	if stars > 0 {
		f.c.Log.Info("center: volunteers have reached stars", "stars", stars, "volunteers", people, "took", time.Since(began))
	}
	return nil
}

// put writes down the star that somebody has reached, if it is another one. What lists
// have told is what another system has counted, rated and announced already: its stars
// are taken over as they are. What is reached by hours of this center is announced.
func (f *starFinder) put(ctx context.Context, x store.Server, today ledger.Day) (found int, err error) {
	policy, err := f.policy(ctx, x, today)
	if err != nil {
		return 0, err
	}
	met := store.StarsMet(x.Stars)
	star := store.Star{Volunteer: x.ID, Town: x.Town, Minutes: x.Served.Minutes()}
	if listed := int64(policy.StarsFor(x.Served.Listed)); listed > met {
		star.Stars, star.State, star.Why = listed, store.StarGranted, starListed
		if err := f.c.Store.PutStar(ctx, star); err != nil {
			return 0, err
		}
		met, found = listed, 1
	}
	if all := int64(policy.StarsFor(x.Served.Minutes())); all > met {
		star.Stars, star.State, star.Why, star.Last = all, store.StarAnnounced, "", civic.WorkingDaysAfter(today, policy.PublicityDays)
		return found + 1, f.c.Store.PutStar(ctx, star)
	}
	return found, nil
}

// policy is the rules for somebody, remembered for the round.
func (f *starFinder) policy(ctx context.Context, x store.Server, today ledger.Day) (civic.Policy, error) {
	at := x.Home
	if at == "" {
		at = x.Town
	}
	if p, known := f.rules[at]; known {
		return p, nil
	}
	p, _, err := f.c.policyOf(ctx, at, today)
	if err != nil && !gone(err) {
		return p, err
	}
	f.rules[at] = p.WithDefaults()
	return f.rules[at], nil
}

// grant ends what is due: the star is granted, unless the hours behind it were
// corrected meanwhile.
func (f *starFinder) grant(ctx context.Context) error {
	today := f.c.todayIs()
	due, err := f.c.Store.DueStars(ctx, today)
	for _, x := range due {
		if err != nil {
			break
		}
		err = f.end(ctx, x, today)
	}
	return err
}

func (f *starFinder) end(ctx context.Context, x store.Star, today ledger.Day) error {
	stands, err := f.c.Store.Survivor(ctx, x.Volunteer) // whose hours they are, if the record was merged
	if err != nil {
		return err
	}
	r, err := f.c.Store.Record(ctx, stands)
	if err != nil {
		return err
	}
	sum, _, err := f.c.Store.Services(ctx, stands)
	if err != nil {
		return err
	}
	now, err := f.c.starsBy(ctx, r.Town, r.Home, sum.Minutes())
	if err != nil {
		return err
	}
	why := ""
	if now < x.Stars {
		why = starHours
	}
	return f.c.Store.EndStar(ctx, x.Volunteer, x.Stars, today, why)
}
