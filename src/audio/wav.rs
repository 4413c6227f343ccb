//! The heads of the WAV files that the box writes, all at 8 kHz.

use super::codec::narrow::RATE;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// What calls play and people download: one channel of 16 bit (MED reading).
    Prompt,
    /// A recorded call: two channels of A-law (BOX-58).
    Call,
}

/// The bytes before the samples of a prompt, and of a call: whoever reads A-law wants to be told their number twice.
const PROMPT: usize = 44;
const CALL: usize = 58;

impl Form {
    pub fn channels(self) -> usize {
        match self {
            Form::Prompt => 1,
            Form::Call => 2,
        }
    }

    /// The bytes before the samples.
    pub fn head(self) -> usize {
        match self {
            Form::Prompt => PROMPT,
            Form::Call => CALL,
        }
    }

    /// What so many samples of all channels take.
    pub fn bytes(self, samples: i64) -> u64 {
        2 * samples as u64
    }

    /// How many samples of all channels fit.
    pub fn samples(self, bytes: u64) -> i64 {
        (bytes / 2) as i64
    }
}

/// What stands before so many samples.
pub fn head(form: Form, samples: u32) -> heapless::Vec<u8, CALL> {
    let mut head = heapless::Vec::new();
    let data = 2 * samples;
    let format: &[u8] = match form {
        Form::Prompt => b"RIFF----WAVEfmt \x10\0\0\0\x01\0\x01\0--------\x02\0\x10\0data----",
        Form::Call => b"RIFF----WAVEfmt \x12\0\0\0\x06\0\x02\0--------\x02\0\x08\0\0\0fact\x04\0\0\0----data----",
    };
    let _ = head.extend_from_slice(format);
    let last = form.head() - 4;
    for (at, figure) in [(4, data + last as u32 - 4), (24, RATE), (28, 2 * RATE), (last, data)] {
        head[at..at + 4].copy_from_slice(&figure.to_le_bytes());
    }
    if form == Form::Call {
        head[46..50].copy_from_slice(&samples.to_le_bytes());
    }
    head
}

/// The samples that the head of a recorded call tells; `None` if it is no such head.
pub fn told(head_read: &[u8; CALL]) -> Option<u32> {
    let data = u32::from_le_bytes([head_read[54], head_read[55], head_read[56], head_read[57]]);
    (head(Form::Call, data / 2)[..] == head_read[..]).then_some(data / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_follows() {
        let expected =
            b"RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\x08\0\0\0";
        assert_eq!(&head(Form::Prompt, 4)[..], expected);
    }

    /// BOX-58: 8 kHz, two channels, 16,000 bytes a second.
    #[test]
    fn a_call_is_a_law_in_two_channels() {
        let expected = b"RIFF\x3a\0\0\0WAVEfmt \x12\0\0\0\x06\0\x02\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x08\0\0\0fact\x04\0\0\0\x04\0\0\0data\x08\0\0\0";
        let head = head(Form::Call, 4);
        assert_eq!(&head[..], expected);
        assert_eq!(told(head[..].try_into().unwrap()), Some(4));
        assert_eq!(told(&[0; CALL]), None);
    }
}
