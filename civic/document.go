package civic

import (
	"fmt"
	"strings"

	"yizhan/ledger"
)

// Volunteer is what a kiosk knows of one volunteer.
type Volunteer struct {
	ID       ledger.ID `json:"id"`
	Version  uint64    `json:"version"`            // serial of the bundle that last changed it
	Name     string    `json:"name"`               // full; screens show Masked
	Initials string    `json:"initials,omitempty"` // pinyin initials, a-z, for staff search: zw
	Number   string    `json:"number,omitempty"`   // 志愿者编号 [albp0029]
	Phone    PhoneHash `json:"phone,omitzero"`     // keyed hash; zero: no phone
	Tail     string    `json:"tail,omitempty"`     // last four digits of the phone
	Cards    []CardID  `json:"cards,omitempty"`    // cards that open this account
	PIN      string    `json:"pin,omitempty"`      // verifier, see HashPIN; a PIN set at the kiosk wins
	Minutes  int64     `json:"minutes,omitempty"`  // credit time that lists tell of
	Served   int64     `json:"served,omitempty"`   // minutes credited for shifts, or entered afterwards, which come on top
	Earned   []Earning `json:"earned,omitempty"`   // oldest first; the sum by lot is what is granted here, unless Linked
	Keys     []KeyHash `json:"keys,omitempty"`     // by which the issuer knows the person again
	Linked   bool      `json:"linked,omitempty"`   // earned lines are history only; points come as a Grant
}

// Service is how many minutes the person has served, as far as this says.
func (v Volunteer) Service() int64 { return v.Minutes + v.Served }

// Earning is one line of how points came to be. The points granted in a lot are
// the sum of the earnings that expire on its date.
type Earning struct {
	On      ledger.Day    `json:"on"`
	Expires ledger.Day    `json:"expires"`
	What    string        `json:"what"`              // activity, or where the number was taken from
	Minutes int64         `json:"minutes,omitempty"` // 0 when points were given as such
	Rate    int64         `json:"rate,omitempty"`    // points for each credit hour, by the rule of that day
	Points  ledger.Points `json:"points"`            // below 0: a correction took them back
	Rule    Rule          `json:"rule,omitempty"`    // the version of the policy by which points and expiry were worked out; "": none had a number
	Of      string        `json:"of,omitempty"`      // the earning that a correction is of, as the center numbers it; with a volunteer before it, where the points were passed on from
}

// From is the record that the points were passed on from when two of one person were
// merged; "": from none.
func (e Earning) From() string {
	from, _, passed := strings.Cut(e.Of, "/")
	if !passed {
		return ""
	}
	return from
}

// Home is the earning of a record that came back to it from the one that it was passed on
// to; "": it is no such one. Of says it behind the earning there: from/id<record/home.
func (e Earning) Home(record string) string {
	_, home, _ := strings.Cut(e.Of, "<")
	if id, back := strings.CutPrefix(home, record+"/"); back {
		return id
	}
	return ""
}

// Name is what an objection calls the earning: kiosks are given no number of it, so it
// is what a person reads of it.
func (e Earning) Name() string {
	return fmt.Sprintf("%v %d %d %s", e.On, e.Minutes, int64(e.Points), e.What)
}

// Granted sums up the earnings of each lot. Those of a linked volunteer grant
// nothing.
func (v Volunteer) Granted() map[ledger.Day]ledger.Points {
	granted := make(map[ledger.Day]ledger.Points)
	if v.Linked {
		return granted
	}
	for _, e := range v.Earned {
		granted[e.Expires] += e.Points
	}
	return granted
}

// Grant is what the center has given one kiosk, in one epoch of its chain, of the
// points of one volunteer. The points are totals since that epoch began, so the
// same grant twice changes nothing.
type Grant struct {
	Volunteer ledger.ID    `json:"volunteer"`
	Kiosk     string       `json:"kiosk"`
	Epoch     uint32       `json:"epoch"`
	Version   uint64       `json:"version"`
	Lots      []GrantedLot `json:"lots"` // the earliest first, each expiry once
}

