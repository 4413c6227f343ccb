//! SIP words and rules without sockets, clock or threads (RFC 3261 and what extends it).

/// From, To, Contact and what is written like them.
pub mod address;
/// Why a message is not taken, and what to answer.
pub mod fault;
/// One message as it came.
pub mod message;
/// INVITE, BYE and the others.
pub mod method;
/// Header names.
pub mod name;
pub mod order;
/// `;name=value` lists.
pub mod params;
mod scan;
/// sip, sips and tel URIs.
pub mod uri;
/// Where responses go.
pub mod via;
pub mod wire;
/// Messages to be sent.
pub mod write;
