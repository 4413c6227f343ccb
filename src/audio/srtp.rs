//! SRTP and SRTCP with AES in counter mode and HMAC-SHA1 (RFC 3711, RFC 4568 section 6.2).

use super::{order::Srtp, rtp::Header};
use crate::sdp::{SrtpKey, Suite};
use aes::Aes128;
use ctr::{
    CtrCore,
    cipher::{Array, InnerIvInit, KeyInit as _, StreamCipher, StreamCipherCoreWrapper},
    flavors::Ctr128BE,
};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use std::mem;
use subtle::ConstantTimeEq;

/// Streams of one phone that are told apart; one more takes the place of the oldest.
const STREAMS_MAX: usize = 4;
/// The tag of SRTCP under either suite, bytes (RFC 4568 section 6.2.2).
const RTCP_TAG: usize = 10;
/// Bytes of an RTCP packet that stay in the clear.
const RTCP_CLEAR: usize = 8;
/// The bit beside the index that says the packet is encrypted (RFC 3711 section 3.4).
const ENCRYPTED: u32 = 0x8000_0000;

/// Labels of the key derivation (RFC 3711 section 4.3.2).
const RTP_LABELS: [u8; 3] = [0, 1, 2];
const RTCP_LABELS: [u8; 3] = [3, 4, 5];

/// Both directions of one leg.
pub struct Guard {
    agreed: Srtp,
    ours: Direction,
    theirs: Direction,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("Guard").field("agreed", &self.agreed).finish_non_exhaustive()
    }
}

impl Guard {
    pub fn new(agreed: Srtp) -> Guard {
        Guard {
            agreed,
            ours: Direction::new(&agreed.ours, agreed.suite),
            theirs: Direction::new(&agreed.theirs, agreed.suite),
        }
    }

    /// A later agreement: a direction whose key stays keeps its count, or the same counters would encrypt twice.
    pub fn renew(&mut self, agreed: Srtp) {
        self.ours.renew(self.agreed.ours, agreed.ours, agreed.suite);
        self.theirs.renew(self.agreed.theirs, agreed.theirs, agreed.suite);
        self.agreed = agreed;
    }

    /// Encrypts and signs a packet of `length` bytes in a buffer with room for the tag; gives the new length. `None`
    /// if its number went out before: the same keystream never covers two packets (RFC 3711 section 9.1).
    pub fn protect(&mut self, packet: &mut [u8], length: usize) -> Option<usize> {
        let header = Header::read(&packet[..length])?;
        let Direction { rtp, tag, streams, .. } = &mut self.ours;
        let mut stream = streams.of(header.ssrc);
        let index = stream.guess(header.sequence);
        stream.note(index).then(|| {
            streams.keep(stream);
            rtp.encrypt(header.ssrc, index, &mut packet[header.start..length]);
            let proof = rtp.sign(&[&packet[..length], &((index >> 16) as u32).to_be_bytes()]);
            packet[length..length + *tag].copy_from_slice(&proof[..*tag]);
            length + *tag
        })
    }

    /// Checks and decrypts; gives the new length. `None`: forged, damaged, or played again.
    pub fn unprotect(&mut self, packet: &mut [u8], length: usize) -> Option<usize> {
        let Direction { rtp, tag, streams, former, .. } = &mut self.theirs;
        let clear = length.checked_sub(*tag)?;
        let header = Header::read(&packet[..clear])?;
        let mut stream = streams.of(header.ssrc);
        let proves = |index: &u64| {
            let proof = rtp.sign(&[&packet[..clear], &((index >> 16) as u32).to_be_bytes()]);
            bool::from(proof[..*tag].ct_eq(&packet[clear..length]))
        };
        let first = stream.guess(header.sequence);
        let other = stream.highest.is_none().then(|| former.of(header.ssrc).guess(header.sequence));
        let index = [Some(first), other.filter(|other| *other != first)].into_iter().flatten().find(proves)?;
        if !stream.note(index) {
            return None;
        }
        streams.keep(stream);
        rtp.encrypt(header.ssrc, index, &mut packet[header.start..clear]);
        Some(clear)
    }

