package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"yizhan/civic"
	"yizhan/ledger"
)

const (
	selectPolicies = `SELECT scope, version, state, first_day, body, made_by, made_ms, force_by, force_ms FROM policy WHERE scope = $1 ORDER BY version DESC LIMIT $2`
	selectPolicy   = `SELECT scope, version, state, first_day, body, made_by, made_ms, force_by, force_ms FROM policy WHERE scope = $1 AND version = $2`
	selectRuling   = `SELECT scope, version, state, first_day, body, made_by, made_ms, force_by, force_ms FROM policy
		WHERE scope = $1 AND state = 'force' AND first_day <= $2 ORDER BY first_day DESC, version DESC LIMIT 1`
	insertPolicy = `INSERT INTO policy (scope, version, state, first_day, body, made_by, made_ms, force_by, force_ms) VALUES ($1, $2, 'draft', 0, $3, $4, $5, '', 0)`
	updateDraft  = `UPDATE policy SET body = $3, made_by = $4, made_ms = $5 WHERE scope = $1 AND version = $2 AND state = 'draft'`
	deleteDraft  = `DELETE FROM policy WHERE scope = $1 AND version = $2 AND state = 'draft'`
	forcePolicy  = `UPDATE policy SET state = 'force', first_day = $3, force_by = $4, force_ms = $5 WHERE scope = $1 AND version = $2 AND state = 'draft'`
)

// PolicyVersion is a version of the policy of a place. It is a draft, the place's
// only one, until it is put in force from a day; it never changes afterwards. On a
// day the latest first day rules, and of versions with one first day the latest
// number.
type PolicyVersion struct {
	Scope   string
	Version uint64 // within the scope, from 1 without gaps
	Draft   bool
	First   ledger.Day // from which it is in force; of a draft 0
	PolicyText
	MadeBy  string // who drafted it, or changed the draft last
	Made    time.Time
	ForceBy string // who put it in force
	Force   time.Time
}

// PolicyText is what a version says.
type PolicyText struct {
	Policy civic.Policy `json:"policy"`         // complete, so that it means the same in a later program
	Ends   bool         `json:"ends,omitempty"` // the place has no rules of its own any more: those above hold
	Why    string       `json:"why,omitempty"`  // for those who read it later
	Edits  uint64       `json:"edits"`          // times that the draft was written; who changes it names the one seen
}

// Rule is the version's name in documents.
func (v PolicyVersion) Rule() civic.Rule { return civic.NewRule(v.Scope, v.Version) }

// same tells whether two say the same thing.
func (p PolicyText) same(q PolicyText) bool {
	p.Edits = q.Edits
	return p == q
}

func (p PolicyText) check() error {
	if err := p.Policy.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrInput, err)
	}
	if p.Policy != p.Policy.WithDefaults() || utf8.RuneCountInString(p.Why) > MaxPolicyWhy || !utf8.ValidString(p.Why) {
		return fmt.Errorf("%w: a version of a policy is complete and says why in %d characters", ErrInput, MaxPolicyWhy)
	}
	return nil
}

// Policies returns the versions of a place, the latest first, the draft among them.
func (s *Store) Policies(ctx context.Context, scope string) (list []PolicyVersion, err error) {
	err = s.read(ctx, "reading policies", scope, func(t *txn) error {
		list = nil
		return t.each(selectPolicies, []any{int64(maxPolicies)}, func(rows scanner) error {
			v, err := scanPolicy(rows)
			list = append(list, v)
			return err
		})
	})
	return list, err
}

// PolicyVersion returns one version, or ErrUnknown.
func (s *Store) PolicyVersion(ctx context.Context, rule civic.Rule) (v PolicyVersion, err error) {
	scope, number, ok := rule.Parts()
	if !ok {
		return v, fmt.Errorf("%w: policy %q", ErrUnknown, rule)
	}
	err = s.read(ctx, "reading a policy", scope, func(t *txn) error {
		v, err = t.policy(scope, number)
		return err
	})
	return v, err
}

func (t *txn) policy(scope string, number uint64) (v PolicyVersion, err error) {
	found := false
	err = t.each(selectPolicy, []any{int64(number)}, func(rows scanner) (err error) {
		found = true
		v, err = scanPolicy(rows)
		return err
	})
	if err == nil && !found {
		err = fmt.Errorf("%w: policy %s", ErrUnknown, civic.NewRule(scope, number))
	}
	return v, err
}

func scanPolicy(rows scanner) (v PolicyVersion, err error) {
	var state string
	var body []byte
	var version, first, made, force int64
	if err := rows.Scan(&v.Scope, &version, &state, &first, &body, &v.MadeBy, &made, &v.ForceBy, &force); err != nil {
		return v, err
	}
	if err := json.Unmarshal(body, &v.PolicyText); err != nil {
		return v, bug("policy %s/%d cannot be read: %v", v.Scope, version, err)
	}
	v.Version, v.Draft, v.First, v.Made = uint64(version), state == "draft", ledger.Day(first), time.UnixMilli(made)
	if force > 0 {
		v.Force = time.UnixMilli(force)
	}
	return v, nil
}

