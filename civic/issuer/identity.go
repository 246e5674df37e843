package issuer

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"yizhan/civic"
	"yizhan/ledger"
)

// identity turns numbers into keys and ids. It is the only place where a
// number of a person and the secret meet.
type identity struct {
	persons []byte // key of KeyHash
	ids     []byte // key of new ids
	taken   map[ledger.ID]bool
}

func (i *Issuer) identity() identity { return identityOf(i.secret) }

func identityOf(secret []byte) identity {
	return identity{persons: derive(secret, "persons"), ids: derive(secret, "ids"), taken: map[ledger.ID]bool{}}
}

// The lowest bit of a key's first byte says what it was made of, so that a
// roster without ID-card numbers can be told from one with other ID-card numbers.
func (n identity) numberKey(number string) civic.KeyHash {
	key := civic.HashKey(n.persons, "number", number)
	key[0] &^= 1
	return key
}

func (n identity) idKey(number string) civic.KeyHash {
	key := civic.HashKey(n.persons, "id", number)
	key[0] |= 1
	return key
}

func (n identity) staffKey(number, name string) civic.KeyHash {
	if number == "" {
		return civic.HashKey(n.persons, "staff name", name)
	}
	return civic.HashKey(n.persons, "staff", number)
}

// PersonKeys are the keys by which the lists of the issuer with this secret know a
// person: of the number, and of an id card's. Each may be missing.
func PersonKeys(secret []byte, number, idNumber string) (keys []civic.KeyHash) {
	who := identityOf(secret)
	if number != "" {
		keys = append(keys, who.numberKey(number))
	}
	if idNumber != "" {
		keys = append(keys, who.idKey(idNumber))
	}
	return keys
}

// IsIDKey tells whether a key was made of an id card's number.
func IsIDKey(key civic.KeyHash) bool { return key[0]&1 == 1 }

// newID makes the id of a person from the key by which the person is known.
// The same person gets the same id when a lost register is made again.
func (n identity) newID(key civic.KeyHash) ledger.ID {
	for round := byte(0); ; round++ {
		mac := hmac.New(sha256.New, n.ids)
		mac.Write(key[:])
		mac.Write([]byte{round})
		id := ledger.ID(mac.Sum(nil)[:10])
		if !id.IsZero() && !n.taken[id] {
			n.taken[id] = true
			return id
		}
	}
}

var codeText = base32.StdEncoding.WithPadding(base32.NoPadding)

// goodCode makes a code for a good whose list has none, or one that no code
// can be. It follows from the name, so that the next list finds the good again.
func goodCode(what string) string {
	sum := sha256.Sum256([]byte("yizhan good v1 " + what))
	return "g-" + strings.ToLower(codeText.EncodeToString(sum[:5]))
}
