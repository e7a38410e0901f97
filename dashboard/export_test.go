package dashboard

// Patterns are the patterns of every address there is.
func (d *Dashboard) Patterns() []string {
	var all []string
	for _, one := range d.table() {
		all = append(all, one.pattern)
	}
	return all
}
