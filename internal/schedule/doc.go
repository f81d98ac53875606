// Package schedule says when, and owns every background goroutine of the
// daemon: feeds that come due, grouping, the index's following, and slots.
//
// Words used here:
//
//   - spec: a cron expression of five fields, a descriptor such as @hourly, or
//     @every 30m, with an optional leading TZ=Area/City
//   - daily, steady: a spec that names hours of the day, which comes due once for
//     each local time whatever the clocks do; one of every hour or an interval,
//     which goes by the time that passes
//   - slot: one run of a named job, keyed by its local time, which happens once
//     over all nodes and restarts
//   - wake: a note to a loop that there may be work; notes are not counted
package schedule
