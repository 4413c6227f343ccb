//! What `callbox run` is told on its command line (BOX-165, BOX-166).

use std::{
    ffi::OsString,
    net::{IpAddr, Ipv4Addr},
    ops::RangeInclusive,
    path::PathBuf,
};

/// Ports as they are used, the offset added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    pub data: PathBuf,
    /// Fill an empty data directory with the example office.
    pub example: bool,
    /// The one address to listen on; none: every address of the machine.
    pub bind: Option<IpAddr>,
    pub panel: u16,
    pub panel_http: u16,
    pub sip: u16,
    pub sips: u16,
    pub rtp_ports: RangeInclusive<u16>,
    pub external_address: Option<IpAddr>,
    /// Say how to reach everything as one line of JSON.
    pub json: bool,
    pub verbose: bool,
}

/// What one call may take: the caller's pair and one for each of an agent's three devices. With fewer none is let in.
const PAIRS_MIN: u16 = 4;
const SOUND_THREADS_MAX: u16 = 8;

pub const HELP: &str = "\
callbox run: start the box

  --data DIR              where everything is kept (default: /var/lib/callbox)
  --example               fill an empty DIR with an example office
  --bind IP               listen on this address only (default: on every address)
  --port-offset N         add N to every port, for several boxes on one machine
  --panel PORT            panel over HTTPS (443)
  --panel-http PORT       redirect to HTTPS; on loopback the panel itself (80)
  --sip PORT              SIP over UDP and TCP (5060)
  --sips PORT             SIP over TLS (5061)
  --rtp-ports A-B         UDP ports of the sound (10000-14999)
  --external-address IP   our address as seen from outside the local networks
  --json                  print one line of JSON once everything answers
  --verbose               log more";

/// Why a command line is not understood; the text says what is wrong.
#[derive(Debug, PartialEq, Eq)]
pub struct Usage(pub String);

impl Options {
    pub fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Option<Options>, Usage> {
        use lexopt::prelude::*;
        let mut options = Options {
            data: PathBuf::from("/var/lib/callbox"),
            example: false,
            bind: None,
            panel: 443,
            panel_http: 80,
            sip: 5060,
            sips: 5061,
            rtp_ports: 10000..=14999,
            external_address: None,
            json: false,
            verbose: false,
        };
        let mut offset: u16 = 0;
        let mut parser = lexopt::Parser::from_args(words);
        let said = |e: lexopt::Error| Usage(e.to_string());
        while let Some(word) = parser.next().map_err(said)? {
            match word {
                Long("help") | Short('h') => return Ok(None),
                Long("data") => options.data = parser.value().map_err(said)?.into(),
                Long("example") => options.example = true,
                Long("bind") => options.bind = Some(parser.value().and_then(|v| v.parse()).map_err(said)?),
                Long("port-offset") => offset = parser.value().and_then(|v| v.parse()).map_err(said)?,
                Long("panel") => options.panel = parser.value().and_then(|v| v.parse()).map_err(said)?,
                Long("panel-http") => options.panel_http = parser.value().and_then(|v| v.parse()).map_err(said)?,
                Long("sip") => options.sip = parser.value().and_then(|v| v.parse()).map_err(said)?,
                Long("sips") => options.sips = parser.value().and_then(|v| v.parse()).map_err(said)?,
                Long("rtp-ports") => {
                    options.rtp_ports = parser.value().and_then(|v| v.parse_with(port_range)).map_err(said)?;
                }
                Long("external-address") => {
                    options.external_address = Some(parser.value().and_then(|v| v.parse()).map_err(said)?);
                }
                Long("json") => options.json = true,
                Long("verbose") => options.verbose = true,
                other => return Err(said(other.unexpected())),
            }
        }
        options.shift(offset)?;
        Ok(Some(options))
    }

