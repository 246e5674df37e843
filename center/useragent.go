package center

import "strings"

// agentMark is a piece of what browsers call themselves, and the product that it
// stands for.
type agentMark struct{ mark, product string }

// Browsers name those that they descend from as well, so the most particular mark
// comes first. Products are called alike in every language but for WeChat.
var (
	agentBrowsers = []agentMark{
		{"MicroMessenger/", "WeChat 微信"}, {"DingTalk/", "DingTalk 钉钉"}, {"AlipayClient/", "Alipay 支付宝"}, {"QQBrowser/", "QQ Browser"}, {"MQQBrowser/", "QQ Browser"},
		{"UCBrowser/", "UC Browser"}, {"HuaweiBrowser/", "Huawei Browser"}, {"MiuiBrowser/", "MIUI Browser"}, {"Edg/", "Edge"}, {"EdgA/", "Edge"}, {"OPR/", "Opera"},
		{"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"HeadlessChrome/", "Chrome"}, {"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Safari/", "Safari"},
	}
	agentSystems = []agentMark{
		{"HarmonyOS", "HarmonyOS"}, {"OpenHarmony", "HarmonyOS"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"},
	}
)

// agentName is what people call the browser that calls itself so, and what it runs on:
// Edge, Windows. One that says neither is left as it calls itself.
func agentName(agent string) string {
	find := func(marks []agentMark) string {
		for _, m := range marks {
			if strings.Contains(agent, m.mark) {
				return m.product
			}
		}
		return ""
	}
	switch browser, system := find(agentBrowsers), find(agentSystems); {
	case browser == "" && system == "":
		return agent
	case browser == "" || system == "":
		return browser + system
	default:
		return browser + " · " + system
	}
}
