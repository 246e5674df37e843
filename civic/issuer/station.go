package issuer

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/BurntSushi/toml"

	"yizhan/civic"
	"yizhan/ledger"
)

// stationFile is the TOML file that describes a station. Its keys are those of
// the document.
type stationFile struct {
	Name      string     `toml:"name"`
	NameEN    string     `toml:"name_en"`
	Parent    string     `toml:"parent"`
	ParentEN  string     `toml:"parent_en"`
	Counter   string     `toml:"counter"`
	CounterEN string     `toml:"counter_en"`
	Phone     string     `toml:"phone"`
	Policy    policyKeys `toml:"policy"`
}

// policyKeys are the rules that a kiosk reads itself.
type policyKeys struct {
	PointsPerHour  int64         `toml:"points_per_hour"`
	MonthlyLimit   int64         `toml:"monthly_limit"`
	RefundHours    int64         `toml:"refund_hours"`
	ClerkRefund    ledger.Points `toml:"clerk_refund"`
	ExpiryYears    int64         `toml:"expiry_years"`
	ExpiryCalendar bool          `toml:"expiry_calendar"`
	SelfService    bool          `toml:"self_service"`
	IdleSeconds    int64         `toml:"idle_seconds"`
}

func (k policyKeys) policy() civic.Policy {
	return civic.Policy{PointsPerHour: k.PointsPerHour, MonthlyLimit: k.MonthlyLimit, RefundHours: k.RefundHours, ClerkRefund: k.ClerkRefund,
		ExpiryYears: k.ExpiryYears, ExpiryCalendar: k.ExpiryCalendar, SelfService: k.SelfService, IdleSeconds: k.IdleSeconds}
}

// ReadStation reads the description of a station. A key that is not known is an
// error, because a misspelt rule would silently be the default.
func ReadStation(path string) (civic.Station, error) {
	f, err := os.Open(path)
	if err != nil {
		return civic.Station{}, fmt.Errorf("reading the station: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxStationBytes+1))
	if err != nil {
		return civic.Station{}, fmt.Errorf("reading the station: %w", err)
	}
	if len(b) > maxStationBytes {
		return civic.Station{}, fmt.Errorf("reading the station: %s is longer than %d bytes", path, maxStationBytes)
	}
	return parseStation(string(b), path)
}

func parseStation(text, path string) (civic.Station, error) {
	var s stationFile
	meta, err := toml.Decode(text, &s)
	if err != nil {
		return civic.Station{}, fmt.Errorf("reading the station: %s: %w", path, err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return civic.Station{}, fmt.Errorf("reading the station: %s: the key %q is not known", path, unknown[0])
	}
	if strings.TrimSpace(s.Name) == "" {
		return civic.Station{}, fmt.Errorf("reading the station: %s: the name is missing", path)
	}
	return civic.Station{Name: s.Name, NameEN: s.NameEN, Parent: s.Parent, ParentEN: s.ParentEN, Counter: s.Counter,
		CounterEN: s.CounterEN, Phone: s.Phone, Policy: s.Policy.policy()}, nil
}
