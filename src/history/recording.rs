//! The recording of a call as it is kept: where it lies, how long it is, and whether it is whole (BOX-56, BOX-61).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Recording {
    pub state: RecordingState,
    /// Below the directory with all data: `recordings/<year>/<month>/<day>/<call_id>.wav`.
    pub file: String,
    /// Rounded up.
    pub seconds: u32,
    /// Of the file, as is its hash, in hexadecimal. 0 and empty until it is closed.
    pub bytes: u64,
    pub sha256: String,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordingState {
    /// It is being written, or was when the power went and is not looked at yet.
    #[default]
    Open,
    /// On the disk, and nothing that was said is missing.
    Kept,
    /// On the disk; the disk or the box could not keep up, and something is missing.
    Incomplete,
    /// It could not be written: the disk was full or broken.
    Lost,
    /// Its days were over, or its room was needed (BOX-59, BOX-63).
    Deleted,
}

impl Recording {
    /// There is something to be heard.
    pub fn is_there(&self) -> bool {
        matches!(self.state, RecordingState::Kept | RecordingState::Incomplete)
    }

    pub fn is_open(&self) -> bool {
        self.state == RecordingState::Open
    }
}
