//! Where a call goes that comes to a condition, judged at that moment (DST-4).

use crate::{
    model::Condition,
    schema::{Tenant, kind::destination::To},
    time::Timestamp,
};

/// Whether a moment is inside by the clocks of the office; without periods it never is.
pub fn is_inside(condition: &Condition, tenant: &Tenant, at: Timestamp) -> bool {
    condition.is_inside(tenant, at)
}

/// One of its two destinations (CND-5, CND-6); one that is empty hangs up (DST reading).
pub fn destination<'t>(condition: &'t Condition, tenant: &Tenant, at: Timestamp) -> &'t To {
    let inside = is_inside(condition, tenant, at);
    let destination = if inside { &condition.inside_destination } else { &condition.outside_destination };
    destination.as_ref().map_or(&To::HangUp, |destination| destination.to())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Preferences, condition::ConditionType},
        schema::{
            Id,
            kind::{Destination, List, Name, Period, TimeZone},
        },
    };

    fn office(zone: &'static str) -> Tenant {
        let mut tenant = Tenant::default();
        tenant.add(Preferences { time_zone: TimeZone::literal(zone), ..Preferences::default() });
        tenant
    }

    fn condition(kind: ConditionType, periods: &[&'static str]) -> Condition {
        Condition {
            name: Name::literal("Hours"),
            kind,
            periods: List::new(periods.iter().map(|period| Period::literal(period)).collect()).unwrap(),
            inside_destination: Destination::new(To::AgentGroup(Id(1))).ok(),
            outside_destination: Destination::new(To::Playlist(Id(2))).ok(),
        }
    }

    fn at(moment: &str) -> Timestamp {
        moment.parse().unwrap()
    }

    /// CND-5, CND-6, CND-17, CND-18, DST-4: one destination or the other, and an empty one hangs up.
    #[test]
    fn a_call_goes_one_of_two_ways() {
        let tenant = office("Asia/Shanghai");
        let hours = condition(ConditionType::Weekly, &["mon 09:00-12:00", "mon 13:00-18:00"]);
        for (row, moment, to) in [
            ("CND-5 first period", "2026-11-23T01:00:00Z", To::AgentGroup(Id(1))),
            ("CND-5 second period", "2026-11-23T09:59:59Z", To::AgentGroup(Id(1))),
            ("CND-6 between", "2026-11-23T04:30:00Z", To::Playlist(Id(2))),
            ("CND-6 another day", "2026-11-24T02:00:00Z", To::Playlist(Id(2))),
        ] {
            assert_eq!(*destination(&hours, &tenant, at(moment)), to, "{row}");
        }
        let empty = Condition { inside_destination: None, outside_destination: None, ..hours };
        assert_eq!(*destination(&empty, &tenant, at("2026-11-23T01:00:00Z")), To::HangUp);
        assert_eq!(*destination(&empty, &tenant, at("2026-11-24T01:00:00Z")), To::HangUp);
    }

    /// CND-9..16 and their reading, where clocks are set: Berlin forward on 29 March 2026 at 01:00 UTC (02:00 is
    /// 03:00) and back on 25 October at 01:00 UTC (03:00 is 02:00); the wall clock decides, so an hour that comes
    /// twice is inside twice, and one that is skipped is never.
    #[test]
    fn a_period_follows_the_clock_on_the_wall() {
        use ConditionType::{Date, DateRange, Time, Weekly};
        let berlin = office("Europe/Berlin");
        for (row, kind, period, moment, inside) in [
            ("CND-9 before the skipped hour", Weekly, "sun 01:00-03:00", "2026-03-29T00:59:59Z", true),
            ("CND-9 the skipped hour ends it", Weekly, "sun 01:00-03:00", "2026-03-29T01:00:00Z", true),
            ("CND-9 after the skipped hour", Weekly, "sun 01:00-03:00", "2026-03-29T01:00:01Z", false),
            ("CND-9 only the skipped hour", Weekly, "sun 02:15-02:45", "2026-03-29T01:00:00Z", false),
            ("CND-9 the doubled hour, first", Weekly, "sun 02:00-02:30", "2026-10-25T00:30:00Z", true),
            ("CND-9 between both", Weekly, "sun 02:00-02:30", "2026-10-25T00:30:01Z", false),
            ("CND-9 the doubled hour, second", Weekly, "sun 02:00-02:30", "2026-10-25T01:00:00Z", true),
            ("CND-9 after both", Weekly, "sun 02:00-02:30", "2026-10-25T01:30:01Z", false),
            ("CND-9 24:00 on the day of the change", Weekly, "sun 20:00-24:00", "2026-10-25T23:00:00Z", true),
            ("CND-9 after 24:00", Weekly, "sun 20:00-24:00", "2026-10-25T23:00:01Z", false),
            ("CND-11 over midnight and the change", Time, "22:00:00-03:00:00", "2026-03-29T01:00:00Z", true),
            ("CND-11 after it", Time, "22:00:00-03:00:00", "2026-03-29T01:00:01Z", false),
            ("CND-11 the doubled hour, second", Time, "22:00:00-02:30:00", "2026-10-25T01:30:00Z", true),
            ("CND-12 the last second", Time, "00:00:00-12:00:00", "2026-06-01T10:00:00.999Z", true),
            ("CND-12 one second later", Time, "00:00:00-12:00:00", "2026-06-01T10:00:01Z", false),
            ("CND-13 the day of 23 hours begins", Date, "2026-03-29", "2026-03-28T23:00:00Z", true),
            ("CND-13 and ends", Date, "2026-03-29", "2026-03-29T21:59:59Z", true),
            ("CND-13 and has ended", Date, "2026-03-29", "2026-03-29T22:00:00Z", false),
            ("CND-13 the day of 25 hours ends", Date, "2026-10-25", "2026-10-25T22:59:59Z", true),
            ("CND-13 and has ended", Date, "2026-10-25", "2026-10-25T23:00:00Z", false),
            ("CND-14", DateRange, "2026-02-08 12:00 - 2026-02-09 11:00", "2026-02-08T11:00:00Z", true),
            ("CND-15", DateRange, "2026-02-08 12:00 - 2026-02-09 11:00", "2026-02-09T10:00:59Z", true),
            ("CND-16", DateRange, "2026-02-08 12:00 - 2026-02-09 11:00", "2026-02-09T10:01:00Z", true),
            ("CND-16", DateRange, "2026-02-08 12:00 - 2026-02-09 11:00", "2026-02-09T10:01:01Z", false),
            ("CND-15 over the change", DateRange, "2026-10-24 12:00 - 2026-10-25 02:59", "2026-10-25T01:59:59Z", true),
            ("CND-15 after it", DateRange, "2026-10-24 12:00 - 2026-10-25 02:59", "2026-10-25T02:00:01Z", false),
        ] {
            assert_eq!(is_inside(&condition(kind, &[period]), &berlin, at(moment)), inside, "{row}: {period} {moment}");
        }
        let never = condition(Weekly, &[]);
        assert!(!is_inside(&never, &berlin, at("2026-06-01T10:00:00Z")), "without periods it is never inside");
        let several = condition(Date, &["2026-05-01", "2026-10-01"]);
        assert!(is_inside(&several, &berlin, at("2026-10-01T10:00:00Z")), "CND-13: any of its dates");
    }
}
