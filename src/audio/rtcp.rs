//! Reports about the sound of one leg: they end at the box, which tells and is told for itself (RFC 3550 section 6).

use super::{meter::Received, outgoing::Outgoing};
use crate::{chance::Chance, time::Uptime};
use rtcp_types::{
    Compound, Packet, ReceiverReport, ReportBlock, ReportBlockBuilder, RtcpPacketWriterExt, Sdes, SdesChunk, SdesItem,
    SenderReport,
};
use std::{net::SocketAddr, time::Duration};

/// The first report comes soon, the others about every five seconds, half a second to and fro so that legs do not
/// report in step (RFC 3550 section 6.2).
const FIRST: Duration = Duration::from_secs(1);
const EVERY_MS: u32 = 4500;
const SPREAD_MS: u32 = 1000;
/// A round trip beyond this is a broken clock.
const ROUND_TRIP_MAX_MS: f32 = 30_000.0;

#[derive(Debug)]
pub struct Rtcp {
    due: Uptime,
    /// The name under which the stream is known, without meaning (RFC 7022).
    name: String,
    /// Middle of the NTP time of their last sender report, and when it came.
    their_last: Option<(u32, Uptime)>,
    packets_then: u64,
    /// Where their reports come from.
    pub from: Option<SocketAddr>,
    /// Compound packets of theirs.
    pub received: u64,
    pub lost_there: u32,
    pub round_trip_ms: Option<f32>,
}

impl Rtcp {
    pub fn new(now: Uptime, chance: &mut Chance) -> Rtcp {
        Rtcp {
            due: now + FIRST,
            name: chance.token(16),
            their_last: None,
            packets_then: 0,
            from: None,
            received: 0,
            lost_there: 0,
            round_trip_ms: None,
        }
    }

    /// Takes a compound packet; false if it is none.
    pub fn take(&mut self, now: Uptime, packet: &[u8], our_ssrc: u32) -> bool {
        let Ok(compound) = Compound::parse(packet) else { return false };
        self.received += 1;
        for report in compound {
            match report {
                Ok(Packet::Sr(report)) => {
                    self.their_last = Some(((report.ntp_timestamp() >> 16) as u32, now));
                    report.report_blocks().for_each(|block| self.told(now, &block, our_ssrc));
                }
                Ok(Packet::Rr(report)) => report.report_blocks().for_each(|block| self.told(now, &block, our_ssrc)),
                Ok(_) => {}
                Err(_) => return false,
            }
        }
        true
    }

    /// RFC 3550 section 6.4.1: what they had of us, and how long the way there and back takes.
    fn told(&mut self, now: Uptime, block: &ReportBlock, our_ssrc: u32) {
        if block.ssrc() != our_ssrc {
            return;
        }
        // 24 bits with a sign: doubled packets make it negative.
        let lost = block.cumulative_lost() & 0xFF_FFFF;
        self.lost_there = if lost >> 23 == 0 { lost } else { 0 };
        let last = block.last_sender_report_timestamp();
        if last != 0 {
            let there = block.delay_since_last_sender_report_timestamp();
            let trip = middle(now).wrapping_sub(last).wrapping_sub(there);
            let ms = trip as i32 as f32 * 1000.0 / 65_536.0;
            // A little below nothing is rounding.
            if (-2.0..ROUND_TRIP_MAX_MS).contains(&ms) {
                self.round_trip_ms = Some(ms.max(0.0));
            }
        }
    }

    pub fn due(&self, now: Uptime) -> bool {
        now >= self.due
    }

    /// Writes a report on what came and, if anything was sent since the last, on what was sent; gives its length.
    pub fn write(
        &mut self,
        now: Uptime,
        out: &Outgoing,
        received: &mut Received,
        chance: &mut Chance,
        buffer: &mut [u8],
    ) -> usize {
        self.due = now + Duration::from_millis(u64::from(EVERY_MS + chance.below(SPREAD_MS)));
        let block = received.ssrc().map(|ssrc| self.block(now, ssrc, received));
        let chunk = SdesChunk::builder(out.ssrc).add_item(SdesItem::builder(SdesItem::CNAME, &self.name));
        let name = Sdes::builder().add_chunk(chunk);
        let sends = out.packets > self.packets_then;
        self.packets_then = out.packets;
        let compound = if sends {
            let report = SenderReport::builder(out.ssrc)
                .ntp_timestamp(ntp(now))
                .rtp_timestamp(out.timestamp_at(now))
                .packet_count(out.packets as u32)
                .octet_count(out.octets as u32);
            let report = block.into_iter().fold(report, |report, block| report.add_report_block(block));
            Compound::builder().add_packet(report)
        } else {
            let report = ReceiverReport::builder(out.ssrc);
            let report = block.into_iter().fold(report, |report, block| report.add_report_block(block));
            Compound::builder().add_packet(report)
        };
        compound.add_packet(name).write_into(buffer).unwrap_or(0)
    }

