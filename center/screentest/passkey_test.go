package screentest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"yizhan/center/store"
)

// call sends a command of the protocol to the window.
func call[P, R any](v *tab, command cdp.Command[P, R], params P) (result R) {
	v.Helper()
	v.must(chromedp.Do(v.Ctx, chromedp.Func(func(ctx context.Context, t *chromedp.Target) (err error) {
		result, err = cdp.Call(ctx, t, command, params)
		return err
	})))
	return result
}

// An officer adds a passkey, signs in with it, is locked out by idleness in the
// middle of a form, unlocks with it, and goes on where the form was.
func TestAPasskeyAndALock(t *testing.T) {
	d := newDesk(t)
	d.county()
	d.address = strings.Replace(d.address, "127.0.0.1", "localhost", 1) // passkeys are for names
	v := d.welcomed(d.open(screens[0]), "lin", store.RoleOfficer).signedIn("lin")
	call(v, webauthn.Enable, webauthn.EnableParams{})
	key := call(v, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{Protocol: webauthn.AuthenticatorProtocolCtap2,
		Transport: webauthn.AuthenticatorTransportInternal, HasResidentKey: true, HasUserVerification: true, AutomaticPresenceSimulation: true, IsUserVerified: true}})
	verified := func(yes bool) {
		call(v, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: key.AuthenticatorID, IsUserVerified: yes})
	}
	v.visit("/me").typing("name", "石桥村").press("=添加通行密钥").on("/me?done=passkey_added").sees("石桥村", "localhost")
	d.audit(v, "me-passkey")
	v.press("=退出").on("/signin").sees("用通行密钥")
	d.audit(v, "signin-passkey")
	verified(false)
	v.press("=用通行密钥").sees("没有成功")
	verified(true)
	v.press("=用通行密钥").on("/").sees("要办的事")

	v.visit("/volunteer").typing("name", "钱小燕", "number", "q-77", "town", "qingxi")
	d.ahead.Add(int64(11 * time.Minute))
	eval[bool](v, `dispatchEvent(new Event("online")); return true`) // the page looks at once, instead of after 20 s
	v.on("/unlock").sees("已锁上", "lin")
	d.audit(v, "unlock")
	v.typing("password", "不是这个").press("=解锁").on("/unlock").sees("密码不对")
	v.press("=用通行密钥").on("/volunteer?kept=").sees("这是您刚才填的，还没有提交")
	stood := `const f = document.querySelector("main form").elements; return [f.name.value, f.number.value, f.town.value].join()`
	if got := eval[string](v, stood); got != "钱小燕,q-77,qingxi" {
		t.Errorf("the form says %q", got)
	}
	eval[bool](v, `window.kept = window.fetch; window.fetch = () => Promise.reject(new TypeError("no network")); return true`)
	v.press("=登记").sees("连不上中心。您填的都还在这一页上")
	if got := eval[string](v, stood); got != "钱小燕,q-77,qingxi" {
		t.Errorf("without a network the form says %q", got)
	}
	eval[bool](v, `window.fetch = window.kept; return true`)
	v.press("=登记").on("/account/").sees("登记好了", "钱小燕")
	v.press("=锁上").on("/unlock").typing("password", password).press("=解锁").on("/account/").sees("钱小燕")
}
