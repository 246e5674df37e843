package sheet

import "crypto/sha256"

// key is a value that only one accepted row may have. An empty one binds nobody.
type key struct {
	field field
	value string
}

// identity is what makes a row one with another: any key in common. The label tells a repeated row from a contradiction.
type identity struct {
	label string
	keys  []key
}

// origin is where a key was seen first.
type origin struct {
	sheet int32
	row   int32
	label uint32
}

// register remembers the keys of all accepted rows in 40 bytes each or so, by their hash.
type register map[[16]byte]origin

func hash(parts string) [16]byte {
	sum := sha256.Sum256([]byte(parts))
	return [16]byte(sum[:16])
}

func (k key) hash() [16]byte { return hash(string(rune('A'+k.field)) + k.value) }

func labelHash(label string) uint32 {
	h := hash(label)
	return uint32(h[0]) | uint32(h[1])<<8 | uint32(h[2])<<16 | uint32(h[3])<<24
}

// find gives the first accepted row that shares a key, and the field they share.
func (g register) find(id identity) (origin, field, bool) {
	for _, k := range id.keys {
		if k.value == "" {
			continue
		}
		if o, ok := g[k.hash()]; ok {
			return o, k.field, true
		}
	}
	return origin{}, 0, false
}

// add remembers an accepted row.
func (g register) add(id identity, sheet, row int) {
	o := origin{sheet: int32(sheet), row: int32(row), label: labelHash(id.label)}
	for _, k := range id.keys {
		if k.value != "" {
			g[k.hash()] = o
		}
	}
}
