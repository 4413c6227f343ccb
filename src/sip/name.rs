//! Names of header fields, long and compact, in any case.

use serde::{Deserialize, Serialize};

/// A header field's name. What is not listed is `Other` and is found by its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Name {
    Accept,
    AcceptContact,
    AcceptEncoding,
    AcceptLanguage,
    AlertInfo,
    Allow,
    AllowEvents,
    AuthenticationInfo,
    Authorization,
    CallId,
    CallInfo,
    Contact,
    ContentDisposition,
    ContentEncoding,
    ContentLanguage,
    ContentLength,
    ContentType,
    CSeq,
    Date,
    Diversion,
    ErrorInfo,
    Event,
    Expires,
    FlowTimer,
    From,
    HistoryInfo,
    Identity,
    InReplyTo,
    InfoPackage,
    Join,
    MaxForwards,
    MimeVersion,
    MinExpires,
    MinSe,
    Organization,
    PAssertedIdentity,
    PPreferredIdentity,
    Path,
    Priority,
    Privacy,
    ProxyAuthenticate,
    ProxyAuthorization,
    ProxyRequire,
    RAck,
    RSeq,
    Reason,
    RecordRoute,
    RecvInfo,
    ReferSub,
    ReferTo,
    ReferredBy,
    RejectContact,
    RemotePartyId,
    Replaces,
    ReplyTo,
    RequestDisposition,
    Require,
    RetryAfter,
    Route,
    Server,
    ServiceRoute,
    SessionExpires,
    SipEtag,
    SipIfMatch,
    Subject,
    SubscriptionState,
    Supported,
    TargetDialog,
    Timestamp,
    To,
    Unsupported,
    UserAgent,
    Via,
    Warning,
    WwwAuthenticate,
    Other,
}

impl Name {
    /// Long or compact, in any case (RFC 3261 section 7.3.3).
    pub fn parse(text: &str) -> Name {
        if let [letter] = text.as_bytes() {
            return compact(*letter);
        }
        let Some(letter) = text.bytes().next().filter(u8::is_ascii_alphabetic) else { return Name::Other };
        let letter = usize::from(letter.to_ascii_uppercase() - b'A');
        let mut same_letter = NAMES[FIRST[letter]..FIRST[letter + 1]].iter();
        same_letter.find(|(_, long)| long.eq_ignore_ascii_case(text)).map_or(Name::Other, |(name, _)| *name)
    }

    /// The long form; empty for `Other`.
    pub fn text(self) -> &'static str {
        NAMES.get(self as usize).map_or("", |(_, long)| long)
    }

    /// Whether something of it is kept: responses repeat it, or dialogs, registrations, lamps and call records are made
    /// of it.
    pub(super) fn is_kept(self) -> bool {
        matches!(
            self,
            Name::Via
                | Name::RecordRoute
                | Name::From
                | Name::To
                | Name::CallId
                | Name::CSeq
                | Name::Timestamp
                | Name::Contact
                | Name::Path
                | Name::Event
                | Name::ReferTo
                | Name::ReferredBy
                | Name::Replaces
                | Name::PAssertedIdentity
                | Name::RemotePartyId
                | Name::Diversion
                | Name::ServiceRoute
                | Name::WwwAuthenticate
                | Name::ProxyAuthenticate
        )
    }

    /// Whether one line may hold several values with commas between; in the others a comma is part of the value.
    pub(super) fn is_list(self) -> bool {
        !matches!(
            self,
            Name::Authorization
                | Name::ProxyAuthorization
                | Name::WwwAuthenticate
                | Name::ProxyAuthenticate
                | Name::AuthenticationInfo
                | Name::From
                | Name::To
                | Name::CallId
                | Name::CSeq
                | Name::Date
                | Name::Subject
                | Name::UserAgent
                | Name::Server
                | Name::Organization
                | Name::RetryAfter
        )
    }
}

fn compact(letter: u8) -> Name {
    match letter.to_ascii_lowercase() {
        b'a' => Name::AcceptContact,
        b'b' => Name::ReferredBy,
        b'c' => Name::ContentType,
        b'd' => Name::RequestDisposition,
        b'e' => Name::ContentEncoding,
        b'f' => Name::From,
        b'i' => Name::CallId,
        b'j' => Name::RejectContact,
        b'k' => Name::Supported,
        b'l' => Name::ContentLength,
        b'm' => Name::Contact,
        b'o' => Name::Event,
        b'r' => Name::ReferTo,
        b's' => Name::Subject,
        b't' => Name::To,
        b'u' => Name::AllowEvents,
        b'v' => Name::Via,
        b'x' => Name::SessionExpires,
        b'y' => Name::Identity,
        _ => Name::Other,
    }
}

