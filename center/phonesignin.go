package center

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"yizhan/center/store"
	"yizhan/civic"
	"yizhan/ledger"
)

// phoneSignin is the form to sign in on a phone. Whatever was wrong, it says the same.
type phoneSignin struct {
	Next    string
	Scanned string        // title of what was scanned before; "": nothing
	Typed   string        // number or phone
	Wrong   bool          // nobody has this number or phone with this PIN
	Locked  bool          // wrong too often
	Names   []sharer      // who of these it is: they share a phone and a PIN
	Proof   string        // that their PIN was right
	Here    []phonePerson // who is signed in on this phone already
}

// sharer is one of those who share a phone number.
type sharer struct{ Name, Number string }

func (p *phones) signin(a *caller) error {
	return p.showSignin(a, phoneSignin{Next: phonePath(a.URL.Query().Get("next"))}, 0)
}

func (p *phones) showSignin(a *caller, d phoneSignin, code int) (err error) {
	if s, ok := p.keptScan(a); ok {
		if shift, _, err := p.Store.Shift(a.Context(), s.Shift); err == nil {
			d.Scanned = shiftTitle(a.ask, shift)
		}
	}
	if d.Here, err = p.together(a); err != nil {
		return err
	}
	return p.show(a, page{word: "signin", data: d, code: code})
}

// signinNow checks number or phone and PIN, or hears who of those who share them it is.
func (p *phones) signinNow(a *caller) error {
	d := phoneSignin{Next: phonePath(a.PostFormValue("next")), Typed: a.typed("who")}
	if proof := a.PostFormValue("proof"); proof != "" {
		return p.signinAs(a, d, proof)
	}
	slow := time.NewTimer(p.slow) // so that the time of an answer says nothing either
	defer slow.Stop()
	people, err := p.letIn(a, d.Typed, oneTimeCode(a.PostFormValue("pin")))
	if errors.Is(err, errWrong) {
		p.Log.Warn("phones: a try to sign in failed", "from", a.RemoteAddr, "why", err)
		d.Wrong, d.Locked = true, errors.Is(err, store.ErrLocked)
		select {
		case <-slow.C:
		case <-a.Context().Done():
		}
		return p.showSignin(a, d, 401)
	}
	if err != nil {
		return err
	}
	if len(people) == 1 {
		return p.begin(a, people[0].ID, store.PhoneByPIN, d.Next)
	}
	for _, person := range people {
		d.Names = append(d.Names, sharer{civic.MaskName(person.Name), person.Number})
	}
	if d.Proof, err = p.proof(a, people); err != nil {
		return err
	}
	return p.showSignin(a, d, 0)
}

// letIn returns the people who have a number or phone with a PIN, or errWrong. Each try
// is counted before anything is compared, and one of nobody's number costs as much.
func (p *phones) letIn(a *caller, typed, pin string) (right []store.Person, err error) {
	from := a.address()
	if !p.wrong.allow(from) {
		return nil, fmt.Errorf("%w: wrong PINs from %s", errMany, from)
	}
	if err := p.comparing(a); err != nil {
		return nil, err
	}
	defer func() { <-p.compares }()
	people, err := p.whoHas(a, typed)
	if err != nil {
		return nil, err
	}
	key := triesOf(people, typed)
	locked := p.Store.TryPhone(a.Context(), key)
	if locked != nil && !errors.Is(locked, store.ErrLocked) {
		return nil, locked
	}
	if right, err = p.whosePIN(a, people, pin); err != nil {
		return nil, err
	}
	if locked != nil || len(right) == 0 {
		return nil, errors.Join(errWrong, locked)
	}
	p.wrong.back(from)
	return right, p.Store.PassPhone(a.Context(), key)
}

// comparing waits for a place to compare a PIN in, and answers ErrBusy when none comes
// free. Whoever has it gives it back.
func (p *phones) comparing(a *caller) error {
	wait := time.NewTimer(passwordWait)
	defer wait.Stop()
	select {
	case p.compares <- struct{}{}:
		return nil
	case <-wait.C:
		return fmt.Errorf("%w: others are signing in", store.ErrBusy)
	case <-a.Context().Done():
		return a.Context().Err()
	}
}

