//! Where a carrier wants the caller to stand (TRK-70 to TRK-72).

use super::{
    super::{compose::Lines, name::Name, order::Shown, uri::escape, write},
    wanted::{CallerHeader, Trunk},
};

const ANONYMOUS: &str = "sip:anonymous@anonymous.invalid";

/// From without its tag, and the headers that say who calls.
pub(super) fn caller(trunk: &Trunk, from: &Shown, withheld: bool) -> (String, Lines) {
    let domain = trunk.domain();
    let uri = |user: &str| format!("sip:{}@{domain}", escape(user));
    let identity = (!from.number.is_empty()).then(|| write::address(&from.name, &uri(&from.number)));
    if withheld || trunk.private {
        let mut lines = vec![(Name::Privacy, "id".to_owned())];
        lines.extend(identity.map(|identity| (Name::PAssertedIdentity, identity)));
        return (write::address("Anonymous", ANONYMOUS), lines);
    }
    let user = if trunk.from_username || from.number.is_empty() { &trunk.username } else { &from.number };
    let shown = if user.is_empty() { ANONYMOUS.to_owned() } else { uri(user) };
    let line = identity.and_then(|identity| match trunk.caller_header {
        CallerHeader::From => None,
        CallerHeader::Pai => Some((Name::PAssertedIdentity, identity)),
        CallerHeader::Ppi => Some((Name::PPreferredIdentity, identity)),
        CallerHeader::Rpid => Some((Name::RemotePartyId, format!("{identity};party=calling;screen=yes;privacy=off"))),
    });
    (write::address(&from.name, &shown), line.into_iter().collect())
}
