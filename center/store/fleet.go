package store

import "context"

const (
	scatterStandings = `SELECT k.kiosk, k.epoch, k.revoked, c.state, c.reason FROM kiosk k JOIN chain c ON c.kiosk = k.kiosk AND c.epoch = k.epoch
		WHERE k.kiosk > $1 ORDER BY k.kiosk LIMIT $2`
	scatterVersions = `SELECT scope, version FROM scope WHERE scope > $1 ORDER BY scope LIMIT $2`
	scatterHomes    = `SELECT DISTINCT p.home FROM person p JOIN lot l ON l.volunteer = p.volunteer
		WHERE l.free > 0 AND l.expires >= $1 AND p.home > $2 ORDER BY p.home LIMIT $3`
)

// Standing is what officers have decided about a kiosk and its chain of now.
type Standing struct {
	Kiosk   string
	Epoch   uint32
	Revoked bool
	State   State
	Reason  string // why it is in quarantine
}

// Standings reads how every kiosk that a box was approved for stands, by kiosk.
func (s *Store) Standings(ctx context.Context) (map[string]Standing, error) {
	all := make(map[string]Standing)
	err := s.pages(ctx, "reading how the kiosks stand", scatterStandings, nil, func(rows scanner) (string, error) {
		var st Standing
		var epoch, revoked int64
		err := rows.Scan(&st.Kiosk, &epoch, &revoked, &st.State, &st.Reason)
		st.Epoch, st.Revoked = uint32(epoch), revoked != 0
		all[st.Kiosk] = st
		return st.Kiosk, err
	})
	return all, err
}

// Versions reads how far every scope is.
func (s *Store) Versions(ctx context.Context) (map[string]uint64, error) {
	all := make(map[string]uint64)
	err := s.pages(ctx, "reading the versions", scatterVersions, nil, func(rows scanner) (string, error) {
		var scope string
		var version int64
		err := rows.Scan(&scope, &version)
		all[scope] = uint64(version)
		return scope, err
	})
	return all, err
}

// Homes lists the kiosks whose own volunteers have points that are free.
func (s *Store) Homes(ctx context.Context) (homes []string, err error) {
	err = s.pages(ctx, "looking for free points", scatterHomes, []any{int64(s.today())}, func(rows scanner) (string, error) {
		var home string
		err := rows.Scan(&home)
		homes = append(homes, home)
		return home, err
	})
	return homes, err
}

// pages runs a scatter statement page by page: its last arguments are the key that
// the page begins after, and how many rows it has. scan returns a row's key.
func (s *Store) pages(ctx context.Context, what, query string, args []any, scan func(scanner) (string, error)) error {
	for after := ""; ; {
		n, next := 0, ""
		err := s.scatter(ctx, what, query, append(args[:len(args):len(args)], after, int64(pageRows)), func() { n = 0 }, func(rows scanner) (err error) {
			n++
			next, err = scan(rows)
			return err
		})
		if err != nil || n < pageRows {
			return err
		}
		after = next
	}
}

// Announce has f called with the scope after each transaction of this Store that
// wrote documents there. It is set before the Store is used; f must not wait.
func (s *Store) Announce(f func(scope string)) { s.announce = f }

// Whole answers ErrRestored while the book comes from a copy and some kiosk has
// not told what it was granted: nothing is granted then.
func (s *Store) Whole(ctx context.Context) error { return s.whole(ctx) }

// Passing drops the errors that only say that a kiosk cannot be granted anything
// now.
func Passing(err error) error { return passing(err) }
