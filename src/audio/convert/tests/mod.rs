//! Every form that is taken, measured; every other refused, whatever is in it.

use super::*;
use proptest::prelude::*;
use std::f64::consts::PI;

/// A second of 1,000 Hz, half as loud as can be.
const STEREO: &[u8] = include_bytes!("../../../../tests/sounds/tone-44100-stereo.mp3");
const MONO: &[u8] = include_bytes!("../../../../tests/sounds/tone-16000-mono.mp3");

fn converted(file: &[u8]) -> Result<(Converted, Vec<i16>), Fault> {
    let mut samples = Vec::new();
    let done = convert(file, |part| {
        samples.extend_from_slice(part);
        Ok(())
    })?;
    Ok((done, samples))
}

fn refused(file: &[u8]) -> &'static str {
    match converted(file) {
        Ok(_) => "taken",
        Err(Fault::NotSound) => "not sound",
        Err(Fault::CutOff) => "cut off",
        Err(Fault::TooLong) => "too long",
        Err(Fault::Write(_)) => "write",
    }
}

/// A WAV of this tag, of so many channels, at this rate, of so many bits.
fn wav_of(tag: u16, channels: u16, rate: u32, bits: u16, data: &[u8]) -> Vec<u8> {
    let frame = channels * bits / 8;
    let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
    file.extend([tag.to_le_bytes(), channels.to_le_bytes()].concat());
    file.extend([rate.to_le_bytes(), (rate * u32::from(frame)).to_le_bytes()].concat());
    file.extend([frame.to_le_bytes(), bits.to_le_bytes()].concat());
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

fn sine(rate: u32, count: usize) -> impl Iterator<Item = f64> {
    (0..count).map(move |n| 0.5 * libm::sin(2.0 * PI * 1_000.0 * n as f64 / f64::from(rate)))
}

/// How loud 1,000 Hz is in the middle of it, and what there is beside it, in dB of the loudest.
fn measured(samples: &[i16]) -> (f64, f64) {
    let middle = &samples[samples.len() / 4..][..samples.len() / 16 * 8];
    let turn = |n: usize| 2.0 * PI * 1_000.0 * n as f64 / 8_000.0;
    let sum = |wave: fn(f64) -> f64| {
        let parts = middle.iter().enumerate().map(|(n, &s)| f64::from(s) / 32_768.0 * wave(turn(n)));
        2.0 / middle.len() as f64 * parts.sum::<f64>()
    };
    let (real, imaginary) = (sum(libm::cos), sum(libm::sin));
    let left = middle.iter().enumerate().map(|(n, &s)| {
        let left = f64::from(s) / 32_768.0 - real * libm::cos(turn(n)) - imaginary * libm::sin(turn(n));
        left * left
    });
    let noise = 2.0 * left.sum::<f64>() / middle.len() as f64;
    (10.0 * libm::log10(real * real + imaginary * imaginary), 10.0 * libm::log10(noise.max(1e-12)))
}

/// MED reading: PCM, A-law and µ-law, whatever the rate and the channels; a tone is as loud as it was and clean.
#[test]
fn a_tone_in_any_wav_is_the_same_tone() {
    let bytes = |rate: u32, channels: u16, one: fn(f64) -> Vec<u8>| -> Vec<u8> {
        sine(rate, rate as usize).flat_map(|sample| one(sample).repeat(usize::from(channels))).collect()
    };
    type Coded = fn(f64) -> Vec<u8>;
    let forms: [(u16, u16, Coded, f64); 6] = [
        (1, 8, |s| vec![(libm::round(s * 128.0) + 128.0) as u8], -40.0),
        (1, 16, |s| ((s * 32_767.0) as i16).to_le_bytes().to_vec(), -60.0),
        (1, 24, |s| ((s * 8_388_607.0) as i32).to_le_bytes()[..3].to_vec(), -60.0),
        (1, 32, |s| ((s * 2_147_483_647.0) as i32).to_le_bytes().to_vec(), -60.0),
        (6, 8, |s| vec![crate::audio::codec::g711::A.encode((s * 32_767.0) as i16)], -38.0),
        (7, 8, |s| vec![crate::audio::codec::g711::U.encode((s * 32_767.0) as i16)], -38.0),
    ];
    for (tag, bits, one, noise_max) in forms {
        for (rate, channels) in [(8_000, 1), (11_025, 2), (16_000, 1), (44_100, 2), (48_000, 6)] {
            let file = wav_of(tag, channels, rate, bits, &bytes(rate, channels, one));
            let (done, samples) = converted(&file).unwrap();
            assert_eq!((done, samples.len()), (Converted { form: Form::Wav, samples: 8_000 }, 8_000));
            assert_eq!(done.seconds(), 1);
            let (level, noise) = measured(&samples);
            assert!((level + 6.02).abs() < 0.2, "{tag} {bits} {rate} {channels}: {level} dB");
            assert!(noise < noise_max, "{tag} {bits} {rate} {channels}: {noise} dB beside the tone");
        }
    }
}

/// MED reading: MP3 in one or two channels, of MPEG 1 and 2.
#[test]
fn a_tone_in_an_mp3_is_the_same_tone() {
    for file in [STEREO, MONO] {
        let mut tagged = b"ID3\x04\0\0\0\0\x08\0".to_vec();
        tagged.extend([7; 1024]);
        tagged.extend(file);
        tagged.extend(b"TAG");
        tagged.extend([0; 125]);
        for file in [file, &tagged] {
            let (done, samples) = converted(file).unwrap();
            assert_eq!((done.form, done.samples as usize), (Form::Mp3, samples.len()));
            assert!((8_000..10_000).contains(&samples.len()), "{}", samples.len());
            let (level, noise) = measured(&samples);
            // The encoder made it softer by a twentieth.
            assert!((level + 6.47).abs() < 0.1, "{level} dB");
            assert!(noise < -45.0, "{noise} dB beside the tone");
        }
    }
}

/// MED-7 reading: what was so already stays so, bit for bit.
#[test]
fn what_calls_play_already_stays_as_it_is() {
    let data: Vec<u8> = (0..1_000_i16).flat_map(|n| (n * 31).to_le_bytes()).collect();
    let (done, samples) = converted(&wav_of(1, 1, 8_000, 16, &data)).unwrap();
    assert_eq!(samples, (0..1_000).map(|n| n * 31).collect::<Vec<i16>>());
    let again = [&crate::audio::wav::head(crate::audio::wav::Form::Prompt, done.samples)[..], &data].concat();
    assert_eq!(converted(&again).unwrap(), (done, samples), "its head is read as it is written");
}

/// MED reading: by content and not by name, whatever is in it, and never in hours.
#[test]
fn everything_else_is_refused() {
    let tone: Vec<u8> = sine(8_000, 8_000).flat_map(|s| ((s * 32_767.0) as i16).to_le_bytes()).collect();
    let good = wav_of(1, 1, 8_000, 16, &tone);
    let html = [b"<!DOCTYPE html><script>alert(1)</script>".repeat(400), STEREO.to_vec()].concat();
    let with = |at: usize, bytes: &[u8]| {
        let mut file = good.clone();
        file[at..at + bytes.len()].copy_from_slice(bytes);
        file
    };
    let zip = [b"PK\x03\x04".to_vec(), vec![0; 20_000]].concat();
    let extensible = [&[0xFE, 0xFF][..], &good[22..36], &[0; 8], &[3, 0], &[0; 14]].concat();
    let mut float = b"RIFF\0\0\0\0WAVEfmt \x28\0\0\0".to_vec();
    float.extend(&extensible);
    float.extend(&good[36..]);
    for (file, why) in [
        (&[][..], "not sound"),
        (b"RIFF", "not sound"),
        (b"hello", "not sound"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "not sound"),
        (&html, "not sound"),
        (&zip, "not sound"),
        (&vec![0; 1 << 20], "not sound"),
        (&vec![0xFF; 1 << 20], "not sound"),
        (b"OggS\0\x02\0\0\0\0", "not sound"),
        (b"fLaC\0\0\0\x22", "not sound"),
        (&with(8, b"AVI "), "not sound"),
        (&with(20, &[3, 0]), "not sound"),
        (&float, "not sound"),
        (&with(22, &[0, 0]), "not sound"),
        (&with(22, &[9, 0]), "not sound"),
        (&with(24, &[0; 4]), "not sound"),
        (&with(24, &[0xFF; 4]), "not sound"),
        (&with(32, &[0, 0]), "not sound"),
        (&with(34, &[12, 0]), "not sound"),
        (&wav_of(1, 1, 8_000, 16, &[]), "not sound"),
        (&wav_of(1, 1, 8_000, 16, &[1]), "not sound"),
        (&STEREO[..600], "not sound"),
        (&good[..good.len() - 1], "cut off"),
        (&good[..44], "cut off"),
        (&good[..36], "cut off"),
        (&good[..30], "cut off"),
        (&with(40, &[0xFE, 0xFF, 0xFF, 0xFF]), "cut off"),
        (&STEREO[..STEREO.len() - 100], "cut off"),
        (&MONO[..MONO.len() / 2 + 50], "cut off"),
        (&wav_of(1, 1, 4_000, 8, &vec![128; 4_000 * 3_600 + 1]), "too long"),
    ] {
        let shown = &file[..file.len().min(40)];
        assert_eq!(refused(file), why, "{:?}", String::from_utf8_lossy(shown));
    }
    assert!(!is_too_long(4_000 * 3_600, 4_000), "an hour");
    let hours: Vec<u8> = MONO[..26 * 108].repeat(4_000);
    assert_eq!(refused(&hours), "too long");
    assert_eq!(refused(&with(40, &[0xFF; 4])), "taken", "written before its length was known");
}

#[test]
fn a_full_disk_is_told() {
    let full = convert(MONO, |_| Err(io::ErrorKind::StorageFull.into()));
    assert!(matches!(full, Err(Fault::Write(error)) if error.kind() == io::ErrorKind::StorageFull));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Nothing that is uploaded breaks the box, and what is taken is as long as it says.
    #[test]
    fn no_file_breaks_it(bytes in proptest::collection::vec(any::<u8>(), 0..3_000), at in 0_usize..16_000, mp3 in any::<bool>()) {
        let mut file = if mp3 { STEREO.to_vec() } else { wav_of(1, 2, 44_100, 16, &[5; 8_000]) };
        let at = at.min(file.len());
        let end = (at + bytes.len()).min(file.len());
        file[at..end].copy_from_slice(&bytes[..end - at]);
        for file in [&file[..], &bytes, &[b"RIFF----WAVE", &bytes[..]].concat(), &[b"ID3\x04\0\0\0\0\0\0", &bytes[..]].concat()] {
            if let Ok((done, samples)) = converted(file) {
                prop_assert_eq!(done.samples as usize, samples.len());
            }
        }
    }
}
