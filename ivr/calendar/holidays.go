package calendar

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/aa"
	"github.com/rickar/cal/v2/fr"

	"accueil/acd"
)

// Names are the words for a day, by language.
type Names map[acd.Lang]string

// feast is a public holiday and its names.
type feast struct {
	day   *cal.Holiday
	names Names
}

func both(french, english string) Names { return Names{"fr": french, "en": english} }

// national are the eleven holidays of the whole country (Code du travail, L3133-1).
var national = []feast{
	{fr.NouvelAn, both("le jour de l'An", "New Year's Day")},
	{fr.LundiDePâques, both("le lundi de Pâques", "Easter Monday")},
	{fr.FêteDuTravail, both("la fête du Travail", "Labour Day")},
	{fr.FêteDeLaVictoire, both("le 8 mai", "Victory Day")},
	{fr.Ascension, both("l'Ascension", "Ascension Day")},
	{fr.LundiDePentecôte, both("le lundi de Pentecôte", "Whit Monday")},
	{fr.FêteNationale, both("la fête nationale", "Bastille Day")},
	{fr.Assomption, both("l'Assomption", "Assumption Day")},
	{fr.Toussaint, both("la Toussaint", "All Saints' Day")},
	{fr.Armistice1918, both("le 11 novembre", "Armistice Day")},
	{fr.Noël, both("Noël", "Christmas Day")},
}

// alsaceMoselle adds two days of local law (L3134-13): Good Friday, as where a Protestant church
// stands, and the day after Christmas.
var alsaceMoselle = []feast{
	{aa.GoodFriday, both("le Vendredi saint", "Good Friday")},
	{fixed(time.December, 26), both("la Saint-Étienne", "Saint Stephen's Day")},
}

// abolition is the day on which a territory remembers the end of slavery (loi 83-550, décret 83-1003).
func abolition(month time.Month, day int) []feast {
	return []feast{{fixed(month, day), both("le jour de l'abolition de l'esclavage", "Abolition Day")}}
}

func fixed(month time.Month, day int) *cal.Holiday {
	return &cal.Holiday{Type: cal.ObservancePublic, Month: month, Day: day, Func: cal.CalcDayOfMonth}
}

// regions are the parts of France whose holidays differ, by the code of a site file.
var regions = map[string][]feast{
	"FR":             nil,
	"ALSACE-MOSELLE": alsaceMoselle,
	"GP":             abolition(time.May, 27),
	"MQ":             abolition(time.May, 22),
	"GF":             abolition(time.June, 10),
	"RE":             abolition(time.December, 20),
	"YT":             abolition(time.April, 27),
	"BL":             abolition(time.October, 9), // décret 2012-553
	"MF":             abolition(time.May, 28),    // the decree says 27; since 2018 the territory has the day after, by circular
}

// Regions lists the codes of regions, sorted.
func Regions() []string { return slices.Sorted(maps.Keys(regions)) }

// date is a day without a clock.
type date struct {
	year  int
	month time.Month
	day   int
}

func dateOf(t time.Time) date {
	y, m, d := t.Date()
	return date{y, m, d}
}

func (d date) compare(o date) int {
	return cmp.Or(cmp.Compare(d.year, o.year), cmp.Compare(d.month, o.month), cmp.Compare(d.day, o.day))
}

// midnight is the date as an instant in UTC, for reckoning with days.
func (d date) midnight() time.Time { return time.Date(d.year, d.month, d.day, 0, 0, 0, 0, time.UTC) }

// holidays are those of a region, computed once for each year that is asked about.
type holidays struct {
	feasts []feast
	years  sync.Map // int → map[date]Names
}

func holidaysOf(region string) *holidays {
	return &holidays{feasts: append(slices.Clone(national), regions[region]...)}
}

// on tells the holiday of a day; nil when it is none. Of two on one day the first is named.
func (h *holidays) on(d date) Names {
	if h == nil {
		return nil
	}
	if year, ok := h.years.Load(d.year); ok {
		return year.(map[date]Names)[d]
	}
	year := map[date]Names{}
	for _, f := range h.feasts {
		actual, _ := f.day.Calc(d.year)
		if actual.IsZero() {
			continue
		}
		if day := dateOf(actual); year[day] == nil {
			year[day] = f.names
		}
	}
	h.years.Store(d.year, year)
	return year[d]
}
