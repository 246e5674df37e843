package civic

import (
	"testing"
)

func TestMaskName(t *testing.T) {
	for name, want := range map[string]string{
		"":             "",
		" ":            "",
		"张":            "*",
		"张伟":           "张*",
		"张小伟":          "张*伟",
		"欧阳娜娜":         "欧*娜",
		"买买提·艾力":       "买*力",
		"阿卜杜拉·买买提·托合提": "阿*提",
		"𬱖丽":           "𬱖*",
		"王𠮷":           "王*",
		"John Smith":   "J* S*",
		"josé":         "j*",
		"Ng":           "N*",
		"阿Q":           "阿*",
		"  张小伟 ":       "张*伟",
	} {
		if got := MaskName(name); got != want {
			t.Errorf("MaskName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestMaskTail(t *testing.T) {
	if got := MaskTail("1234"); got != "*******1234" {
		t.Errorf("MaskTail = %q", got)
	}
	if got := MaskTail(""); got != "" {
		t.Errorf("MaskTail of no phone = %q", got)
	}
}

func TestHashesDependOnKeyAndSort(t *testing.T) {
	key, other := []byte("0123456789abcdef0123456789abcdef"), []byte("another key another key another ")
	if got, err := HashPhone(key, "13800138000").MarshalText(); err != nil || string(got) != "bb4f68a800ad03c64dd1f3bb608d3a4b" {
		t.Errorf("the hash of a phone is %s, so kiosks would not find it any more: %v", got, err)
	}
	if HashPhone(key, "13800138000") == HashPhone(other, "13800138000") || HashPhone(key, "13800138000") == HashPhone(key, "13800138001") {
		t.Error("two phones have one hash")
	}
	if HashKey(key, "id", "1") == HashKey(key, "number", "1") {
		t.Error("an ID-card number and a volunteer number have one hash")
	}
	if h := HashPhone(key, "13800138000"); h.IsZero() || !(PhoneHash{}).IsZero() {
		t.Error("IsZero")
	}
}

func TestHoldsPrivateNumber(t *testing.T) {
	for text, want := range map[string]bool{
		"":                      false,
		"V2024000123":           false,
		"320584000012345678901": false, // a longer number
		"11010519491231002X":    true,
		"11010519491231002x":    true,
		"身份证11010519491231002X": true,
		"110105194912310020":    false, // wrong check digit: no person's
		"110105994912310021":    false, // no birth date
		"13800138000":           true,
		"张伟 13800138000":        true,
		"12800138000":           false, // no mobile number
		"138001380001":          false,
		"0512-65123456":         false,
		"第3次":                   false,
	} {
		if got := HoldsPrivateNumber(text); got != want {
			t.Errorf("HoldsPrivateNumber(%q) = %v", text, got)
		}
	}
}
