// Package history turns what happened into figures: one Record for each ended leg, the letters by
// which a hospital counts it, and the KPIs computed from the letters.
//
// Everything here is pure except Day, which folds the log's entries and keeps the last two days in
// memory. Nothing derived is stored: whether an abandonment was short, whether an answer came in
// time, depends on thresholds that the reader of a report names, and the report is computed again
// from the records with those. Each figure names its formula and the formula's version, because
// the same calls give a "60 s service level" anywhere from 70 to 89 % under different vendors'
// definitions.
//
// Records hold ids, codes and instants; nothing in them says who called.
package history
