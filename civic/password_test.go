package civic

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
)

var cheapPassword = PINCost{MemoryKiB: 8, Passes: 1}

func TestPassword(t *testing.T) {
	verifier, err := HashPassword("早上八点的茶 8:00", "lin", cheapPassword, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckPassword(verifier, "早上八点的茶 8:00", cheapPassword); err != nil {
		t.Error(err)
	}
	for name, c := range map[string][2]string{"another": {verifier, "早上八点的茶 8:01"}, "none": {verifier, ""}, "no verifier": {"", "早上八点的茶 8:00"},
		"damaged": {verifier + "x", "早上八点的茶 8:00"}, "endless": {verifier, strings.Repeat("x", 1<<20)}} {
		if err := CheckPassword(c[0], c[1], cheapPassword); !errors.Is(err, ErrPassword) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := HashPassword("correct horse", "", cheapPassword, bytes.NewReader(nil)); err == nil {
		t.Error("no salt, no error")
	}
}

func TestPasswordForm(t *testing.T) {
	for password, good := range map[string]bool{"correct horse": true, "十个字符的密码很好用": true, "short": false, "aaaaaaaaaaaa": false, "1212121212": false,
		"my name is Lin.Haiyan": false, strings.Repeat("abcde", 26): false, "valid\xffutf8xxx": false} {
		if _, err := HashPassword(password, "lin.haiyan", cheapPassword, rand.Reader); (err == nil) != good {
			t.Errorf("%.20q: %v", password, err)
		}
	}
}
