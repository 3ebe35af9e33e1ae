// Package planning carries out the commands for planners: simulate plays days that have not happened,
// staff works out how many agents each half hour needs. Neither touches a running centre. They read a
// site file's rules, people and reasons as the running node reads them, and no more of it.
package planning
