package kiosk

import (
	"strings"
	"testing"
	"time"

	"yizhan/civic"
)

// types enters phone and PIN with the keypads, as the script does.
func (s *screen) types(phone, pin string) *screen {
	s.Helper()
	s.post("/identify", "typed", phone, "key", "go").on("/identify/pin")
	return s.post("/identify/pin", "typed", pin, "key", "go")
}

func TestPhoneAndPIN(t *testing.T) {
	s := newVillage(t).screen()
	s.get("/").sees("用手机号")
	s.get("/identify").sees("请按您的手机号", "还差 11 位")
	s.types(zhangPhone, zhangPIN).on("/balance").sees("张*伟", "1,260").lacks("设密码")
	s.get("/pin").on("/balance") // who came without the card may not set a PIN
}

func TestKeypadWithoutTheScript(t *testing.T) {
	s := newVillage(t).screen()
	for i, digit := range zhangPhone {
		s.post("/identify", "typed", "", "key", string(digit))
		if i == 2 {
			s.sees("还差 8 位", "已输入 3 位").post("/identify", "key", "back").sees("还差 9 位").post("/identify", "key", "8")
		}
	}
	s.post("/identify", "key", "go").on("/identify/pin")
	for _, digit := range zhangPIN {
		s.post("/identify/pin", "key", string(digit)).lacks(string(digit) + "</i>")
	}
	s.post("/identify/pin", "key", "go").on("/balance").sees("1,260")
}

// answers is what a person reads after a wrong try, without the keypad.
func afterTry(s *screen) string {
	page := words(s.body)
	return page[strings.Index(page, "请按 6 位密码"):strings.Index(page, "有卡更快")]
}

func TestStrangersAndWrongPINsAreAnsweredAlike(t *testing.T) {
	v := newVillage(t)
	known, nobody, nopin := v.screen(), v.screen(), v.screen()
	for try := range civic.MaxPINTries + 2 {
		known.get("/identify").types(zhangPhone, "111999")
		a := afterTry(known)
		nobody.get("/identify").types("13700000000", "111999")
		b := afterTry(nobody)
		nopin.get("/identify").types(homePhone, "111999")
		c := afterTry(nopin)
		if a != b || a != c {
			t.Fatalf("try %d tells them apart:\n%s\n%s\n%s", try+1, a, b, c)
		}
		if want := try+1 >= civic.MaxPINTries; strings.Contains(a, "锁上了") != want {
			t.Errorf("try %d: %s", try+1, a)
		}
	}
	known.types(zhangPhone, zhangPIN).on("/identify/pin").sees("锁上了", "积分都在")
	known.scanCard(zhang).on("/balance").post("/leave")
	known.types(zhangPhone, zhangPIN).on("/balance").sees("1,260")
}

func TestTheAnswerToAPINTakesItsTime(t *testing.T) {
	floor := 60 * time.Millisecond
	s := newVillage(t, func(c *Config) { c.PINFloor = floor }).screen()
	for _, phone := range []string{zhangPhone, "13700000000"} {
		start := time.Now()
		s.types(phone, "111999")
		if took := time.Since(start); took < floor {
			t.Errorf("%s answered after %v", phone, took)
		}
	}
}

func TestTwoPeopleWithOnePhone(t *testing.T) {
	v := newVillage(t)
	s := v.screen()
	s.types(homePhone, liuPIN).on("/balance").sees("刘*山")
	s.post("/leave")

	// His wife sets the same PIN: then the kiosk asks who it is.
	s.scanCard(wang).on("/balance").sees("王*英")
	s.get("/pin").post("/pin", "typed", liuPIN, "key", "go").sees("再按一次")
	s.post("/pin", "typed", liuPIN, "key", "go").sees("密码设好了")
	s.post("/leave")
	s.types(homePhone, liuPIN).on("/identify/who").sees("王*英", "刘*山")
	s.post("/identify/who", "who", "0").on("/balance").sees("王*英")

	// Wrong tries count for both together, and the card of one forgets them.
	s.post("/leave")
	for range civic.MaxPINTries {
		s.types(homePhone, "111999")
	}
	s.sees("锁上了").scanCard(wang).post("/leave")
	s.types(homePhone, liuPIN).on("/identify/who")
}

func TestSettingAPIN(t *testing.T) {
	s := newVillage(t).screen()
	s.scanCard(chen).get("/pin")
	s.post("/pin", "typed", "222222", "key", "go").post("/pin", "typed", "222222", "key", "go").sees("太好猜了")
	s.post("/pin", "typed", "730164", "key", "go").post("/pin", "typed", "730165", "key", "go").sees("两次不一样")
	s.post("/pin", "typed", "730164", "key", "go").post("/pin", "typed", "730164", "key", "go").sees("密码设好了")
	verifier, tries, err := s.cfg.Store.PINState(id(chen))
	if err != nil || tries != 0 || civic.CheckPIN(verifier, "730164", testPINCost) != nil {
		t.Errorf("%q %d %v", verifier, tries, err)
	}
}

func TestTriesSurviveARestart(t *testing.T) {
	v := newVillage(t)
	v.screen().types(zhangPhone, "111999")
	again, err := New(v.cfg)
	if err != nil {
		t.Fatal(err)
	}
	v.Server = again
	v.screen().types(zhangPhone, "111999").sees("还可以试 3 次")
	if _, tries, _ := v.cfg.Store.PINState(id(zhang)); tries != 2 {
		t.Errorf("%d tries", tries)
	}
}
