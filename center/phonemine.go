package center

import (
	"slices"
	"strings"

	"yizhan/assets"
	"yizhan/center/store"
)

// minePage is the phones on which somebody is signed in.
type minePage struct {
	Phones []minePhone
	Here   []phonePerson
}

type minePhone struct {
	store.Phone
	This bool
	What string // which browser on what it is
}

// browserWords are what browsers call themselves by, and the words for that: of the app
// first, then of what it runs on. The first one that fits counts.
var browserWords = [2][][2]string{
	{{"MicroMessenger", "wechat"}, {"AlipayClient", "alipay"}, {"DingTalk", "dingtalk"}, {"QQ/", "qq"}, {"", "browser"}},
	{{"iPhone", "iphone"}, {"iPad", "ipad"}, {"HarmonyOS", "harmony"}, {"Android", "android"}, {"", "computer"}},
}

// browserText says in two words what a browser is.
func browserText(texts assets.Catalogue, agent string) string {
	var words [2]string
	for i, known := range browserWords {
		at := slices.IndexFunc(known, func(w [2]string) bool { return strings.Contains(agent, w[0]) })
		words[i] = texts.Text("phone.browser." + known[at][1])
	}
	return words[0] + " · " + words[1]
}

func (p *phones) mine(a *caller) error {
	list, err := p.Store.Phones(a.Context(), a.id())
	if err != nil {
		return err
	}
	d := minePage{}
	for _, one := range list {
		d.Phones = append(d.Phones, minePhone{one, one.ID == a.phone.ID, browserText(p.texts[a.lang], one.Browser)})
	}
	if d.Here, err = p.together(a); err != nil {
		return err
	}
	return p.show(a, page{word: "mine", data: d})
}

// mineNow signs out on one of the person's phones, or on all.
func (p *phones) mineNow(a *caller) error {
	if id := a.typed("phone"); id != "" {
		list, err := p.Store.Phones(a.Context(), a.id())
		if err != nil {
			return err
		}
		for _, one := range list {
			if one.ID != id {
				continue
			}
			if err := p.Store.EndPhone(a.Context(), id, one.Volunteer); err != nil {
				return err
			}
		}
		if id == a.phone.ID {
			return p.leave(a)
		}
		a.redirect("/my/phones?done=ended")
		return nil
	}
	if _, err := p.Store.EndPhones(a.Context(), a.id()); err != nil {
		return err
	}
	return p.leave(a)
}

// signout signs who uses the phone out of it, and nobody else.
func (p *phones) signout(a *caller) error {
	if a.phone.ID != "" {
		if err := p.Store.EndPhone(a.Context(), a.phone.ID, a.phone.Volunteer); err != nil {
			return err
		}
	}
	return p.leave(a)
}

// leave takes the token of who used the phone away from it.
func (p *phones) leave(a *caller) error {
	a.tokens[0] = ""
	p.keepTokens(a)
	a.setCookie(scanCookie, "", -1)
	a.redirect("/p/?done=signed_out")
	return nil
}
