//! What a story says of a phone, and the descriptions it writes.

use super::ears::codec;
use callbox::{
    sdp::{self, Codec, Direction, Media, Ours, Session, SrtpKey},
    sip::wire::Transport,
};

#[derive(Clone, Debug)]
pub struct Phone {
    /// The agent number, then a letter for each further device.
    pub name: String,
    pub agent: String,
    pub transport: Transport,
    pub srtp: bool,
    /// Takes SRTP and nothing else.
    pub srtp_only: bool,
    pub codecs: Vec<Codec>,
    /// Does not say that it rings until the story says so.
    pub quiet: bool,
    /// Owes an answer to an offer in a 200, and gives none.
    pub mute: bool,
    /// Knows keys in its sound alone.
    pub tones: bool,
    /// Somebody outside, reached over this trunk; any, where none is named.
    pub outside: Option<String>,
}

impl Phone {
    pub fn new(name: &str) -> Phone {
        Phone {
            name: name.to_string(),
            agent: name.chars().take_while(char::is_ascii_digit).collect(),
            transport: Transport::Udp,
            srtp: false,
            srtp_only: false,
            codecs: vec![Codec::Pcma, Codec::Pcmu],
            quiet: false,
            mute: false,
            tones: false,
            outside: None,
        }
    }

    pub fn address(&self) -> String {
        let device = self.name.bytes().last().filter(u8::is_ascii_lowercase).map_or(0, |letter| letter - b'a');
        let agent: u8 = self.agent[self.agent.len() - 2..].parse().unwrap();
        let network = if self.outside.is_some() { "198.51.100" } else { "192.0.2" };
        format!("{network}.{}", agent * 4 + device)
    }

    pub fn offer(&self, port: u16, direction: Direction, first: Option<Codec>) -> Session {
        let mut codecs = self.codecs.clone();
        codecs.sort_by_key(|codec| Some(*codec) != first);
        let ours = self.ours(port, direction);
        let mut offer = sdp::offer(&ours, &codecs, &[]);
        offer.codecs.retain(|choice| codecs.contains(&choice.codec));
        self.said(offer)
    }

    /// A description without what the phone does not know.
    fn said(&self, mut session: Session) -> Session {
        if self.tones {
            session.telephone_event = None;
        }
        session
    }

    /// `None`: the phone can do nothing of it (488).
    pub fn answer(&self, offer: &Session, port: u16, direction: Direction, prefer: Option<Codec>) -> Option<Session> {
        if (offer.secure && !self.srtp) || (!offer.secure && self.srtp_only) {
            return None;
        }
        let mut offer = offer.clone();
        // Where nobody writes a message, nobody has filled in the box's address.
        offer.address = offer.address.or("192.0.2.200".parse().ok());
        let speaks = |codec| prefer.map_or(self.codecs.contains(&codec), |only| only == codec);
        offer.codecs.retain(|choice| speaks(choice.codec));
        let ours = self.ours(port, direction);
        sdp::answer(&offer, &ours).ok().map(|(answer, _)| self.said(answer))
    }

    fn ours(&self, port: u16, direction: Direction) -> Ours {
        let key = self.srtp.then_some(SrtpKey([self.name.len() as u8; 30]));
        Ours { address: Some(self.address().parse().unwrap()), port, key, prefer: None, direction }
    }
}

/// The phones that `given` lines name: `801 802 over tls with srtp`, `803 speaks g722`, `804 quiet`.
pub fn phones(given: &[String]) -> Vec<Phone> {
    let mut phones = Vec::new();
    for line in given {
        let words: Vec<&str> = line.split_whitespace().collect();
        let names = words.iter().take_while(|word| word.starts_with(|c: char| c.is_ascii_digit())).count();
        let rest = &words[names..];
        if names == 0 {
            continue;
        }
        if matches!(rest.first(), Some(&"disabled")) {
            continue;
        }
        for name in &words[..names] {
            let mut phone = Phone::new(name);
            describe(&mut phone, rest);
            phones.push(phone);
        }
    }
    phones
}

fn describe(phone: &mut Phone, mut words: &[&str]) {
    while let Some((word, rest)) = words.split_first() {
        words = rest;
        match *word {
            "over" => {
                phone.transport = match rest[0] {
                    "udp" => Transport::Udp,
                    "tcp" => Transport::Tcp,
                    "tls" => Transport::Tls,
                    other => panic!("{other} is no transport"),
                };
                words = &rest[1..];
            }
            "with" if rest[0] == "srtp" => {
                (phone.srtp, words) = (true, &rest[1..]);
            }
            "srtp" if rest[0] == "only" => {
                (phone.srtp, phone.srtp_only, words) = (true, true, &rest[1..]);
            }
            "speaks" => {
                phone.codecs = rest.iter().map(|word| codec(word)).collect();
                words = &[];
            }
            "quiet" => phone.quiet = true,
            "mute" => phone.mute = true,
            "takes" if rest[0] == "tones" => {
                (phone.tones, words) = (true, &rest[1..]);
            }
            "outside" => match rest {
                ["over", trunk] => {
                    (phone.outside, words) = (Some(trunk.to_string()), &[]);
                }
                _ => phone.outside = Some(String::new()),
            },
            other => panic!("{other} says nothing of a phone"),
        }
    }
}

/// What a phone says that is rung: of whom, where that is no agent of the office.
pub fn rings(number: &str, name: &str) -> String {
    if number.len() == 3 { "rings".into() } else { format!("rings from {number} {name}").trim_end().into() }
}

/// A line of video beside the sound (DSK-354).
pub fn with_video(mut session: Session) -> Session {
    session.media.push(Media::Other { kind: "video".into(), protocol: "RTP/AVP".into(), formats: "96".into() });
    session
}