// GrantedLot is the total granted so far of the lot that expires on Expires.
type GrantedLot struct {
	Expires ledger.Day    `json:"expires"`
	Granted ledger.Points `json:"granted"`
}

// Staff is a person who may work at the kiosk, with card and PIN.
type Staff struct {
	ID      ledger.ID `json:"id"`
	Version uint64    `json:"version"`
	Name    string    `json:"name"`
	Number  string    `json:"number,omitempty"`
	Role    Role      `json:"role"`
	Cards   []CardID  `json:"cards"`
	PIN     string    `json:"pin"`
	Keys    []KeyHash `json:"keys,omitempty"`
}

// Role says what a member of staff may do.
type Role string

// Roles at a kiosk. A leader may do what a clerk does, and refund above the
// clerk's limit; a technician sees the box, never a volunteer.
const (
	RoleClerk      Role = "clerk"
	RoleLeader     Role = "leader"
	RoleTechnician Role = "technician"
)

// Good is something that points buy.
type Good struct {
	Code       string        `json:"code"` // see ledger.ValidGood
	Version    uint64        `json:"version"`
	Name       string        `json:"name"`
	NameEN     string        `json:"name_en,omitempty"`
	Size       string        `json:"size,omitempty"` // 5 公斤
	Unit       string        `json:"unit"`           // 袋
	Category   string        `json:"category,omitempty"`
	Price      ledger.Points `json:"price"`              // for one piece
	Limit      int64         `json:"limit,omitempty"`    // pieces for each person and month; 0: the policy's
	Delivered  int64         `json:"delivered"`          // total sent to this kiosk, grows only
	Picture    string        `json:"picture,omitempty"`  // name of a Picture, or of one of the pictures built in
	Donor      string        `json:"donor,omitempty"`    // as a label says it
	Merchant   string        `json:"merchant,omitempty"` // whom it comes from, see ValidMerchant; only the center knows more
	BestBefore ledger.Day    `json:"best_before,omitzero"`
	Withdrawn  bool          `json:"withdrawn,omitempty"` // not offered any more
}

// Picture is the image of a good.
type Picture struct {
	Name    string `json:"name"` // as in Good.Picture
	Version uint64 `json:"version"`
	Type    string `json:"type"` // image/png, image/jpeg or image/webp
	Data    []byte `json:"data"`
}

// Station is the place where a kiosk stands.
type Station struct {
	Version   uint64 `json:"version"`
	Kiosk     string `json:"kiosk"` // see ledger.ValidKiosk
	Name      string `json:"name"`  // 石桥村益栈
	NameEN    string `json:"name_en,omitempty"`
	Parent    string `json:"parent,omitempty"` // 清溪镇 · 文明实践站
	ParentEN  string `json:"parent_en,omitempty"`
	Counter   string `json:"counter,omitempty"` // where goods are handed over: 进门左手边
	CounterEN string `json:"counter_en,omitempty"`
	Phone     string `json:"phone,omitempty"`     // of the station, for help
	PhoneKey  []byte `json:"phone_key,omitempty"` // 32 bytes, keys PhoneHash
	Policy    Policy `json:"policy"`
	Rule      Rule   `json:"rule,omitempty"` // the version that Policy is; "": it was written for this station alone
}

// Document is one document of a bundle, or of a center: exactly one field is set.
type Document struct {
	Station   *Station   `json:"station,omitempty"`
	Staff     *Staff     `json:"staff,omitempty"`
	Good      *Good      `json:"good,omitempty"`
	Picture   *Picture   `json:"picture,omitempty"`
	Volunteer *Volunteer `json:"volunteer,omitempty"`
	Grant     *Grant     `json:"grant,omitempty"`
	Delivery  *Delivery  `json:"delivery,omitempty"`
	Shift     *Shift     `json:"shift,omitempty"`
	Attended  *Attended  `json:"attended,omitempty"`
	Gone      *Gone      `json:"gone,omitempty"`
}