    /// As `protect`, for a compound RTCP packet.
    pub fn protect_rtcp(&mut self, packet: &mut [u8], length: usize) -> Option<usize> {
        let ssrc = ssrc_of(&packet[..length])?;
        let Direction { rtcp, sent, .. } = &mut self.ours;
        let index = *sent;
        *sent = (index + 1) & !ENCRYPTED;
        rtcp.encrypt(ssrc, u64::from(index), &mut packet[RTCP_CLEAR..length]);
        packet[length..length + 4].copy_from_slice(&(index | ENCRYPTED).to_be_bytes());
        let proof = rtcp.sign(&[&packet[..length + 4]]);
        packet[length + 4..length + 4 + RTCP_TAG].copy_from_slice(&proof[..RTCP_TAG]);
        Some(length + 4 + RTCP_TAG)
    }

    /// As `unprotect`, for a compound RTCP packet.
    pub fn unprotect_rtcp(&mut self, packet: &mut [u8], length: usize) -> Option<usize> {
        let signed = length.checked_sub(RTCP_TAG)?;
        let clear = signed.checked_sub(4)?;
        let ssrc = ssrc_of(&packet[..clear])?;
        let Direction { rtcp, reports, .. } = &mut self.theirs;
        let proof = rtcp.sign(&[&packet[..signed]]);
        let word = u32::from_be_bytes(*packet[clear..signed].first_chunk()?);
        let index = u64::from(word & !ENCRYPTED);
        let mut stream = reports.of(ssrc);
        if !bool::from(proof[..RTCP_TAG].ct_eq(&packet[signed..length])) || !stream.note(index) {
            return None;
        }
        reports.keep(stream);
        if word & ENCRYPTED != 0 {
            rtcp.encrypt(ssrc, index, &mut packet[RTCP_CLEAR..clear]);
        }
        Some(clear)
    }
}

fn ssrc_of(rtcp: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(*rtcp.get(4..)?.first_chunk()?))
}

/// What one side sends.
struct Direction {
    rtp: Keys,
    rtcp: Keys,
    /// Bytes of the tag of RTP.
    tag: usize,
    streams: Streams,
    /// Under the key before: some phones go on counting how often their numbers wrapped, some begin anew.
    former: Streams,
    reports: Streams,
    sent: u32,
}

impl Direction {
    fn new(key: &SrtpKey, suite: Suite) -> Direction {
        Direction {
            rtp: Keys::derive(key, RTP_LABELS),
            rtcp: Keys::derive(key, RTCP_LABELS),
            tag: tag(suite),
            streams: Streams::default(),
            former: Streams::default(),
            reports: Streams::default(),
            sent: 0,
        }
    }

    fn renew(&mut self, before: SrtpKey, key: SrtpKey, suite: Suite) {
        if key != before {
            let former = mem::take(&mut self.streams);
            *self = Direction { former, ..Direction::new(&key, suite) };
        }
        self.tag = tag(suite);
    }
}

fn tag(suite: Suite) -> usize {
    match suite {
        Suite::AesCm128HmacSha1_80 => 10,
        Suite::AesCm128HmacSha1_32 => 4,
    }
}

/// Session keys (RFC 3711 section 4.3).
struct Keys {
    cipher: Aes128,
    salt: [u8; 14],
    mac: Hmac<Sha1>,
}

impl Keys {
    fn derive(key: &SrtpKey, [encrypt, sign, salt]: [u8; 3]) -> Keys {
        let (master, master_salt) = key.0.split_at(16);
        let master = Aes128::new(&Array::try_from(master).expect("16 bytes"));
        let stream = |label: u8, out: &mut [u8]| {
            let mut iv = [0; 16];
            iv[..14].copy_from_slice(master_salt);
            iv[7] ^= label;
            keystream(&master, iv, out);
        };
        let (mut cipher_key, mut mac_key, mut session_salt) = ([0; 16], [0; 20], [0; 14]);
        stream(encrypt, &mut cipher_key);
        stream(sign, &mut mac_key);
        stream(salt, &mut session_salt);
        Keys {
            cipher: Aes128::new(&cipher_key.into()),
            salt: session_salt,
            mac: Hmac::new_from_slice(&mac_key).expect("any length is a key"),
        }
    }

