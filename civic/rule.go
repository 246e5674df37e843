package civic

import (
	"errors"
	"strconv"
	"strings"
)

// Rule names a version of a policy: the place that it was made for and its number
// there, as in "qingxi/3". The empty one names none.
type Rule string

// NewRule names a version of a place's policy.
func NewRule(scope string, version uint64) Rule {
	return Rule(scope + "/" + strconv.FormatUint(version, 10))
}

// Parts are the place and the number; ok is false when it names none.
func (r Rule) Parts() (scope string, version uint64, ok bool) {
	scope, number, found := strings.Cut(string(r), "/")
	version, err := strconv.ParseUint(number, 10, 32)
	if !found || err != nil || scope == "" || len(scope) > maxScopeBytes || NewRule(scope, version) != r || version == 0 {
		return "", 0, false
	}
	return scope, version, true
}

// Number is the version's number; 0: it names none.
func (r Rule) Number() uint64 {
	_, version, _ := r.Parts()
	return version
}

// Place is the scope whose policy it is; "": it names none.
func (r Rule) Place() string {
	scope, _, _ := r.Parts()
	return scope
}

func (r Rule) check() error {
	if _, _, ok := r.Parts(); r != "" && !ok {
		return errors.New("the rule is no version of a policy")
	}
	return short("rule", string(r))
}
