//! RTP headers, read from and written into packets where they lie (RFC 3550 section 5.1).

use std::ops::Range;

/// Bytes of a header without contributors and extension.
pub const HEADER: usize = 12;
/// The longest packet that is taken, in bytes.
pub const PACKET_MAX: usize = 1500;
/// What a buffer needs behind a packet for the tag and index of SRTP and SRTCP.
pub const TRAILER_MAX: usize = 16;

/// What the header of a valid packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub marker: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    /// Where the payload begins.
    pub start: usize,
    padded: bool,
}

impl Header {
    /// `None` for what is not RTP: another version, too short, RTCP's packet types (RFC 5761 section 4).
    pub fn read(packet: &[u8]) -> Option<Header> {
        let fixed: &[u8; HEADER] = packet.first_chunk()?;
        let (first, second) = (fixed[0], fixed[1]);
        if first >> 6 != 2 || (192..=223).contains(&second) || packet.len() > PACKET_MAX {
            return None;
        }
        let mut start = HEADER + usize::from(first & 0x0F) * 4;
        if first & 0x10 != 0 {
            let extension: &[u8; 4] = packet.get(start..)?.first_chunk()?;
            start += 4 + usize::from(u16::from_be_bytes([extension[2], extension[3]])) * 4;
        }
        (start <= packet.len()).then_some(Header {
            marker: second & 0x80 != 0,
            payload_type: second & 0x7F,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
            start,
            padded: first & 0x20 != 0,
        })
    }

    /// Where the payload lies, without padding; `None` if the padding is longer than the packet. Only for clear
    /// packets: the length of the padding is encrypted with the rest.
    pub fn payload(&self, packet: &[u8]) -> Option<Range<usize>> {
        let padding = match packet.last() {
            Some(&length) if self.padded => usize::from(length),
            _ => 0,
        };
        let end = packet.len().checked_sub(padding)?;
        (self.start <= end && !(self.padded && padding == 0)).then_some(self.start..end)
    }
}

/// The header that we send: no contributors, extension or padding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub marker: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
}

impl Stamp {
    /// Overwrites the first twelve bytes.
    pub fn write(&self, packet: &mut [u8]) {
        packet[0] = 0x80;
        packet[1] = u8::from(self.marker) << 7 | self.payload_type & 0x7F;
        packet[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        packet[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        packet[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
    }
}

/// Moves the payload to where it lies behind a plain header; gives the new length of the packet.
pub fn flatten(packet: &mut [u8], payload: Range<usize>) -> usize {
    let length = payload.len();
    if payload.start != HEADER {
        packet.copy_within(payload, HEADER);
    }
    HEADER + length
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(payload: &[u8]) -> Vec<u8> {
        let mut packet = vec![0; HEADER];
        Stamp { marker: true, payload_type: 8, sequence: 65_535, timestamp: 7, ssrc: 0xDEAD_BEEF }.write(&mut packet);
        packet.extend_from_slice(payload);
        packet
    }

    /// RFC 3550 section 5.1
    #[test]
    fn what_is_written_reads_back() {
        let packet = plain(b"sound");
        let header = Header::read(&packet).unwrap();
        assert_eq!((header.marker, header.payload_type, header.sequence), (true, 8, 65_535));
        assert_eq!((header.timestamp, header.ssrc), (7, 0xDEAD_BEEF));
        assert_eq!(&packet[header.payload(&packet).unwrap()], b"sound");
    }

    /// RFC 3550 section 5.1: contributors, extension and padding are cut off.
    #[test]
    fn a_decorated_packet_is_flattened() {
        let mut packet = plain(&[]);
        packet[0] = 0x80 | 0x20 | 0x10 | 2;
        packet.extend_from_slice(&[1; 8]);
        packet.extend_from_slice(&[0xBE, 0xDE, 0, 1, 9, 9, 9, 9]);
        packet.extend_from_slice(b"sound\0\0\x03");
        let payload = Header::read(&packet).unwrap().payload(&packet).unwrap();
        let length = flatten(&mut packet, payload);
        assert_eq!(&packet[HEADER..length], b"sound");
    }

    /// RFC 3550 appendix A.1
    #[test]
    fn what_is_not_rtp_is_refused() {
        let good = plain(&[0; 20]);
        let change = |at: usize, value: u8| {
            let mut packet = good.clone();
            packet[at] = value;
            packet
        };
        assert_eq!(Header::read(&good[..11]), None);
        assert_eq!(Header::read(&change(0, 0x40)), None, "version 1");
        assert_eq!(Header::read(&change(0, 0x8F)), None, "15 contributors in 20 bytes");
        assert_eq!(Header::read(&change(1, 200)), None, "RTCP on the RTP port");
        assert_eq!(Header::read(&[0x80; PACKET_MAX + 1]), None);
        let mut padded = change(0, 0xA0);
        *padded.last_mut().unwrap() = 0;
        assert_eq!(Header::read(&padded).unwrap().payload(&padded), None, "padding of nothing");
        *padded.last_mut().unwrap() = 21;
        assert_eq!(Header::read(&padded).unwrap().payload(&padded), None, "padding longer than the payload");
    }

    proptest! {
        #[test]
        fn no_input_breaks_it(mut packet in proptest::collection::vec(any::<u8>(), 0..1600)) {
            if let Some(first) = packet.first_mut() { *first = *first & 0x3F | 0x80; }
            if let Some(payload) = Header::read(&packet).and_then(|header| header.payload(&packet)) {
                prop_assert!(payload.end <= packet.len());
                flatten(&mut packet, payload);
            }
        }
    }
}
