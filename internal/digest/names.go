package digest

import (
	"cmp"
	"slices"
)

// Name notes what people call the outlets that are told.
func (d *Digest) Name(of func(outlet string) string) {
	d.Names = nil
	d.eachOutlet(func(outlet *string) {
		if name := of(*outlet); name != "" && name != *outlet {
			if d.Names == nil {
				d.Names = map[string]string{}
			}
			d.Names[*outlet] = name
		}
	})
}

// named is the digest as people read it: with the names of outlets where else
// their domains are. Downside: two outlets of one name are told as one.
func named(d Digest) Digest {
	if len(d.Names) == 0 {
		return d
	}
	d.Stories, d.Outlets, d.Corrections = slices.Clone(d.Stories), slices.Clone(d.Outlets), slices.Clone(d.Corrections)
	for i := range d.Stories {
		e := &d.Stories[i]
		e.Outlets, e.Corrections = slices.Clone(e.Outlets), slices.Clone(e.Corrections)
	}
	d.eachOutlet(func(outlet *string) { *outlet = cmp.Or(d.Names[*outlet], *outlet) })
	return d
}

// eachOutlet gives every place at which a digest names an outlet.
func (d *Digest) eachOutlet(f func(outlet *string)) {
	corrections := func(all []Correction) {
		for i := range all {
			f(&all[i].Outlet)
		}
	}
	for i := range d.Stories {
		e := &d.Stories[i]
		f(&e.Story.FirstOutlet)
		f(&e.Shown.Outlet)
		for n := range e.Outlets {
			f(&e.Outlets[n])
		}
		corrections(e.Corrections)
	}
	for i := range d.Outlets {
		f(&d.Outlets[i].Name)
	}
	corrections(d.Corrections)
}
