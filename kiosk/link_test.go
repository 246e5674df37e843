package kiosk

import (
	"yizhan/kiosk/store"
	"yizhan/link"
)

// The store is the kiosk's end of the link, though neither knows the other.
var (
	_ link.Journal = (*store.Store)(nil)
	_ link.Library = (*store.Store)(nil)
	_ link.Purse   = (*store.Store)(nil)
	_ link.Guard   = (*store.Store)(nil)
)
