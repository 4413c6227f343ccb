//! What can be chosen for a campaign (CMP rows).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// CMP-39
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum CampaignStatus {
    #[default]
    Enabled,
    Hidden,
    Closed,
}

/// What saving a contact record does besides (CMP-46).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum AfterSubmit {
    ExitWrapUp,
    HangUp,
    DeleteAppointment,
    CloseCustomer,
}

/// When a customer's earlier contact records are shown (CMP-52).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum LoadContactRecords {
    #[default]
    Auto,
    Disabled,
    Manual,
}

/// CMP-69
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum DialerType {
    #[default]
    AgentGroup,
    VoiceNotice,
    PlayAndCollect,
}
