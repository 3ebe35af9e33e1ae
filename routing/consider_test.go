package routing_test

import (
	"errors"
	"testing"

	"accueil/routing"
)

func TestConditions(t *testing.T) {
	t.Parallel()
	now := routing.Counts{LoggedIn: 4, Free: 1, Waiting: 6}
	for src, want := range map[string]bool{
		"":                                     true,
		"true":                                 true,
		"waiting > 2 * free":                   true,
		"waiting >= 6 and logged_in < 4":       false,
		"waiting >= 6 && !(logged_in < 4)":     true,
		"free == 0 or waiting - logged_in > 1": true,
		"free * 6 == waiting":                  true,
		"3 > logged_in":                        false,
		"free + 1 != 2 || waiting <= 5":        false,
		"not (waiting > 3)":                    false,
	} {
		c, err := routing.ParseCondition(src)
		if err != nil {
			t.Errorf("%q: %v", src, err)
			continue
		}
		if got := c.Holds(now); got != want {
			t.Errorf("%q is %t, want %t", src, got, want)
		}
		if c.Always() != (src == "" || src == "true") {
			t.Errorf("%q: always %t", src, c.Always())
		}
	}
}

func TestFaultyConditions(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"waitng > 3":                  `1:1: "waitng" is no count: there are logged_in, free, waiting (did you mean "waiting"?)`,
		"waiting > 3 and free":        `1:17: a count alone is no condition; write free >= 1`,
		"waiting":                     `1:1: a count alone is no condition; write waiting >= 1`,
		"waiting > free * waiting":    `1:16: a count can be multiplied with a number only`,
		"waiting / 2 > 1":             `1:9: "/" has no meaning here; use + - *`,
		"waiting + 2":                 `1:9: "+" has no meaning here; compare counts with numbers`,
		"free > \"a\"":                `1:8: expected a count or a whole number`,
		"not waiting > 3":             `1:1: put parentheses around what is negated: not (waiting > 3)`,
		"false":                       `1:1: expected a comparison of counts`,
		"free > 2000000":              `1:8: 2000000 is larger than 1000000`,
		"free >> 2":                   `1:7: unexpected ">"`,
		"free >":                      `1:6: unexpected end`,
		"free > 99999999999999999999": `1:27: the number is too large`,
	} {
		_, err := routing.ParseCondition(src)
		var wrong *routing.RequirementError
		if !errors.As(err, &wrong) || err.Error() != want {
			t.Errorf("%q: %v, want %s", src, err, want)
		}
	}
}
