//! How often programs may ask (API-30 to API-35): each kind of request counted apart, over the last 60 seconds.

use crate::{
    model::{ApiAccess, api_access::LIMIT_MAX},
    time::Uptime,
};
use axum::http::Method;
use std::{collections::VecDeque, sync::Mutex, time::Duration};

const WINDOW: Duration = Duration::from_secs(60);
/// No limit is higher, so no more is remembered of a kind.
const REMEMBERED_MAX: usize = LIMIT_MAX as usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sms,
    Notice,
    Data,
    ClickToCall,
}

impl Kind {
    /// Of a request, by its path behind `/api/v1` (API-30). None: nothing limits it.
    pub fn of(method: &Method, path: &str) -> Option<Kind> {
        match (method, path.trim_end_matches('/')) {
            (&Method::GET | &Method::HEAD, _) => Some(Kind::Data),
            (&Method::POST, "/sms") => Some(Kind::Sms),
            (&Method::POST, "/notices" | "/voice_notices") => Some(Kind::Notice),
            (&Method::POST, "/click_to_call") => Some(Kind::ClickToCall),
            _ => None,
        }
    }

    fn limit(self, access: &ApiAccess) -> usize {
        let limit = match self {
            Kind::Sms => access.limit_sms,
            Kind::Notice => access.limit_notice,
            Kind::Data => access.limit_data,
            Kind::ClickToCall => access.limit_click_to_call,
        };
        limit.value() as usize
    }
}

/// When requests of each kind were let through, oldest first.
#[derive(Default)]
pub struct Rates(Mutex<[VecDeque<Uptime>; 4]>);

impl Rates {
    /// Lets a request through and counts it, or says how long until the next of its kind is.
    pub fn let_through(&self, kind: Kind, access: &ApiAccess, now: Uptime) -> Result<(), Duration> {
        let times = &mut self.0.lock().expect("no panic while counting")[kind as usize];
        while times.front().is_some_and(|time| now.since(*time) >= WINDOW) {
            times.pop_front();
        }
        let limit = kind.limit(access);
        if limit > 0 && times.len() >= limit {
            // As soon as this one is a minute old, fewer than the limit are left.
            let oldest = times[times.len() - limit];
            return Err(WINDOW.saturating_sub(now.since(oldest)));
        }
        if times.len() == REMEMBERED_MAX {
            times.pop_front();
        }
        times.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::api_access::Limit;

    fn at(seconds: u64) -> Uptime {
        Uptime(seconds * 1_000_000)
    }

    fn data(limit: i64) -> ApiAccess {
        ApiAccess { limit_data: Limit::literal(limit), ..ApiAccess::default() }
    }

    /// API-30
    #[test]
    fn a_request_is_of_the_kind_of_its_path() {
        for (method, path, kind) in [
            ("GET", "/agents", Some(Kind::Data)),
            ("GET", "/no/such/path", Some(Kind::Data)),
            ("HEAD", "/agents", Some(Kind::Data)),
            ("POST", "/sms", Some(Kind::Sms)),
            ("POST", "/notices", Some(Kind::Notice)),
            ("POST", "/voice_notices/", Some(Kind::Notice)),
            ("POST", "/click_to_call", Some(Kind::ClickToCall)),
            ("POST", "/agents", None),
            ("DELETE", "/sms", None),
        ] {
            assert_eq!(Kind::of(&method.parse().unwrap(), path), kind, "{method} {path}");
        }
    }

    /// API-31, API-32, API-33, API-34, API-16, API-17
    #[test]
    fn so_many_pass_in_any_sixty_seconds() {
        let rates = Rates::default();
        let ask = |seconds, limit| rates.let_through(Kind::Data, &data(limit), at(seconds));
        assert!(ask(0, 2).is_ok() && ask(30, 2).is_ok());
        for seconds in [30, 59] {
            assert_eq!(ask(seconds, 2), Err(Duration::from_secs(60 - seconds)), "a refused one does not count");
        }
        assert!(rates.let_through(Kind::Sms, &data(2), at(59)).is_ok(), "the kinds are counted apart");
        assert!(ask(60, 2).is_ok());
        assert_eq!(ask(60, 2), Err(Duration::from_secs(30)));
        assert_eq!(ask(60, 1), Err(Duration::from_secs(60)), "a lower limit holds at once");
        assert!(ask(60, 3).is_ok() && ask(60, 0).is_ok());
        assert_eq!(ask(61, 2), Err(Duration::from_secs(59)));
    }

    /// API-35: a flood takes no more memory, and the newest are those that count.
    #[test]
    fn no_more_than_the_highest_limit_is_remembered() {
        let rates = Rates::default();
        for n in 0..REMEMBERED_MAX as u64 + 500 {
            rates.let_through(Kind::Data, &data(0), Uptime(n)).unwrap();
        }
        assert_eq!(rates.0.lock().unwrap()[Kind::Data as usize].len(), REMEMBERED_MAX);
        assert!(rates.let_through(Kind::Data, &data(LIMIT_MAX), at(1)).is_err());
        assert!(rates.let_through(Kind::Data, &data(LIMIT_MAX), at(61)).is_ok());
    }
}
