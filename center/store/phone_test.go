package store

import (
	"slices"
	"testing"
	"time"

	"yizhan/civic"
	"yizhan/ledger"
)

func TestAPhoneRemembersItsVolunteer(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		zhang, li := w.person(1, ""), w.person(2, "")
		one, other := Device{1}, Device{2}
		token, err := w.BeginPhone(ctx, zhang, one, PhoneByPIN, "微信")
		w.must(err)
		p, fresh, err := w.Phone(ctx, token, one)
		w.must(err)
		if p.Volunteer != zhang || p.How != PhoneByPIN || p.Browser != "微信" || fresh != "" {
			t.Errorf("%+v, %q", p, fresh)
		}
		for _, c := range []struct {
			token  string
			device Device
		}{{"", one}, {"short", one}, {token, other}, {token[:16], one}, {"0000000000000000" + token[16:], one}} {
			_, _, err := w.Phone(ctx, c.token, c.device)
			w.wants(ErrSession, err)
		}
		w.must(w.EndPhone(ctx, p.ID, li)) // not hers
		_, _, err = w.Phone(ctx, token, one)
		w.must(err)
		w.time = w.time.Add(PhoneIdle + time.Hour)
		_, _, err = w.Phone(ctx, token, one)
		w.wants(ErrSession, err)
		list, err := w.Phones(ctx, zhang)
		w.must(err)
		_, err = w.Sweep(ctx)
		w.must(err)
		if again, _ := w.Phones(ctx, zhang); len(list) != 0 || len(again) != 0 {
			t.Errorf("%d, %d phones", len(list), len(again))
		}
	})
}

// A token is another one every day, and one that was copied ends the session.
func TestATokenThatWasCopiedIsNoticed(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		zhang := w.person(1, "")
		one := Device{1}
		first, err := w.BeginPhone(ctx, zhang, one, PhoneByTicket, "")
		w.must(err)
		with := func(token string) string {
			t.Helper()
			_, fresh, err := w.Phone(ctx, token, one)
			w.must(err)
			return fresh
		}
		w.time = w.time.Add(PhoneTurn + time.Second)
		second := with(first)
		if second == "" || with(first) != "" || with(second) != "" { // two requests at once
			t.Fatalf("the token becomes %q", second)
		}
		w.time = w.time.Add(2 * time.Minute)
		third := with(first) // the answer with the second was lost
		if third == "" || third == second {
			t.Fatalf("the token becomes %q", third)
		}
		_, _, err = w.Phone(ctx, second, one) // or it was not, and somebody else has the first
		w.wants(ErrCloned, err)
		_, _, err = w.Phone(ctx, third, one)
		w.wants(ErrSession, err)
		acts, err := w.PersonActs(ctx, zhang, 0, 5)
		w.must(err)
		if len(acts) == 0 || acts[0].Kind != "phone.copied" {
			t.Errorf("acts: %+v", acts)
		}
	})
}

func TestPhonesOfAVolunteer(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		zhang := w.person(1, "")
		var tokens []string
		for range MaxPhones + 2 {
			w.time = w.time.Add(time.Minute)
			token, err := w.BeginPhone(ctx, zhang, Device{1}, PhoneByPIN, "x")
			w.must(err)
			tokens = append(tokens, token)
		}
		list, err := w.Phones(ctx, zhang)
		w.must(err)
		if len(list) != MaxPhones || list[0].ID != tokens[len(tokens)-1][:16] {
			t.Errorf("%d phones, the last is %+v", len(list), list[0])
		}
		_, _, err = w.Phone(ctx, tokens[0], Device{1})
		w.wants(ErrSession, err)
		n, err := w.EndPhones(As(ctx, "lin"), zhang)
		w.must(err)
		again, err := w.EndPhones(As(ctx, "lin"), zhang)
		w.must(err)
		acts, err := w.PersonActs(ctx, zhang, 0, 5)
		w.must(err)
		if n != MaxPhones || again != 0 || len(acts) != 1 || acts[0].Kind != "phone.ended" || acts[0].Who != "lin" {
			t.Errorf("%d and %d phones ended, acts %+v", n, again, acts)
		}
	})
}

func TestATicketIsGoodOnce(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		zhang := w.person(1, "")
		w.must(w.UseTicket(ctx, ledger.Key{1}, zhang))
		w.wants(ErrLink, w.UseTicket(ctx, ledger.Key{1}, zhang))
		w.must(w.UseTicket(ctx, ledger.Key{2}, zhang))
		w.time = w.time.Add(time.Hour)
		_, err := w.Sweep(ctx)
		w.must(err)
		w.wants(ErrLink, w.UseTicket(ctx, ledger.Key{1}, zhang)) // it is forgotten when it is long too old
	})
}

func TestWhoHasANumberOrAPhone(t *testing.T) {
	engines(t, func(t *testing.T, w *world) {
		phone, another := civic.PhoneHash{1}, civic.PhoneHash{2}
		put := func(n byte, number string, phone civic.PhoneHash) ledger.ID {
			id := ledger.ID{n, 9}
			w.must(w.PutPerson(t.Context(), Person{Volunteer: civic.Volunteer{ID: id, Name: "张伟", Number: number, Phone: phone, Tail: "4412"}, Town: "qingxi"}))
			return id
		}
		zhang, li, wang := put(1, "100", phone), put(2, "1001", phone), put(3, "", another)
		for _, c := range []struct {
			number string
			phone  civic.PhoneHash
			want   []ledger.ID
		}{{"100", civic.PhoneHash{}, []ledger.ID{zhang}}, {"10", civic.PhoneHash{}, nil}, {"", phone, []ledger.ID{zhang, li}}, {"", another, []ledger.ID{wang}}, {"", civic.PhoneHash{3}, nil}} {
			find := func() ([]Person, error) { return w.ByPhone(t.Context(), c.phone, "4412") }
			if c.number != "" {
				find = func() ([]Person, error) { return w.ByNumber(t.Context(), c.number) }
			}
			people, err := find()
			w.must(err)
			var got []ledger.ID
			for _, p := range people {
				got = append(got, p.ID)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q %v: %v", c.number, c.phone, got)
			}
		}
	})
}
