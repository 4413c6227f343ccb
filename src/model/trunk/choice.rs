//! What can be chosen for a trunk (TRK rows).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// TRK-8
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum TrunkKind {
    Register,
    Peer,
}

/// TRK-11
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum Transport {
    #[default]
    Udp,
    Tcp,
    Tls,
}

/// TRK-80
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum Srtp {
    #[default]
    Off,
    Optional,
    Required,
}

/// Where the called DID is read (TRK-58).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum DidSource {
    #[default]
    Auto,
    RequestUri,
    To,
    PCalledPartyId,
    Header,
}

/// Where the caller is read (TRK-61).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum CallerSource {
    #[default]
    Auto,
    From,
    Pai,
    Rpid,
}

/// How a number is written in the Request-URI (TRK-69).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum NumberFormat {
    #[default]
    AsIs,
    E164,
    E164Plus,
}

/// Where the caller ID is put (TRK-70).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum CallerHeader {
    #[default]
    From,
    Pai,
    Ppi,
    Rpid,
}

/// The user part of From (TRK-71).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum FromUser {
    #[default]
    CallerId,
    Username,
}

/// TRK-72
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum Privacy {
    #[default]
    None,
    Id,
}

/// TRK-75
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum TrunkCodec {
    Pcma,
    Pcmu,
    G722,
}

/// TRK-78
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum Dtmf {
    #[default]
    Rfc4733,
    Inband,
    Info,
}