    fn block(&self, now: Uptime, ssrc: u32, received: &mut Received) -> ReportBlockBuilder {
        let block = ReportBlock::builder(ssrc)
            .fraction_lost(received.fraction_lost())
            .cumulative_lost(received.lost().min(0x7F_FFFF))
            .extended_sequence_number(received.highest())
            .interarrival_jitter(received.jitter_ticks());
        match self.their_last {
            Some((last, at)) => {
                let since = (now.since(at).as_micros() as u64 * 65_536 / 1_000_000) as u32;
                block.last_sender_report_timestamp(last).delay_since_last_sender_report_timestamp(since)
            }
            None => block,
        }
    }
}

/// Seconds and their fraction in 32 bits each; from the clock that nothing moves, as RFC 3550 section 4 allows.
fn ntp(now: Uptime) -> u64 {
    let (seconds, micros) = (now.0 / 1_000_000, now.0 % 1_000_000);
    (seconds << 32) | ((micros << 32) / 1_000_000)
}

fn middle(now: Uptime) -> u32 {
    (ntp(now) >> 16) as u32
}

#[cfg(test)]
mod tests {
    use super::super::rtp::{Header, Stamp};
    use super::*;
    use crate::sdp::LegId;
    use proptest::prelude::*;

    fn header(sequence: u16) -> Header {
        let mut packet = [0; 12];
        Stamp { marker: false, payload_type: 0, sequence, timestamp: 0, ssrc: 77 }.write(&mut packet);
        Header::read(&packet).unwrap()
    }

    struct Side {
        rtcp: Rtcp,
        out: Outgoing,
        received: Received,
        chance: Chance,
    }

    impl Side {
        fn new(seed: u64) -> Side {
            let mut chance = Chance::new(seed.into());
            let rtcp = Rtcp::new(Uptime(0), &mut chance);
            Side { rtcp, out: Outgoing::new(&mut chance), received: Received::default(), chance }
        }

        fn write(&mut self, at_ms: u64) -> Vec<u8> {
            let mut buffer = [0; 500];
            let now = Uptime(at_ms * 1000);
            let length = self.rtcp.write(now, &self.out, &mut self.received, &mut self.chance, &mut buffer);
            buffer[..length].to_vec()
        }
    }

    /// RFC 3550 section 6.4.1: loss as the other side has it, and the round trip.
    #[test]
    fn two_sides_learn_loss_and_round_trip() {
        let (mut one, mut two) = (Side::new(1), Side::new(2));
        for sequence in [1, 2, 5] {
            let next = one.out.follow(Uptime(0), LegId(1), &header(sequence)).unwrap();
            one.out.packets += 1;
            let mut packet = [0; 12];
            let Outgoing { ssrc, .. } = one.out;
            Stamp { marker: false, payload_type: 0, sequence: next.sequence, timestamp: 0, ssrc }.write(&mut packet);
            two.received.note(Uptime(0), &Header::read(&packet).unwrap());
        }
        let report = one.write(5_000);
        assert_eq!(report[1], 200, "a sender report");
        assert!(two.rtcp.take(Uptime(5_040_000), &report, two.out.ssrc));
        let answer = two.write(6_000);
        assert_eq!(answer[1], 201, "a receiver report: nothing was sent");
        assert!(one.rtcp.take(Uptime(6_060_000), &answer, one.out.ssrc));
        assert_eq!(one.rtcp.lost_there, 2);
        assert!((one.rtcp.round_trip_ms.unwrap() - 100.0).abs() < 0.1, "{:?}", one.rtcp.round_trip_ms);
        assert_eq!(two.rtcp.round_trip_ms, None);
    }

    /// RFC 3550 section 6.2
    #[test]
    fn a_report_is_due_about_every_five_seconds() {
        let mut side = Side::new(3);
        assert!(!side.rtcp.due(Uptime(999_999)) && side.rtcp.due(Uptime(1_000_000)));
        side.write(1_000);
        assert!(!side.rtcp.due(Uptime(5_400_000)) && side.rtcp.due(Uptime(6_500_000)));
    }

    #[test]
    fn a_report_about_another_stream_is_left() {
        let (mut one, mut two) = (Side::new(1), Side::new(2));
        two.received.note(Uptime(0), &header(1));
        two.received.note(Uptime(0), &header(9));
        assert!(one.rtcp.take(Uptime(0), &two.write(1_000), one.out.ssrc));
        assert_eq!(one.rtcp.lost_there, 0);
    }

    proptest! {
        #[test]
        fn no_input_breaks_it(mut packet in proptest::collection::vec(any::<u8>(), 0..400), kind in 200u8..208) {
            if packet.len() > 1 { packet[0] = packet[0] & 0x3F | 0x80; packet[1] = kind; }
            Side::new(4).rtcp.take(Uptime(0), &packet, 1);
        }
    }
}
