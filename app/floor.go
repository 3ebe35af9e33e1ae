package app

import "accueil/asterisk"

// newestMajor is the newest branch of Asterisk that the floor release belongs to; later ones are
// untested, not too old.
const newestMajor = 22

// belowFloor refuses an Asterisk below the floor release (ARI.md §3: known security holes) unless the
// site file waives that in writing (asterisk.waiver). The version is warned of in either case.
func belowFloor(caps asterisk.Capabilities, waiver string) error {
	if caps.Support != asterisk.BestEffort || caps.Version.Major > newestMajor || waiver != "" {
		return nil
	}
	return &asterisk.RefusedError{Sentence: caps.Warning + "; upgrade it, or say in the site file why it must do: asterisk.waiver"}
}
