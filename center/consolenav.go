package center

import "slices"

// room is a part of the console that can be gone to from every page.
type room struct {
	Word, To, Icon string
	power          power
	pages          []string // that lie in it, besides the one that it is called by
}

// rooms are those of the console, in the order of the navigation.
var rooms = []room{
	{"today", "/", "home", powerLook, []string{"lots", "owed"}},
	{"volunteers", "/volunteers", "people", powerPeople, []string{"account", "rights", "adjust", "enter", "entered", "volunteer", "move", "merge", "unmerge", "twins", "card", "newcard", "phones", "stars", "star", "certificate", "certificatepaper", "certificaterevoke", "import", "roster", "undo"}},
	{"activities", "/activities", "calendar", powerLook, []string{"activity", "moveactivity", "activitylist", "calendar", "shift", "strike", "calloff"}},
	{"hours", "/hours", "clock", powerPeople, []string{"turnout", "turnoutall", "attendance", "objections", "objection", "signs", "sign", "walkins", "walkin", "walkinis", "national"}},
	{"goods", "/goods", "basket", powerLook, []string{"good", "goodlist", "withdraw", "stock", "pieces", "deliveries", "delivery", "senddelivery", "calldelivery", "merchants", "merchant", "closemerchant", "moves", "best", "pictures"}},
	{"redemptions", "/redemptions", "receipt", powerRedeem, []string{"redemption", "verify", "settlement", "sheet", "closesheet", "withdrawsheet", "sheetlines"}},
	{"fleet", "/fleet", "kiosk", powerLook, []string{"station", "act", "code", "addkiosk", "describe", "boxes", "journal"}},
	{"staff", "/staff", "handover", powerLook, []string{"member", "memberdeed"}},
	{"places", "/places", "store", powerLook, []string{"place", "placelist"}},
	{"policy", "/policy", "list", powerLook, []string{"version", "draft", "decide", "preview"}},
	{"reports", "/reports", "chart", powerReport, []string{"report", "reportsign", "statistics", "groups", "residents"}},
	{"audit", "/audit", "book", powerAudit, nil},
}

// navRoom is a room as the navigation shows it.
type navRoom struct {
	room
	On    bool
	Waits int // things in it that wait for a person
}

// Rooms are those that who is signed in may enter.
func (v view) Rooms() (list []navRoom) {
	for _, r := range rooms {
		if !allowed(v.Role, r.power) {
			continue
		}
		nav := navRoom{room: r, On: v.Word == r.Word || slices.Contains(r.pages, v.Word)}
		switch r.Word {
		case "today":
			nav.Waits = v.Waiting
		case "hours":
			nav.Waits = v.Hours
		}
		list = append(list, nav)
	}
	return list
}