// whoHas are the volunteers who have a phone, or else a number.
func (p *phones) whoHas(a *caller, typed string) (people []store.Person, err error) {
	if phone := oneTimeDigits(typed); len(phone) == phoneDigits && phone[0] == '1' {
		people, err = p.Store.ByPhone(a.Context(), civic.HashPhone(p.Keys.Phone, phone), phone[phoneDigits-4:])
		if err != nil || len(people) > 0 {
			return people[:min(len(people), maxSharers)], err
		}
	}
	for _, number := range slices.Compact([]string{typed, strings.ToUpper(typed)}) {
		if people, err = p.Store.ByNumber(a.Context(), number); err != nil || len(people) > 0 {
			break
		}
	}
	return people[:min(len(people), maxSharers)], err
}

// phoneDigits is the length of a mobile number.
const phoneDigits = 11

// oneTimeDigits drops what people type between the digits of a phone; "" when there is
// more than digits.
func oneTimeDigits(typed string) string {
	digits := strings.NewReplacer(" ", "", "-", "").Replace(typed)
	if strings.Trim(digits, "0123456789") != "" {
		return ""
	}
	return digits
}

// triesOf is what tries are counted by: those who share a phone share the count, and
// nobody's number has one of its own.
func triesOf(people []store.Person, typed string) string {
	if len(people) == 0 {
		return typed
	}
	least := slices.MinFunc(people, func(x, y store.Person) int { return bytes.Compare(x.ID[:], y.ID[:]) })
	return "volunteer " + least.ID.String()
}

// whosePIN are those of people whose PIN it is.
func (p *phones) whosePIN(a *caller, people []store.Person, pin string) (right []store.Person, err error) {
	if len(people) == 0 {
		_ = civic.CheckPIN("", pin, civic.MinPINCost)
	}
	for _, person := range people {
		verifier, err := p.Store.PINOf(a.Context(), person.ID)
		if err != nil && !errors.Is(err, store.ErrUnknown) {
			return nil, err
		}
		if civic.CheckPIN(verifier, pin, civic.MinPINCost) == nil {
			right = append(right, person)
		}
	}
	return right, nil
}

// proved is that somebody knew the PIN of each of several people.
type proved struct {
	People []ledger.ID `json:"people"`
	Until  int64       `json:"until"` // Unix milliseconds
}

func (p *phones) proof(a *caller, people []store.Person) (string, error) {
	w := proved{Until: p.Now().Add(whoKept).UnixMilli()}
	for _, person := range people {
		w.People = append(w.People, person.ID)
	}
	text, err := json.Marshal(w)
	if err != nil {
		return "", fmt.Errorf("writing who it may be: %w", err)
	}
	sealed, err := p.sealed.seal("who\n"+a.device.String(), text, p.Random)
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

// signinAs signs in the one of several people that was chosen.
func (p *phones) signinAs(a *caller, d phoneSignin, proof string) error {
	var w proved
	sealed, err := base64.RawURLEncoding.DecodeString(proof)
	text, ok := p.sealed.open("who\n"+a.device.String(), sealed)
	at := slices.Index([]string{"0", "1", "2", "3"}, a.typed("is"))
	if err != nil || !ok || json.Unmarshal(text, &w) != nil || at < 0 || at >= len(w.People) || p.Now().UnixMilli() > w.Until {
		return p.showSignin(a, d, 0)
	}
	return p.begin(a, w.People[at], store.PhoneByPIN, d.Next)
}

// begin signs somebody in on the phone, and leads on: to what was scanned before.
func (p *phones) begin(a *caller, who ledger.ID, how, next string) error {
	token, err := p.Store.BeginPhone(a.Context(), who, a.device, how, a.UserAgent())
	if err != nil {
		return err
	}
	if err := p.join(a, token, who); err != nil {
		return err
	}
	if _, ok := p.keptScan(a); ok {
		next = "/c/"
	}
	a.redirect(cmp.Or(next, "/my"))
	return nil
}