/// Where the names of each letter begin, and behind `Z` their end.
const FIRST: [usize; 27] = {
    let mut first = [0; 27];
    let mut letter = 0;
    while letter < 27 {
        let mut at = 0;
        while at < NAMES.len() && NAMES[at].1.as_bytes()[0] < b'A' + letter as u8 {
            at += 1;
        }
        first[letter] = at;
        letter += 1;
    }
    first
};

/// In the order of the enum, so that a name finds its text by its number; it is the order of the first letters too.
const NAMES: [(Name, &str); Name::Other as usize] = [
    (Name::Accept, "Accept"),
    (Name::AcceptContact, "Accept-Contact"),
    (Name::AcceptEncoding, "Accept-Encoding"),
    (Name::AcceptLanguage, "Accept-Language"),
    (Name::AlertInfo, "Alert-Info"),
    (Name::Allow, "Allow"),
    (Name::AllowEvents, "Allow-Events"),
    (Name::AuthenticationInfo, "Authentication-Info"),
    (Name::Authorization, "Authorization"),
    (Name::CallId, "Call-ID"),
    (Name::CallInfo, "Call-Info"),
    (Name::Contact, "Contact"),
    (Name::ContentDisposition, "Content-Disposition"),
    (Name::ContentEncoding, "Content-Encoding"),
    (Name::ContentLanguage, "Content-Language"),
    (Name::ContentLength, "Content-Length"),
    (Name::ContentType, "Content-Type"),
    (Name::CSeq, "CSeq"),
    (Name::Date, "Date"),
    (Name::Diversion, "Diversion"),
    (Name::ErrorInfo, "Error-Info"),
    (Name::Event, "Event"),
    (Name::Expires, "Expires"),
    (Name::FlowTimer, "Flow-Timer"),
    (Name::From, "From"),
    (Name::HistoryInfo, "History-Info"),
    (Name::Identity, "Identity"),
    (Name::InReplyTo, "In-Reply-To"),
    (Name::InfoPackage, "Info-Package"),
    (Name::Join, "Join"),
    (Name::MaxForwards, "Max-Forwards"),
    (Name::MimeVersion, "MIME-Version"),
    (Name::MinExpires, "Min-Expires"),
    (Name::MinSe, "Min-SE"),
    (Name::Organization, "Organization"),
    (Name::PAssertedIdentity, "P-Asserted-Identity"),
    (Name::PPreferredIdentity, "P-Preferred-Identity"),
    (Name::Path, "Path"),
    (Name::Priority, "Priority"),
    (Name::Privacy, "Privacy"),
    (Name::ProxyAuthenticate, "Proxy-Authenticate"),
    (Name::ProxyAuthorization, "Proxy-Authorization"),
    (Name::ProxyRequire, "Proxy-Require"),
    (Name::RAck, "RAck"),
    (Name::RSeq, "RSeq"),
    (Name::Reason, "Reason"),
    (Name::RecordRoute, "Record-Route"),
    (Name::RecvInfo, "Recv-Info"),
    (Name::ReferSub, "Refer-Sub"),
    (Name::ReferTo, "Refer-To"),
    (Name::ReferredBy, "Referred-By"),
    (Name::RejectContact, "Reject-Contact"),
    (Name::RemotePartyId, "Remote-Party-ID"),
    (Name::Replaces, "Replaces"),
    (Name::ReplyTo, "Reply-To"),
    (Name::RequestDisposition, "Request-Disposition"),
    (Name::Require, "Require"),
    (Name::RetryAfter, "Retry-After"),
    (Name::Route, "Route"),
    (Name::Server, "Server"),
    (Name::ServiceRoute, "Service-Route"),
    (Name::SessionExpires, "Session-Expires"),
    (Name::SipEtag, "SIP-ETag"),
    (Name::SipIfMatch, "SIP-If-Match"),
    (Name::Subject, "Subject"),
    (Name::SubscriptionState, "Subscription-State"),
    (Name::Supported, "Supported"),
    (Name::TargetDialog, "Target-Dialog"),
    (Name::Timestamp, "Timestamp"),
    (Name::To, "To"),
    (Name::Unsupported, "Unsupported"),
    (Name::UserAgent, "User-Agent"),
    (Name::Via, "Via"),
    (Name::Warning, "Warning"),
    (Name::WwwAuthenticate, "WWW-Authenticate"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3261 section 7.3.3
    #[test]
    fn every_name_is_found_by_its_text_in_any_case() {
        for (name, text) in NAMES {
            assert_eq!(name.text(), text);
            assert_eq!(Name::parse(&text.to_uppercase()), name);
        }
        assert_eq!((Name::parse("v"), Name::parse("I"), Name::parse("q")), (Name::Via, Name::CallId, Name::Other));
        assert_eq!((Name::parse("X-Own"), Name::Other.text()), (Name::Other, ""));
    }
}
