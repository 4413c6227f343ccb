//! Trunks: lines to carriers, each with its targets, its registration, its signs of life and its calls (TRK rows).

/// What becomes of a trunk, for the panel and the history.
pub mod standing;
/// What is wanted of a trunk.
pub mod wanted;

mod alive;
mod came;
mod dial;
mod errand;
mod form;
mod line;
mod locate;
mod proof;
mod read;
mod register;
/// What is typed, tried.
pub mod trial;
mod way;

pub(in crate::sip) use came::{ALLOW, SUPPORTED};
pub(in crate::sip) use dial::Dialing;
pub(in crate::sip) use errand::ErrandId;
pub(in crate::sip) use line::Trunks;
pub(in crate::sip) use wanted::Login;
pub use wanted::{CallerHeader, CallerSource, DidSource, Password, Reading, Trunk};

#[cfg(test)]
pub(in crate::sip) fn tests_trunk() -> Trunk {
    Trunk {
        id: super::order::TrunkId(7),
        saved: 1,
        name: "line".into(),
        enabled: true,
        registers: false,
        host: "198.51.100.1".into(),
        port: 0,
        transport: super::wire::Transport::Udp,
        username: String::new(),
        auth_username: String::new(),
        password: Password::default(),
        domain: String::new(),
        outbound_proxy: None,
        allowed_sources: Vec::new(),
        max_calls: 30,
        connect_timeout_s: 4,
        keep_alive_s: 30,
        expires_s: 600,
        tls_verify: true,
        ca_certificate: String::new(),
        inbound_auth: false,
        did: Reading::default(),
        caller: Reading::default(),
        caller_header: CallerHeader::From,
        from_username: false,
        private: false,
    }
}
