// Package firstday holds one test: the first day of a county. Somebody who has nothing
// but the program and an empty folder sets up a center with its towns and villages,
// volunteers, goods, staff and two kiosks in a browser; a volunteer redeems and asks
// why a number is as it is; the week's ledger is printed, and an auditor proves that
// no entry was changed. Center and kiosks are real processes.
//
//	go test ./cmd/yizhan/firstday -people 100000   as many volunteers as a county has
package firstday
