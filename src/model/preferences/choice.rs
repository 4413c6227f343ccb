//! What can be chosen among the preferences (PRF rows).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// PRF-10
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum DateFormatMode {
    #[default]
    Friendly,
    Exact,
}

/// PRF-11
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum DateFormat {
    #[default]
    #[serde(rename = "YYYY-MM-DD")]
    YearFirst,
    #[serde(rename = "YYYY/MM/DD")]
    YearFirstSlashed,
    #[serde(rename = "DD/MM/YYYY")]
    DayFirst,
    #[serde(rename = "MM/DD/YYYY")]
    MonthFirst,
}

/// PRF-11
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum TimeFormat {
    #[default]
    #[serde(rename = "HH:mm:ss")]
    Seconds,
    #[serde(rename = "HH:mm")]
    Minutes,
    #[serde(rename = "hh:mm:ss A")]
    HalfDaySeconds,
    #[serde(rename = "hh:mm A")]
    HalfDayMinutes,
}

/// PRF-13
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum DurationFormat {
    #[default]
    Hms,
    Seconds,
}

/// PRF-14
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum NumberFormat {
    #[default]
    AsStored,
    National,
    International,
}

/// PRF-15
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum NameFormat {
    #[default]
    LastFirst,
    FirstLast,
    LastTitle,
}

/// PRF-30
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum DecimalSeparator {
    #[default]
    #[serde(rename = ".")]
    Dot,
    #[serde(rename = ",")]
    Comma,
}

impl DecimalSeparator {
    pub fn sign(self) -> &'static str {
        match self {
            DecimalSeparator::Dot => ".",
            DecimalSeparator::Comma => ",",
        }
    }
}

/// PRF-31
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum ThousandsSeparator {
    #[default]
    Comma,
    Dot,
    Space,
    Apostrophe,
    None,
}

impl ThousandsSeparator {
    pub fn sign(self) -> &'static str {
        match self {
            ThousandsSeparator::Comma => ",",
            ThousandsSeparator::Dot => ".",
            ThousandsSeparator::Space => " ",
            ThousandsSeparator::Apostrophe => "'",
            ThousandsSeparator::None => "",
        }
    }
}

/// PRF-36
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline, extend("x-kind" = "choice"))]
pub enum ExportEncoding {
    #[default]
    #[serde(rename = "utf-8-bom")]
    Utf8Bom,
    #[serde(rename = "utf-8")]
    Utf8,
    Gb18030,
    ShiftJis,
}
