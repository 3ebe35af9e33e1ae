package routing

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"accueil/acd"
)

var declared = []acd.SkillID{"cardio", "fr", "en", "rdv"}

func TestRequirementMatch(t *testing.T) {
	t.Parallel()
	type set = map[acd.SkillID]int
	for _, c := range []struct {
		src     string
		skills  set
		ok      bool
		surplus int
	}{
		{"", set{}, true, 0},
		{"true", set{"fr": 3}, true, 3},
		{"fr >= 5", set{"fr": 5}, true, 0},
		{"fr >= 5", set{"fr": 10}, true, 5},
		{"fr >= 5", set{"fr": 10, "en": 4}, true, 9}, // what is not asked for counts whole
		{"fr >= 5", set{"fr": 4}, false, 0},
		{"5 <= fr", set{"fr": 5}, true, 0},
		{"fr > 5", set{"fr": 6}, true, 0},
		{"fr > 5", set{"fr": 5}, false, 0},
		{"fr < 5", set{"fr": 4}, true, 3},
		{"fr <= 5", set{"fr": 6}, false, 0},
		{"fr == 5", set{"fr": 5}, true, 0},
		{"fr != 5", set{"fr": 5}, false, 0},
		{"cardio in [7, 8]", set{"cardio": 8}, true, 1},
		{"cardio in [7, 8]", set{"cardio": 9}, false, 0},
		{"cardio in 3..7", set{"cardio": 3}, true, 0},
		{"cardio not in 3..7", set{"cardio": 9}, true, 8},
		{"not (cardio in 3..7)", set{"cardio": 5}, false, 0},
		{"3 <= cardio <= 7", set{"cardio": 7}, true, 4},
		// A condition on what is lacking is false, negated or not.
		{"fr < 5", set{}, false, 0},
		{"fr != 5", set{}, false, 0},
		{"fr >= 0", set{}, false, 0},
		{"fr >= 0", set{"fr": 0}, false, 0},
		{"not (fr >= 5)", set{}, false, 0},
		{"not (fr >= 5)", set{"fr": 4}, true, 3},
		{"not (fr >= 5 or en >= 5)", set{"fr": 4, "en": 4}, true, 6},
		{"not (fr >= 5 or en >= 5)", set{"fr": 4}, false, 0},
		{"not (fr >= 5 and en >= 5)", set{"fr": 4}, true, 3},
		{"not not (fr >= 5)", set{"fr": 5}, true, 0},
		// The least surplus of the conjuncts that are satisfied.
		{"cardio >= 7 or fr >= 5", set{"cardio": 7, "fr": 5}, true, 5},
		{"cardio >= 7 or fr >= 5", set{"cardio": 6, "fr": 5}, true, 6},
		{"fr >= 5 or fr >= 8", set{"fr": 9}, true, 1},
		{"cardio >= 7 and fr >= 5 or rdv >= 1", set{"cardio": 8, "fr": 5, "rdv": 2}, true, 3},
	} {
		r, err := ParseRequirement(c.src, declared)
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		surplus, ok := r.Match(c.skills)
		if ok != c.ok || surplus != c.surplus {
			t.Errorf("%s for %v: %d, %t; want %d, %t", c.src, c.skills, surplus, ok, c.surplus, c.ok)
		}
	}
}

func TestRequirementErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		src        string
		line, col  int
		offset     int
		suggestion string
	}{
		{"cardo >= 7", 1, 1, 0, "cardio"},
		{"fr >= 5 and\n  cardoi >= 7", 2, 3, 14, "cardio"},
		{"fr >= 5 and zzzzzz >= 7", 1, 13, 12, ""},
		{"é >= 5 and cardo >= 7", 1, 1, 0, ""},
		{"cardio", 1, 1, 0, ""},
		{"cardio >= fr", 1, 11, 10, ""},
		{"cardio >= 7.5", 1, 11, 10, ""},
		{"cardio >= \"7\"", 1, 11, 10, ""},
		{"7 >= 5", 1, 6, 5, ""},
		{"not cardio >= 7", 1, 1, 0, ""},
		{"cardio + 1 >= 7", 1, 8, 7, ""},
		{"cardio >= 7 ? true : false", 1, 26, 25, ""},
		{"cardio >= 11", 1, 1, 0, ""},
		{"cardio >= 7 and cardio < 7", 1, 1, 0, ""},
		{"cardio >= ", 1, 10, 9, ""},
		{"(cardio >= 7", 1, 12, 11, ""},
		{"cardio in 7", 1, 11, 10, ""},
		{"cardio in fr..7", 1, 11, 10, ""},
		{"cardio in []", 1, 1, 0, ""},
		{"cardio matches 'x'", 1, 8, 7, ""},
		{"len(cardio) > 1", 1, 1, 0, ""},
		{"false", 1, 1, 0, ""},
		{"fr >= 1; en >= 1", 1, 4, 3, ""},
		{"fr >= 1 and true", 1, 13, 12, ""},
		{strings.Repeat("x", MaxRequirementLen+1), 1, 1, 0, ""},
		{"fr >= 1 \xff", 1, 1, 0, ""},
	} {
		_, err := ParseRequirement(c.src, declared)
		var e *RequirementError
		if !errors.As(err, &e) {
			t.Errorf("%.40q: error %v, want one with a position", c.src, err)
			continue
		}
		if e.Line != c.line || e.Column != c.col || e.Offset != c.offset || e.Suggestion != c.suggestion || e.Message == nil {
			t.Errorf("%.40q: %d:%d (%d) suggests %q: %s; want %d:%d (%d) %q", c.src, e.Line, e.Column, e.Offset, e.Suggestion, e.Message,
				c.line, c.col, c.offset, c.suggestion)
		}
	}
}

func TestRequirementIsBounded(t *testing.T) {
	t.Parallel()
	src := "(fr >= 1 or en >= 1) and (rdv in [1, 3] or cardio in [2, 4])"
	if _, err := ParseRequirement(src, declared); err != nil {
		t.Errorf("%s: %v", src, err)
	}
	many := make([]acd.SkillID, 0, 16)
	var parts []string
	for i := range 8 { // 2^8 alternatives
		a, b := acd.SkillID(fmt.Sprintf("a%d", i)), acd.SkillID(fmt.Sprintf("b%d", i))
		many = append(many, a, b)
		parts = append(parts, fmt.Sprintf("(%s >= 1 or %s >= 1)", a, b))
	}
	if _, err := ParseRequirement(strings.Join(parts, " and "), many); err == nil || !strings.Contains(err.Error(), "too many alternatives") {
		t.Errorf("2^8 alternatives: %v", err)
	}
	if _, err := ParseRequirement(strings.Repeat("(", 900)+"fr >= 1"+strings.Repeat(")", 900), declared); err != nil {
		t.Errorf("deep parentheses: %v", err)
	}
}

func TestRequirementString(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"":                                     "",
		"true":                                 "",
		"fr>=5 and cardio>6":                   "cardio >= 7 and fr >= 5",
		"cardio >= 7 && 5 <= fr":               "cardio >= 7 and fr >= 5",
		"fr == 5 or fr == 5":                   "fr == 5",
		"fr in [5, 6, 7]":                      "fr in 5..7",
		"fr in [5, 7]":                         "fr in [5, 7]",
		"not (fr > 4)":                         "fr <= 4",
		"fr >= -3":                             "fr >= 1",
		"(en >= 1 or fr >= 1) and cardio >= 2": "cardio >= 2 and en >= 1 or cardio >= 2 and fr >= 1",
		"cardio >= 2 and fr >= 1 or cardio >= 11": "cardio >= 2 and fr >= 1",
	} {
		r, err := ParseRequirement(src, declared)
		if err != nil || r.String() != want {
			t.Errorf("%q prints %q (%v), want %q", src, r, err, want)
		}
	}
}

func TestAnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ a, b, want string }{
		{"", "", ""},
		{"fr >= 5", "", "fr >= 5"},
		{"", "fr >= 5", "fr >= 5"},
		{"fr >= 5", "fr <= 7", "fr in 5..7"},
		{"fr >= 5", "en >= 1", "en >= 1 and fr >= 5"},
		{"fr >= 5", "fr < 5", "never"},
		{"fr >= 5 or en >= 5", "fr < 5", "en >= 5 and fr <= 4"},
	} {
		a, errA := ParseRequirement(c.a, declared)
		b, errB := ParseRequirement(c.b, declared)
		if got := And(a, b).String(); errA != nil || errB != nil || got != c.want || And(b, a).String() != c.want {
			t.Errorf("%q and %q: %q, want %q", c.a, c.b, got, c.want)
		}
	}
	never := And(parse(t, "fr >= 5"), parse(t, "fr < 5"))
	if _, ok := never.Match(map[acd.SkillID]int{"fr": 5}); ok || !never.Never() || never.Always() {
		t.Error("someone satisfies what nobody can")
	}
	if got := And(never, Requirement{}); !got.Never() {
		t.Error("nobody and everyone is not nobody")
	}
}

