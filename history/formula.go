package history

import (
	"time"

	"accueil/acd"
)

// FormulaVersion is raised whenever any formula below changes its meaning; it is stamped on every
// report, so that two exports can be told apart.
const FormulaVersion = 1

// Units of figures.
const (
	UnitPercent = "percent"
	UnitSeconds = "seconds"
)

// Formula describes one figure to its reader.
type Formula struct {
	Key        string `json:"key" doc:"Name of the figure; figures with a threshold carry it after the last underscore, in seconds."`
	Unit       string `json:"unit" enum:"percent,seconds"`
	Expression string `json:"formula" doc:"In the letters of the report; T is the threshold."`
	Version    int    `json:"formula_version"`
	French     string `json:"label_fr"`
	English    string `json:"label_en"`
	Timed      bool   `json:"timed" doc:"Given once for each service-level threshold."`
	// Source is whose definition this is; empty for ours.
	Source string `json:"source,omitempty"`

	of func(t *tally, T time.Duration) amount
}

// untimed adapts a formula that needs no threshold.
func untimed(f func(t *tally) amount) func(*tally, time.Duration) amount {
	return func(t *tally, _ time.Duration) amount { return f(t) }
}

// formulas are KPI.md's table, ours first, then what other systems publish under the same names.
// The text and the code of each stand side by side so that they cannot drift unseen.
var formulas = []Formula{
	{Key: "decroche_gross", Unit: UnitPercent, Expression: "A / Q",
		French: "taux de décroché brut", English: "answer rate, gross",
		of: untimed(func(t *tally) amount { return percent(t.A, t.Q) })},
	{Key: "decroche_net", Unit: UnitPercent, Expression: "A / (Q - Bs)",
		French: "taux de décroché", English: "answer rate",
		of: untimed(func(t *tally) amount { return percent(t.A, t.Q-t.Bs) })},
	{Key: "decroche_with_callbacks", Unit: UnitPercent, Expression: "(A + Kr) / (Q - Bs)",
		French: "taux de décroché, rappels compris", English: "answer rate with callbacks",
		of: untimed(func(t *tally) amount { return percent(t.A+t.Kr, t.Q-t.Bs) })},
	{Key: "qs", Unit: UnitPercent, Expression: "A within T / (Q - Bs)", Timed: true,
		French: "qualité de service en T", English: "service level in T",
		of: func(t *tally, T time.Duration) amount { return percent(within(t.answered, T), t.Q-t.Bs) }},
	{Key: "demandes_abouties", Unit: UnitPercent, Expression: "(A + S + Kr + Oa) / (H - M - Bs)",
		French: "demandes abouties", English: "requests fulfilled",
		of: untimed(func(t *tally) amount { return percent(t.A+t.S+t.Kr+t.Oa, t.H-t.M-t.Bs) })},
	{Key: "abandon_gross", Unit: UnitPercent, Expression: "B / Q",
		French: "taux d'abandon brut", English: "abandonment, gross",
		of: untimed(func(t *tally) amount { return percent(t.B, t.Q) })},
	{Key: "abandon_net", Unit: UnitPercent, Expression: "Bl / (Q - Bs)",
		French: "taux d'abandon", English: "abandonment",
		of: untimed(func(t *tally) amount { return percent(t.Bl, t.Q-t.Bs) })},

	{Key: "asa", Unit: UnitSeconds, Expression: "mean of bridged - enqueued over A",
		French: "attente moyenne avant réponse", English: "average speed of answer",
		of: untimed(func(t *tally) amount { return mean(t.answered) })},
	{Key: "asa_p50", Unit: UnitSeconds, Expression: "median (nearest rank) of bridged - enqueued over A",
		French: "attente médiane avant réponse", English: "median speed of answer",
		of: untimed(func(t *tally) amount { return quantile(t.answered, 0.5) })},
	{Key: "asa_p90", Unit: UnitSeconds, Expression: "90th percentile (nearest rank) of bridged - enqueued over A",
		French: "attente avant réponse, 9 appels sur 10", English: "speed of answer, 90th percentile",
		of: untimed(func(t *tally) amount { return quantile(t.answered, 0.9) })},
	{Key: "asa_p95", Unit: UnitSeconds, Expression: "95th percentile (nearest rank) of bridged - enqueued over A",
		French: "attente avant réponse, 19 appels sur 20", English: "speed of answer, 95th percentile",
		of: untimed(func(t *tally) amount { return quantile(t.answered, 0.95) })},
	{Key: "asa_p99", Unit: UnitSeconds, Expression: "99th percentile (nearest rank) of bridged - enqueued over A",
		French: "attente avant réponse, 99 appels sur 100", English: "speed of answer, 99th percentile",
		of: untimed(func(t *tally) amount { return quantile(t.answered, 0.99) })},
	{Key: "asa_max", Unit: UnitSeconds, Expression: "maximum of bridged - enqueued over A",
		French: "attente maximale avant réponse", English: "longest wait of an answered call",
		of: untimed(func(t *tally) amount { return quantile(t.answered, 1) })},
	{Key: "asa_line", Unit: UnitSeconds, Expression: "mean of bridged - arrived over A",
		French: "attente moyenne depuis la prise de ligne", English: "average speed of answer from line pick-up",
		of: untimed(func(t *tally) amount { return mean(t.line) })},
	{Key: "abandon_delay", Unit: UnitSeconds, Expression: "mean of left - enqueued over B",
		French: "délai moyen d'abandon", English: "mean time to abandon",
		of: untimed(func(t *tally) amount { return mean(t.abandoned) })},
	{Key: "abandon_delay_p50", Unit: UnitSeconds, Expression: "median (nearest rank) of left - enqueued over B",
		French: "délai médian d'abandon", English: "median time to abandon",
		of: untimed(func(t *tally) amount { return quantile(t.abandoned, 0.5) })},
	{Key: "longest_wait", Unit: UnitSeconds, Expression: "maximum of left - enqueued over Q",
		French: "attente la plus longue", English: "longest wait",
		of: untimed(func(t *tally) amount {
			if t.Q == 0 {
				return amount{}
			}
			return seconds(t.longest)
		})},

	{Key: "aht", Unit: UnitSeconds, Expression: "(talk + hold + ACW) / handled legs",
		French: "durée moyenne de traitement", English: "average handling time",
		of: untimed(func(t *tally) amount { return average(t.talk+t.acw, t.handled) })},
	{Key: "acw", Unit: UnitSeconds, Expression: "mean of ended - started over finished after-call work",
		French: "travail après appel moyen", English: "mean after-call work",
		of: untimed(func(t *tally) amount { return average(t.acw, t.worked) })},
	{Key: "occupancy", Unit: UnitPercent, Expression: "agents' time with a contact / (that + idle), ringing and pauses in neither",
		French: "taux d'occupation", English: "occupancy",
		of: untimed(func(t *tally) amount { return percent(t.contact, t.contact+t.idle) })},
	{Key: "agent_contact_time", Unit: UnitSeconds, Expression: "agents' time in briefing, talk, hold and ACW, split at the interval's bounds",
		French: "temps d'agent avec un contact", English: "agent time with a contact",
		of: untimed(func(t *tally) amount { return seconds(t.contact) })},
	{Key: "agent_non_response", Unit: UnitPercent, Expression: "offers not answered / offers",
		French: "offres sans réponse de l'agent", English: "agent non-response",
		of: untimed(func(t *tally) amount { return percent(t.endings[acd.NoAnswer], t.offers()) })},
	{Key: "offers_caller_gone", Unit: UnitPercent, Expression: "offers during which the caller left / offers",
		French: "offres interrompues par l'appelant", English: "offers ended by the caller",
		of: untimed(func(t *tally) amount { return percent(t.endings[acd.CallerGone], t.offers()) })},

	{Key: "sl_genesys", Unit: UnitPercent, Expression: "A within T / (A + B)", Timed: true, Source: "Genesys",
		French: "niveau de service Genesys", English: "Genesys service level",
		of: func(t *tally, T time.Duration) amount { return percent(within(t.answered, T), t.A+t.B) }},
	{Key: "sl_genesys_flow_outs", Unit: UnitPercent, Expression: "A within T / (A + B + K + O)", Timed: true, Source: "Genesys",
		French: "niveau de service Genesys, sorties comprises", English: "Genesys service level with flow-outs",
		of: func(t *tally, T time.Duration) amount {
			return percent(within(t.answered, T), t.A+t.B+t.K+t.O)
		}},
	{Key: "sl_genesys_no_short", Unit: UnitPercent, Expression: "A within T / (A + Bl)", Timed: true, Source: "Genesys",
		French: "niveau de service Genesys, sans abandons courts", English: "Genesys service level without short abandons",
		of: func(t *tally, T time.Duration) amount { return percent(within(t.answered, T), t.A+t.Bl) }},
	{Key: "sl_genesys_no_abandons", Unit: UnitPercent, Expression: "A within T / A", Timed: true, Source: "Genesys",
		French: "niveau de service Genesys, sans abandons", English: "Genesys service level without abandons",
		of: func(t *tally, T time.Duration) amount { return percent(within(t.answered, T), t.A) }},
	{Key: "sl_cisco_negative", Unit: UnitPercent, Expression: "A within T / (Q - Bs - E within T)", Timed: true, Source: "Cisco",
		French: "niveau de service Cisco, abandons contre", English: "Cisco service level, abandons against",
		of: func(t *tally, T time.Duration) amount { return percent(within(t.answered, T), t.ciscoEvents(T)) }},
	{Key: "sl_cisco_ignored", Unit: UnitPercent, Expression: "A within T / (Q - Bs - E within T - Bl within T)", Timed: true, Source: "Cisco",
		French: "niveau de service Cisco, abandons ignorés", English: "Cisco service level, abandons ignored",
		of: func(t *tally, T time.Duration) amount {
			return percent(within(t.answered, T), t.ciscoEvents(T)-beyond(t.abandoned, t.short, T))
		}},
	{Key: "sl_cisco_positive", Unit: UnitPercent, Expression: "(A within T + Bl within T) / (Q - Bs - E within T)", Timed: true, Source: "Cisco",
		French: "niveau de service Cisco, abandons pour", English: "Cisco service level, abandons in favour",
		of: func(t *tally, T time.Duration) amount {
			return percent(within(t.answered, T)+beyond(t.abandoned, t.short, T), t.ciscoEvents(T))
		}},
	{Key: "sl_connect", Unit: UnitPercent, Expression: "(A + B + K, each within T) / Q", Timed: true, Source: "Amazon Connect",
		French: "niveau de service Connect", English: "Connect service level",
		of: func(t *tally, T time.Duration) amount {
			return percent(within(t.answered, T)+within(t.abandoned, T)+within(t.called, T), t.Q)
		}},
}

// ciscoEvents are Cisco's service-level events: it drops short abandonments, and error calls inside
// the threshold, which ours keep.
func (t *tally) ciscoEvents(T time.Duration) int { return t.Q - t.Bs - within(t.failed, T) }

// Formulas returns what every figure means.
func Formulas() []Formula {
	out := make([]Formula, len(formulas))
	for i, f := range formulas {
		f.Version = FormulaVersion
		f.of = nil
		out[i] = f
	}
	return out
}
