//! Reads the sound of a WAV file: one channel of 16 bit at 16 kHz, as all of ours are.

use super::{codec::resample::Halver, sounds::Sound};

/// Why a file is none of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    NotWav,
    /// Not 16 kHz, mono, 16 bit PCM.
    Format,
}

/// PCM, one channel, 16,000 a second, two bytes a sample: the first bytes of a `fmt ` chunk.
const FORMAT: [u8; 16] = [1, 0, 1, 0, 0x80, 0x3E, 0, 0, 0, 0x7D, 0, 0, 2, 0, 16, 0];

pub fn read(file: &[u8]) -> Result<Sound, Fault> {
    let wave = file.get(8..12) == Some(b"WAVE") && file.starts_with(b"RIFF");
    let mut rest = file.get(12..).filter(|_| wave).ok_or(Fault::NotWav)?;
    let mut right_format = false;
    while let Some((head, after)) = rest.split_first_chunk::<8>() {
        let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]) as usize;
        let body = &after[..length.min(after.len())];
        match &head[..4] {
            b"fmt " => right_format = body.starts_with(&FORMAT),
            b"data" if right_format => return Ok(sound(body)),
            b"data" => return Err(Fault::Format),
            _ => {}
        }
        // Chunks begin at even places.
        rest = after.get(length.next_multiple_of(2)..).unwrap_or_default();
    }
    Err(Fault::NotWav)
}

fn sound(body: &[u8]) -> Sound {
    let mut wide: Vec<i16> = body.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect();
    wide.truncate(wide.len() & !1);
    let mut narrow = vec![0; wide.len() / 2];
    Halver::default().run(&wide, &mut narrow);
    Sound { narrow, wide }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(format: &[u8], samples: usize) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVELIST\x03\0\0\0abc\0fmt ".to_vec();
        file.extend((format.len() as u32).to_le_bytes());
        file.extend(format);
        file.extend(b"data");
        file.extend((samples as u32 * 2).to_le_bytes());
        file.extend([0x10, 0x20].repeat(samples));
        file
    }

    #[test]
    fn a_file_of_ours_is_read_at_both_rates() {
        let sound = read(&file(&FORMAT, 320)).unwrap();
        assert_eq!((sound.wide.len(), sound.narrow.len(), sound.wide[0]), (320, 160, 0x2010));
    }

    #[test]
    fn other_files_are_refused() {
        let mut stereo = FORMAT;
        stereo[2] = 2;
        assert_eq!(read(&file(&stereo, 320)), Err(Fault::Format));
        assert_eq!(read(b"ID3"), Err(Fault::NotWav));
        assert_eq!(read(&file(&FORMAT, 320)[..20]), Err(Fault::NotWav));
    }

    proptest! {
        #[test]
        fn no_input_breaks_it(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut file = b"RIFF\0\0\0\0WAVE".to_vec();
            file.extend(bytes);
            let _ = read(&file);
        }
    }
}