    fn shift(&mut self, offset: u16) -> Result<(), Usage> {
        let beyond = || Usage(format!("--port-offset {offset} goes beyond port 65535"));
        for port in [&mut self.panel, &mut self.panel_http, &mut self.sip, &mut self.sips] {
            *port = port.checked_add(offset).ok_or_else(beyond)?;
        }
        let first = self.rtp_ports.start().checked_add(offset).ok_or_else(beyond)?;
        let last = self.rtp_ports.end().checked_add(offset).ok_or_else(beyond)?;
        self.rtp_ports = first..=last;
        match self.rtp_pairs() {
            PAIRS_MIN.. => Ok(()),
            pairs => Err(Usage(format!("{first}-{last} has {pairs} pairs of ports for sound; give 8 ports or more"))),
        }
    }

    /// Each begins with an even port.
    pub fn rtp_pairs(&self) -> u16 {
        let first = self.rtp_ports.start().div_ceil(2);
        let behind = (self.rtp_ports.end() / 2) + (self.rtp_ports.end() % 2);
        behind.saturating_sub(first)
    }

    /// Threads for sound: one for two cores, each with pairs for a call at least.
    pub fn sound_threads(&self, cores: usize) -> u8 {
        let most = SOUND_THREADS_MAX.min(self.rtp_pairs() / PAIRS_MIN).max(1);
        cores.div_ceil(2).clamp(1, usize::from(most)) as u8
    }

    /// The address that is shown to people: the bound one, else the first that others can reach.
    pub fn shown_address(&self, addresses: &[IpAddr]) -> IpAddr {
        self.bind
            .filter(|bind| !bind.is_unspecified())
            .or_else(|| addresses.iter().find(|a| a.is_ipv4() && !a.is_loopback()).copied())
            .or_else(|| addresses.first().copied())
            .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }
}

/// `A-B` with A even below B: RTP takes the even port of a pair, RTCP the odd one.
fn port_range(text: &str) -> Result<RangeInclusive<u16>, String> {
    let wrong = || format!("'{text}' is not a range of ports such as 10000-14999");
    let (first, last) = text.split_once('-').ok_or_else(wrong)?;
    let first: u16 = first.trim().parse().map_err(|_| wrong())?;
    let last: u16 = last.trim().parse().map_err(|_| wrong())?;
    if first == 0 || last <= first {
        return Err(wrong());
    }
    Ok(first..=last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Options>, Usage> {
        Options::parse(line.split_whitespace().map(OsString::from))
    }

    /// BOX-165, BOX-166
    #[test]
    fn the_offset_moves_every_port() {
        let options = parse("--data d --sip 6060 --port-offset 1000 --rtp-ports 20000-20100").unwrap().unwrap();
        assert_eq!((options.sip, options.sips, options.panel, options.panel_http), (7060, 6061, 1443, 1080));
        assert_eq!(options.rtp_ports, 21000..=21100);
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for (line, word) in [
            ("--bogus", "bogus"),
            ("--bind 300.1.1.1", "300.1.1.1"),
            ("--rtp-ports 5", "range"),
            ("--rtp-ports 20-10", "range"),
            ("--port-offset 65000", "65535"),
            ("--rtp-ports 10001-10008", "3 pairs"),
            ("--rtp-ports 10000-10006", "3 pairs"),
            ("--rtp-ports 10000-10007 --port-offset 1", "3 pairs"),
            ("stray", "stray"),
            ("--sip", "--sip"),
        ] {
            let Usage(text) = parse(line).unwrap_err();
            assert!(text.contains(word), "{line}: {text}");
        }
    }

    /// Every thread of the sound has ports for a call, however few there are in all.
    #[test]
    fn ports_for_sound_go_in_pairs() {
        let of = |range: &str| parse(&format!("--rtp-ports {range}")).unwrap().unwrap();
        let pairs = ["10000-14999", "10000-10007", "10001-10010", "65528-65535"].map(|range| of(range).rtp_pairs());
        assert_eq!(pairs, [2500, 4, 4, 4]);
        let threads = |range: &str, cores| of(range).sound_threads(cores);
        assert_eq!([1, 2, 3, 64].map(|cores| threads("10000-14999", cores)), [1, 1, 2, 8]);
        assert_eq!([threads("10000-10007", 64), threads("10000-10017", 64)], [1, 2]);
    }

    /// BOX-164
    #[test]
    fn help_fits_a_screen() {
        assert!(HELP.lines().count() <= 24);
        assert_eq!(parse("--help").unwrap(), None);
    }
}
