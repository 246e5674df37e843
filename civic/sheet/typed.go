package sheet

import (
	"strings"
	"unicode"
)

// What people type into a form is read by the rules of lists, so that a list finds
// again whom somebody registered by hand. Each answers false for what a list would
// refuse; nothing typed is nothing, and no mistake.

// TypedName reads a person's name.
func TypedName(text string) (name string, ok bool) {
	name = tidyName(text)
	return name, name != "" && len([]rune(name)) <= maxNameRunes && strings.ContainsFunc(name, unicode.IsLetter) && !namesSeveral(name) && name[0] != '+' && name[0] != '-'
}

// TypedNumber reads a volunteer's number.
func TypedNumber(text string) (number string, ok bool) {
	number = strings.ToUpper(strings.ReplaceAll(fold(text), " ", ""))
	return number, len(number) <= maxCodeBytes && !isScientific(number) && !strings.ContainsFunc(number, notOfCode)
}

// TypedPhone reads a mobile number as eleven digits.
func TypedPhone(text string) (phone string, ok bool) {
	if text = fold(text); text == "" {
		return "", true
	}
	phone, fault := phoneNumber(text)
	return phone, fault == ""
}

// TypedIDNumber reads the number of an id card, or of a passport or permit.
func TypedIDNumber(text string) (number string, ok bool) {
	if text = strings.Map(dropGaps, fold(text)); text == "" {
		return "", true
	}
	number, fault := residentID(text)
	if fault != "" && looksForeign(text) {
		number, fault = otherID(text)
	}
	return number, fault == ""
}

// TypedOtherID reads the number of a passport, a permit or a soldier's paper.
func TypedOtherID(text string) (number string, ok bool) {
	if text = strings.Map(dropGaps, fold(text)); text == "" {
		return "", true
	}
	number, fault := otherID(text)
	return number, fault == ""
}

// notOfCode tells what no number or code of a list is made of.
func notOfCode(c rune) bool {
	return !(c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.ContainsRune("-_./", c) || unicode.IsLetter(c))
}