func parse(t testing.TB, src string) Requirement {
	t.Helper()
	r, err := ParseRequirement(src, declared)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// formula is a random expression together with its plain meaning.
type formula struct {
	src  string
	eval func(skills map[acd.SkillID]int, negated bool) bool
}

func randomFormula(dice *rand.Rand, depth int) formula {
	if depth == 0 || dice.IntN(3) == 0 {
		s, v := declared[dice.IntN(len(declared))], dice.IntN(11)
		ops := []struct {
			op   string
			test func(l int) bool
		}{
			{">=", func(l int) bool { return l >= v }}, {">", func(l int) bool { return l > v }},
			{"<=", func(l int) bool { return l <= v }}, {"<", func(l int) bool { return l < v }},
			{"==", func(l int) bool { return l == v }}, {"!=", func(l int) bool { return l != v }},
		}
		op := ops[dice.IntN(len(ops))]
		return formula{fmt.Sprintf("%s %s %d", s, op.op, v), func(skills map[acd.SkillID]int, negated bool) bool {
			l, has := skills[s]
			return has && l > 0 && op.test(l) != negated
		}}
	}
	a, b := randomFormula(dice, depth-1), randomFormula(dice, depth-1)
	switch dice.IntN(3) {
	case 0:
		return formula{"not (" + a.src + ")", func(s map[acd.SkillID]int, n bool) bool { return a.eval(s, !n) }}
	case 1:
		return formula{"(" + a.src + ") and (" + b.src + ")", func(s map[acd.SkillID]int, n bool) bool {
			if n {
				return a.eval(s, n) || b.eval(s, n)
			}
			return a.eval(s, n) && b.eval(s, n)
		}}
	}
	return formula{"(" + a.src + ") or (" + b.src + ")", func(s map[acd.SkillID]int, n bool) bool {
		if n {
			return a.eval(s, n) && b.eval(s, n)
		}
		return a.eval(s, n) || b.eval(s, n)
	}}
}

func TestRequirementMeansWhatItSays(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(1, 2))
	parsed := 0
	for range 3000 {
		f := randomFormula(dice, 3)
		r, err := ParseRequirement(f.src, declared)
		if err != nil { // unsatisfiable, or too many alternatives: both fair
			continue
		}
		parsed++
		again := parse(t, r.String())
		if again.String() != r.String() {
			t.Fatalf("%s prints %s, which prints %s", f.src, r, again)
		}
		for range 30 {
			skills := map[acd.SkillID]int{}
			for _, s := range declared {
				if l := dice.IntN(15); l <= MaxLevel {
					skills[s] = l
				}
			}
			surplus, ok := r.Match(skills)
			if want := f.eval(skills, false); ok != want {
				t.Fatalf("%s for %v: %t, want %t (%s)", f.src, skills, ok, want, r)
			}
			if s, k := again.Match(skills); s != surplus || k != ok {
				t.Fatalf("%s and %s differ for %v", r, again, skills)
			}
		}
	}
	if parsed < 2000 {
		t.Errorf("only %d formulas were satisfiable", parsed)
	}
}

func FuzzParseRequirement(f *testing.F) {
	for _, s := range []string{"cardio >= 7 and fr >= 5", "not (fr in 3..7) or en in [1, 2]", "len(fr) > 1", "fr >= ", "let x = 1; x", "fr | map(#)",
		"if fr > 1 { en > 1 } else { true }", "fr?.x > 1", "\"\\xff\"", "1..", "fr in 1..9999999999", "/* c */ fr >= 1", "fr >= 0x7"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		began := time.Now()
		r, err := ParseRequirement(src, declared)
		if took := time.Since(began); took > 2*time.Second {
			t.Fatalf("took %s", took)
		}
		if err != nil {
			var e *RequirementError
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(src) || e.Line < 1 || e.Column < 1 {
				t.Fatalf("error without a place: %v", err)
			}
			return
		}
		if again := parse(t, r.String()); again.String() != r.String() {
			t.Fatalf("%q prints %q, which prints %q", src, r, again)
		}
	})
}
