package staffing

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// forecastColumns are those of a forecast, all needed.
var forecastColumns = []string{"half_hour", "reason", "calls", "aht_s"}

// ReadForecast reads expected calls from a CSV file with a header. Errors name the line.
//
//	half_hour  start of the half hour, "09:00"
//	reason     what the callers want
//	calls      how many enter the queue in the half hour; may have a fraction
//	aht_s      mean seconds an agent needs for one, after-call work included
func ReadForecast(r io.Reader) ([]Demand, error) {
	rows := csv.NewReader(r)
	header, err := rows.Read()
	if err != nil {
		return nil, fmt.Errorf("read the forecast: header: %w", err)
	}
	at := map[string]int{}
	for i, name := range header {
		at[strings.TrimSpace(strings.TrimPrefix(name, "\ufeff"))] = i
	}
	for _, name := range forecastColumns {
		if _, ok := at[name]; !ok {
			return nil, fmt.Errorf("read the forecast: the header has no column %q", name)
		}
	}
	var out []Demand
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read the forecast: %w", err)
		}
		d, err := parseForecast(row, at)
		if err == nil {
			err = d.Validate()
		}
		if err != nil {
			line, _ := rows.FieldPos(0)
			return nil, fmt.Errorf("read the forecast: line %d: %w", line, err)
		}
		out = append(out, d)
	}
	return Sorted(out)
}

func parseForecast(row []string, at map[string]int) (d Demand, err error) {
	text := func(name string) string { return strings.TrimSpace(row[at[name]]) }
	if d.Start, err = ParseClock(text("half_hour")); err != nil {
		return d, fmt.Errorf("half_hour: %w", err)
	}
	d.Reason = text("reason")
	if d.Calls, err = strconv.ParseFloat(text("calls"), 64); err != nil {
		return d, fmt.Errorf("calls: %q is not a number", text("calls"))
	}
	aht, err := strconv.ParseFloat(text("aht_s"), 64)
	if err != nil || !(aht > 0 && aht <= MaxPatience.Seconds()) {
		return d, fmt.Errorf("aht_s: %q is not a time in seconds", text("aht_s"))
	}
	d.Handling = duration(aht)
	return d, nil
}

// ParseClock reads a time of day, "09:30".
func ParseClock(s string) (time.Duration, error) {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a time of day like 09:30", s)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

// Sorted orders a forecast by start and reason; a reason may have each half hour once.
func Sorted(demands []Demand) ([]Demand, error) {
	if len(demands) == 0 {
		return nil, ErrNoCalls
	}
	key := func(d Demand) slot { return slot{d.Start, d.Reason} }
	slices.SortStableFunc(demands, func(a, b Demand) int { return key(a).compare(key(b)) })
	for i := range demands[1:] {
		if key(demands[i]) == key(demands[i+1]) {
			return nil, fmt.Errorf("%s %s is there twice", Clock(demands[i].Start), demands[i].Reason)
		}
	}
	return demands, nil
}
