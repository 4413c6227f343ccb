//! Both clocks as plain numbers, so that a moment can be written down, replayed and compared.

use jiff::{Zoned, civil::date, tz::TimeZone};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::{borrow::Cow, fmt, ops::Add, str::FromStr, time::Duration};

/// Microseconds on a clock that no change of the time of day moves (BOX-52); its zero is arbitrary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Uptime(pub u64);

impl Uptime {
    /// How long ago `earlier` was; zero if it is not earlier.
    pub fn since(self, earlier: Uptime) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Uptime {
    type Output = Uptime;
    fn add(self, length: Duration) -> Uptime {
        Uptime(self.0.saturating_add(length.as_micros() as u64))
    }
}

/// Milliseconds since 1970 in UTC (LST-19). In JSON it is RFC 3339 with milliseconds (API-26).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// How long ago `earlier` was; zero if it is not earlier.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0).max(0) as u64)
    }

    /// Whole seconds from `earlier` to here; zero if it is not earlier.
    pub fn seconds_since(self, earlier: Timestamp) -> u32 {
        ((self.0 - earlier.0).max(0) / 1000) as u32
    }

    /// The same moment on a clock that was set by so many milliseconds.
    pub fn moved(self, by_ms: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(by_ms))
    }

    /// The same moment by these clocks.
    pub fn local(self, clocks: &TimeZone) -> Zoned {
        let moment = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        moment.to_zoned(clocks.clone())
    }

    /// Days since 1970, by these clocks.
    pub fn day(self, clocks: &TimeZone) -> i32 {
        self.local(clocks).date().since(date(1970, 1, 1)).map_or(0, |span| span.get_days())
    }

    /// The first moment of its day; where clocks are set at midnight it may not be 00:00.
    pub fn day_begins(self, clocks: &TimeZone) -> Timestamp {
        let begins = self.local(clocks).start_of_day();
        begins.map_or(self, |begins| Timestamp(begins.timestamp().as_millisecond()))
    }

    /// The first moment of the next day.
    pub fn day_ends(self, clocks: &TimeZone) -> Timestamp {
        let next = self.local(clocks).tomorrow().and_then(|next| next.start_of_day());
        next.map_or(self, |next| Timestamp(next.timestamp().as_millisecond()))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Timestamp;
    fn add(self, length: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(length.as_millis() as i64))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let moment = jiff::Timestamp::from_millisecond(self.0).map_err(|_| fmt::Error)?;
        write!(f, "{moment:.3}")
    }
}

impl FromStr for Timestamp {
    type Err = jiff::Error;
    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse::<jiff::Timestamp>().map(|moment| Timestamp(moment.as_millisecond()))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() { to.collect_str(self) } else { to.serialize_i64(self.0) }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if from.is_human_readable() {
            let text = String::deserialize(from)?;
            text.parse().map_err(D::Error::custom)
        } else {
            i64::deserialize(from).map(Timestamp)
        }
    }
}

/// Both times, given, never asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Now {
    pub up: Uptime,
    pub wall: Timestamp,
}

impl JsonSchema for Timestamp {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "timestamp".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// API-26, LST-19
    #[test]
    fn a_timestamp_reads_back_as_written() {
        let moment = Timestamp(1_795_000_000_123);
        let json = serde_json::to_string(&moment).unwrap();
        assert_eq!(json, "\"2026-11-18T11:06:40.123Z\"");
        assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), moment);
        let bytes = postcard::to_stdvec(&moment).unwrap();
        assert_eq!(postcard::from_bytes::<Timestamp>(&bytes).unwrap(), moment);
    }
}
