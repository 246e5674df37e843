package issuer

import "yizhan/civic/sheet"

// rejectedFile writes the rows that were left out, once there is one. With no
// path it writes nothing.
type rejectedFile struct {
	path string
	out  *sheet.RejectedWriter
}

func (r *rejectedFile) write(rej sheet.Rejection) (err error) {
	if r.path == "" {
		return nil
	}
	if r.out == nil {
		if r.out, err = sheet.NewRejectedWriter(r.path); err != nil {
			return err
		}
	}
	return r.out.Write(rej)
}

// close finishes the file; a second call does nothing.
func (r *rejectedFile) close() error {
	if r.out == nil {
		return nil
	}
	out := r.out
	r.out = nil
	return out.Close()
}