// DraftPolicy writes the draft of a place over the one that was seen; a text with no
// edits is a new draft. It answers ErrChanged when another one stands there.
func (s *Store) DraftPolicy(ctx context.Context, scope string, text PolicyText) (v PolicyVersion, err error) {
	if err := text.check(); err != nil {
		return v, err
	}
	err = s.write(ctx, "drafting a policy", scope, func(t *txn) error {
		if _, err := t.scope(scope); err != nil {
			return err
		}
		last, draft, err := t.lastPolicy(scope)
		if err != nil {
			return err
		}
		v = PolicyVersion{Scope: scope, Version: last + 1, Draft: true, PolicyText: text, MadeBy: t.actor(), Made: time.UnixMilli(s.now())}
		v.Edits = text.Edits + 1
		if draft != nil {
			v.Version = draft.Version
			if draft.same(text) && draft.Edits == v.Edits && draft.MadeBy == v.MadeBy { // a run whose answer was lost
				v = *draft
				return nil
			}
		}
		seen := uint64(0)
		if draft != nil {
			seen = draft.Edits
		}
		if seen != text.Edits {
			return fmt.Errorf("%w: the draft of %q was written %d times, %d were seen", ErrChanged, scope, seen, text.Edits)
		}
		return t.writeDraft(draft, v, s.now())
	})
	return v, err
}

func (t *txn) writeDraft(before *PolicyVersion, v PolicyVersion, now int64) error {
	if before == nil && v.Version > maxPolicies {
		return fmt.Errorf("%w: %q has %d versions of its policy", ErrState, v.Scope, maxPolicies)
	}
	body, err := json.Marshal(v.PolicyText)
	if err != nil {
		return fmt.Errorf("writing a policy: %w", err)
	}
	var stood any
	if before != nil {
		stood = policyAct{N: before.Version, PolicyText: before.PolicyText}
	}
	if err := t.act(now, t.actor(), "policy.drafted", stood, policyAct{N: v.Version, PolicyText: v.PolicyText}); err != nil {
		return err
	}
	if before != nil {
		return t.change(updateDraft, int64(v.Version), body, v.MadeBy, now)
	}
	return t.change(insertPolicy, int64(v.Version), body, v.MadeBy, now)
}

// policyAct is what acts say of a version.
type policyAct struct {
	N     uint64 `json:"n"`
	First string `json:"first,omitempty"`
	PolicyText
}

// lastPolicy is the number of the latest version that is no draft, and the draft.
func (t *txn) lastPolicy(scope string) (last uint64, draft *PolicyVersion, err error) {
	err = t.each(selectPolicies, []any{int64(2)}, func(rows scanner) error {
		v, err := scanPolicy(rows)
		if v.Draft {
			draft = &v
		} else {
			last = max(last, v.Version)
		}
		return err
	})
	return last, draft, err
}

// DropPolicy drops the draft that was seen. No draft is no error: it was dropped.
func (s *Store) DropPolicy(ctx context.Context, rule civic.Rule, edits uint64) error {
	scope, number, _ := rule.Parts()
	return s.write(ctx, "dropping a draft", scope, func(t *txn) error {
		v, err := t.policy(scope, number)
		switch {
		case errors.Is(err, ErrUnknown):
			return nil
		case err != nil:
			return err
		case !v.Draft:
			return fmt.Errorf("%w: policy %s is in force", ErrState, rule)
		case v.Edits != edits:
			return fmt.Errorf("%w: the draft %s was written %d times, %d were seen", ErrChanged, rule, v.Edits, edits)
		}
		if err := t.act(s.now(), t.actor(), "policy.dropped", policyAct{N: number, PolicyText: v.PolicyText}, nil); err != nil {
			return err
		}
		return t.change(deleteDraft, int64(number))
	})
}

// ForcePolicy puts the draft that was seen in force from a day, which is today or
// later. It never changes from then on.
func (s *Store) ForcePolicy(ctx context.Context, rule civic.Rule, edits uint64, first ledger.Day) error {
	scope, number, _ := rule.Parts()
	return s.write(ctx, "putting a policy in force", scope, func(t *txn) error {
		v, err := t.policy(scope, number)
		switch {
		case err != nil:
			return err
		case !v.Draft && v.Edits == edits && v.First == first && v.ForceBy == t.actor():
			return nil // a run whose answer was lost
		case !v.Draft:
			return fmt.Errorf("%w: policy %s is in force from %v", ErrState, rule, v.First)
		case v.Edits != edits:
			return fmt.Errorf("%w: the draft %s was written %d times, %d were seen", ErrChanged, rule, v.Edits, edits)
		case first < s.today() || first > s.today()+MaxPolicyAhead:
			return fmt.Errorf("%w: a policy comes in force from today or a later day, not from %v", ErrInput, first)
		}
		if err := t.act(s.now(), t.actor(), "policy.forced", nil, policyAct{N: number, First: first.String(), PolicyText: v.PolicyText}); err != nil {
			return err
		}
		return t.change(forcePolicy, int64(number), int64(first), t.actor(), s.now())
	})
}

// PolicyOn returns the rules of a place, or kiosk, on a day: those of the version in
// force that day at the nearest place, from itself upwards, that has rules of its
// own. Where nobody has made any it returns the defaults, and no rule. It answers
// ErrUnknown for a place that is not there.
func (s *Store) PolicyOn(ctx context.Context, scope string, day ledger.Day) (civic.Policy, civic.Rule, error) {
	chain, err := s.Scopes(ctx, scope)
	if err != nil {
		return civic.Policy{}, "", err
	}
	for _, at := range chain {
		var ruling *PolicyVersion
		err := s.read(ctx, "looking for the policy of a day", at.ID, func(t *txn) error {
			ruling = nil
			return t.each(selectRuling, []any{int64(day)}, func(rows scanner) error {
				v, err := scanPolicy(rows)
				ruling = &v
				return err
			})
		})
		if err != nil {
			return civic.Policy{}, "", err
		}
		if ruling != nil && !ruling.Ends {
			return ruling.Policy, ruling.Rule(), nil
		}
	}
	return civic.Policy{}.WithDefaults(), "", nil
}