    /// Encrypts or decrypts in place (RFC 3711 section 4.1.1).
    fn encrypt(&self, ssrc: u32, index: u64, bytes: &mut [u8]) {
        let mut iv = [0; 16];
        iv[..14].copy_from_slice(&self.salt);
        for (byte, mask) in iv[4..8].iter_mut().zip(ssrc.to_be_bytes()) {
            *byte ^= mask;
        }
        for (byte, mask) in iv[8..14].iter_mut().zip(&index.to_be_bytes()[2..]) {
            *byte ^= mask;
        }
        keystream(&self.cipher, iv, bytes);
    }

    fn sign(&self, parts: &[&[u8]]) -> [u8; 20] {
        let mut mac = self.mac.clone();
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    }
}

fn keystream(cipher: &Aes128, iv: [u8; 16], bytes: &mut [u8]) {
    let core = CtrCore::<_, Ctr128BE>::inner_iv_init(cipher, &iv.into());
    StreamCipherCoreWrapper::from_core(core).apply_keystream(bytes);
}

/// Where each SSRC is in its numbers.
#[derive(Default)]
struct Streams(heapless::Vec<Stream, STREAMS_MAX>);

#[derive(Clone, Copy, Default)]
struct Stream {
    ssrc: u32,
    /// Highest index so far: times wrapped, and number.
    highest: Option<u64>,
    /// Bit n: the packet n before the highest came.
    came: u64,
}

impl Streams {
    /// A copy, to be kept once the packet has proven itself: strangers must not move the count.
    fn of(&self, ssrc: u32) -> Stream {
        self.0.iter().find(|stream| stream.ssrc == ssrc).copied().unwrap_or(Stream { ssrc, ..Stream::default() })
    }

    fn keep(&mut self, stream: Stream) {
        if let Some(known) = self.0.iter_mut().find(|known| known.ssrc == stream.ssrc) {
            *known = stream;
        } else {
            if self.0.is_full() {
                self.0.remove(0);
            }
            let _ = self.0.push(stream);
        }
    }
}

impl Stream {
    /// The index that a number most likely stands for (RFC 3711 section 3.3.1).
    fn guess(&self, sequence: u16) -> u64 {
        let Some(highest) = self.highest else { return u64::from(sequence) };
        let step = sequence.wrapping_sub(highest as u16) as i16;
        highest.checked_add_signed(i64::from(step)).unwrap_or(u64::from(sequence))
    }

