package store

// tend does what falls due about once a second, on the writer's goroutine.
func (s *Store) tend() {
	s.recover()
}