    /// Takes note of an index; false if it came before, or too long ago to tell (RFC 3711 section 3.3.2).
    fn note(&mut self, index: u64) -> bool {
        let Some(highest) = self.highest else {
            (self.highest, self.came) = (Some(index), 1);
            return true;
        };
        if index > highest {
            self.came = u32::try_from(index - highest).ok().and_then(|by| self.came.checked_shl(by)).unwrap_or(0) | 1;
            self.highest = Some(index);
            return true;
        }
        let bit = u32::try_from(highest - index).ok().and_then(|by| 1u64.checked_shl(by)).unwrap_or(0);
        let fresh = bit != 0 && self.came & bit == 0;
        self.came |= bit;
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::super::rtp::Stamp;
    use super::*;
    use proptest::prelude::*;

    fn hex(text: &str) -> Vec<u8> {
        let text: String = text.split_whitespace().collect();
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    }

    fn key(first: u8) -> SrtpKey {
        SrtpKey(std::array::from_fn(|at| first.wrapping_add(at as u8)))
    }

    fn guards(suite: Suite) -> (Guard, Guard) {
        let (one, two) = (key(1), key(99));
        (Guard::new(Srtp { suite, ours: one, theirs: two }), Guard::new(Srtp { suite, ours: two, theirs: one }))
    }

    fn packet(sequence: u16, ssrc: u32) -> Vec<u8> {
        let mut packet = vec![7; 172];
        Stamp { marker: false, payload_type: 0, sequence, timestamp: 0, ssrc }.write(&mut packet);
        packet
    }

    /// RFC 3711 appendix B.2: AES in counter mode.
    #[test]
    fn the_keystream_is_the_vector() {
        let cipher = Aes128::new(&Array::try_from(&hex("2B7E151628AED2A6ABF7158809CF4F3C")[..]).unwrap());
        let mut stream = [0; 48];
        keystream(&cipher, hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000").try_into().unwrap(), &mut stream);
        let expected =
            "E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB 41E95B3BB0A2E8DD477901E4FCA894C0";
        assert_eq!(stream[..], hex(expected)[..]);
    }

    /// RFC 3711 appendix B.3: the derived keys.
    #[test]
    fn the_session_keys_are_the_vectors() {
        let mut master = hex("E1F97A0D3E018BE0D64FA32C06DE4139");
        master.extend(hex("0EC675AD498AFEEBB6960B3AABE6"));
        let keys = Keys::derive(&SrtpKey(master.try_into().unwrap()), RTP_LABELS);
        assert_eq!(keys.salt[..], hex("30CBBC08863D8C85D49DB34A9AE1")[..]);
        let cipher = Aes128::new(&Array::try_from(&hex("C61E7A93744F39EE10734AFE3FF7A087")[..]).unwrap());
        let (mut ours, mut theirs) = ([0; 16], [0; 16]);
        keystream(&keys.cipher, [9; 16], &mut ours);
        keystream(&cipher, [9; 16], &mut theirs);
        assert_eq!(ours, theirs);
        let mac: Hmac<Sha1> = Hmac::new_from_slice(&hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4")).unwrap();
        assert_eq!(keys.sign(&[b"x"])[..], mac.chain_update(b"x").finalize().into_bytes()[..]);
    }

    /// DSK-341, RFC 4568 section 6.2: tags of 80 and 32 bits.
    #[test]
    fn what_is_protected_opens_at_the_other_side() {
        for (suite, tag) in [(Suite::AesCm128HmacSha1_80, 10), (Suite::AesCm128HmacSha1_32, 4)] {
            let (mut one, mut two) = guards(suite);
            for sequence in [65_534, 65_535, 0, 2, 1, 3] {
                let mut sent = packet(sequence, 5);
                sent.resize(200, 0);
                let length = one.protect(&mut sent, 172).unwrap();
                assert_eq!(length, 172 + tag);
                assert_ne!(sent[12..172], packet(sequence, 5)[12..]);
                assert_eq!(two.unprotect(&mut sent, length), Some(172), "{sequence}");
                assert_eq!(sent[..172], packet(sequence, 5));
            }
        }
    }

    /// DSK-342, RFC 3711 sections 3.3.2 and 3.3.3
    #[test]
    fn what_is_forged_or_played_again_is_refused() {
        let (mut one, mut two) = guards(Suite::AesCm128HmacSha1_80);
        let mut sent = packet(1, 5);
        sent.resize(200, 0);
        let length = one.protect(&mut sent, 172).unwrap();
        let mut damaged = sent.clone();
        damaged[100] ^= 1;
        assert_eq!(two.unprotect(&mut damaged, length), None);
        assert_eq!(two.unprotect(&mut packet(1, 5), 172), None, "not encrypted");
        assert_eq!(two.unprotect(&mut [0x80; 9], 9), None);
        let again = sent.clone();
        assert_eq!(two.unprotect(&mut sent, length), Some(172));
        assert_eq!(two.unprotect(&mut again.clone(), length), None, "played again");
        assert_eq!(one.protect(&mut packet(1, 5), 150), None, "a number goes out once");
    }

    /// A phone that starts another stream under the same key starts its count at nothing.
    #[test]
    fn each_stream_has_its_own_count() {
        let (mut one, mut two) = guards(Suite::AesCm128HmacSha1_80);
        for ssrc in 0..10 {
            let mut sent = packet(40_000 - ssrc as u16 * 3000, ssrc);
            sent.resize(200, 0);
            let length = one.protect(&mut sent, 172).unwrap();
            assert_eq!(two.unprotect(&mut sent, length), Some(172), "{ssrc}");
        }
    }

    /// A re-INVITE that keeps our key must not begin its counters again (RFC 3711 section 9.1).
    #[test]
    fn a_key_that_stays_keeps_its_count() {
        let (mut one, _) = guards(Suite::AesCm128HmacSha1_80);
        let mut sent = packet(1, 5);
        sent.resize(200, 0);
        one.protect(&mut sent.clone(), 172).unwrap();
        one.renew(Srtp { theirs: key(50), ..one.agreed });
        assert_eq!(one.protect(&mut sent, 172), None);
    }

    /// The same for another suite: its tag is another, its keystream is not (RFC 3711 section 9.1).
    #[test]
    fn a_suite_that_changes_begins_no_count_again() {
        let (mut one, mut two) = guards(Suite::AesCm128HmacSha1_80);
        let mut sent = packet(1, 5);
        sent.resize(200, 0);
        one.protect(&mut sent.clone(), 172).unwrap();
        let first = one.protect_rtcp(&mut sent.clone(), 40).unwrap();
        let mut report = sent.clone();
        for guard in [&mut one, &mut two] {
            guard.renew(Srtp { suite: Suite::AesCm128HmacSha1_32, ..guard.agreed });
        }
        assert_eq!(one.protect(&mut sent, 172), None);
        let second = one.protect_rtcp(&mut report, 40).unwrap();
        assert_eq!((first, &report[40..44]), (second, &[0x80, 0, 0, 1][..]));
        let mut next = packet(2, 5);
        next.resize(200, 0);
        assert_eq!(one.protect(&mut next, 172), Some(176));
        assert_eq!(two.unprotect(&mut next, 176), Some(172));
    }

    /// RFC 4568 section 6.1: a new key in a call whose numbers have wrapped, of a phone that goes on counting that, and
    /// of one that begins anew.
    #[test]
    fn a_new_key_is_taken_however_the_phone_counts_on() {
        for begins_anew in [false, true] {
            let (mut one, mut two) = guards(Suite::AesCm128HmacSha1_80);
            let passes = |one: &mut Guard, two: &mut Guard, sequence: u16| {
                let mut sent = packet(sequence, 5);
                sent.resize(200, 0);
                let length = one.protect(&mut sent, 172).unwrap();
                two.unprotect(&mut sent, length).is_some()
            };
            assert!([65_534, 65_535, 0, 1].into_iter().all(|sequence| passes(&mut one, &mut two, sequence)));
            let counted = one.ours.streams.0.clone();
            one.renew(Srtp { ours: key(50), ..one.agreed });
            two.renew(Srtp { theirs: key(50), ..two.agreed });
            if !begins_anew {
                one.ours.streams.0 = counted;
            }
            assert!([2, 4, 3, 5].into_iter().all(|sequence| passes(&mut one, &mut two, sequence)), "{begins_anew}");
        }
    }

    /// RFC 3711 section 3.4
    #[test]
    fn reports_are_protected_too() {
        let (mut one, mut two) = guards(Suite::AesCm128HmacSha1_32);
        let report = hex("80C90001 00000005");
        for _ in 0..3 {
            let mut sent = report.clone();
            sent.extend([3; 24]);
            let clear = sent.clone();
            sent.resize(64, 0);
            let length = one.protect_rtcp(&mut sent, 32).unwrap();
            assert_eq!(length, 32 + 14);
            let again = sent.clone();
            assert_eq!(two.unprotect_rtcp(&mut sent, length), Some(32));
            assert_eq!(sent[..32], clear);
            assert_eq!(two.unprotect_rtcp(&mut again.clone(), length), None);
        }
    }

    proptest! {
        /// DSK-342: whatever comes, it is refused.
        #[test]
        fn no_input_passes(mut packet in proptest::collection::vec(any::<u8>(), 0..300)) {
            let (mut one, _) = guards(Suite::AesCm128HmacSha1_80);
            if let Some(first) = packet.first_mut() { *first = *first & 0x3F | 0x80; }
            let length = packet.len();
            prop_assert_eq!(one.unprotect(&mut packet.clone(), length), None);
            prop_assert_eq!(one.unprotect_rtcp(&mut packet, length), None);
        }
    }
}
