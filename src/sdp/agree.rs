//! What two sides agree on by offer and answer (RFC 3264), and the offer of a leg that we call.

use super::{Choice, Codec, Crypto, Direction, Fault, Media, Session, SrtpKey, Suite, TELEPHONE_EVENT};
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, SocketAddr};

/// Packet length where none is asked for, milliseconds (RFC 3551 section 4.5).
const PTIME_MS: u16 = 20;
/// Packet lengths that we send, milliseconds, in steps of 10.
const PTIME_MS_RANGE: (u16, u16) = (10, 60);

/// Our side of a leg before anything is agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ours {
    /// `None`: filled in when it is written.
    pub address: Option<IpAddr>,
    /// The port on which we take sound.
    pub port: u16,
    /// The key of what we send. `None` where SRTP is not to be used: over UDP and TCP (DSK-343), or because the
    /// phone refused it.
    pub key: Option<SrtpKey>,
    /// The codec that the other leg of the call speaks already: it goes first in an answer, if the phone can
    /// speak it, so that nothing has to be transcoded. `None`: the phone's own order.
    pub prefer: Option<Codec>,
    /// What we would do at most, in our view.
    pub direction: Direction,
}

/// How sound goes on a leg, once offer and answer are through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreed {
    /// Where the phone says it takes sound; unspecified (0.0.0.0) on an old-style hold.
    pub remote: SocketAddr,
    /// What we send, with the phone's number for it.
    pub send: Choice,
    /// What the phone may send, with the numbers that it uses for it.
    pub take: Vec<Choice>,
    /// telephone-event: the number we send, and the number that comes.
    pub event_send: Option<u8>,
    pub event_take: Option<u8>,
    /// Length of the packets we send: 10 to 60, a multiple of 10.
    pub ptime_ms: u16,
    /// In our view: `sends` if the phone hears us, `receives` if it speaks.
    pub direction: Direction,
    pub keys: Option<Keys>,
}

/// Both keys of an SRTP leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    pub suite: Suite,
    pub ours: SrtpKey,
    pub theirs: SrtpKey,
}

/// Answers their offer with all that both can do, in the phone's order and with the phone's numbers.
pub fn answer(offer: &Session, ours: &Ours) -> Result<(Session, Agreed), Fault> {
    let remote = remote(offer)?;
    let mut codecs = offer.codecs.clone();
    if let Some(preferred) = ours.prefer {
        codecs.sort_by_key(|choice| choice.codec != preferred);
    }
    let send = *codecs.first().ok_or(Fault::NoCommonCodec)?;
    let crypto = chosen_crypto(offer, ours)?;
    let direction = offer.direction.reversed().and(ours.direction);
    let answer = Session {
        address: ours.address,
        port: ours.port,
        codecs: codecs.clone(),
        telephone_event: offer.telephone_event,
        direction,
        ptime_ms: Some(ptime_ms(offer)),
        secure: offer.secure,
        crypto: crypto.iter().map(|(ours, _)| *ours).collect(),
        media: offer.media.clone(),
    };
    let agreed = Agreed {
        remote,
        send,
        take: codecs,
        event_send: offer.telephone_event,
        event_take: offer.telephone_event,
        ptime_ms: ptime_ms(offer),
        direction,
        keys: crypto.map(|(ours, theirs)| Keys { suite: ours.suite, ours: ours.key, theirs: theirs.key }),
    };
    Ok((answer, agreed))
}

/// Offers the codecs `first`, in that order, then the rest of what we can do; SRTP alone where there is a key.
/// `media`: the lines of the last description of this dialog, whose places stay (RFC 3264 section 8), or none.
pub fn offer(ours: &Ours, first: &[Codec], media: &[Media]) -> Session {
    let mut codecs: Vec<Choice> = Vec::new();
    for codec in first.iter().copied().chain(Codec::ALL) {
        if !codecs.contains(&codec.choice()) {
            codecs.push(codec.choice());
        }
    }
    Session {
        address: ours.address,
        port: ours.port,
        codecs,
        telephone_event: Some(TELEPHONE_EVENT),
        direction: ours.direction,
        ptime_ms: Some(PTIME_MS),
        secure: ours.key.is_some(),
        // One suite, as a second line would need a second key (RFC 4568 section 6.1).
        crypto: ours.key.iter().map(|&key| Crypto { tag: 1, suite: Suite::AesCm128HmacSha1_80, key }).collect(),
        media: if media.is_empty() { vec![Media::Sound] } else { media.to_vec() },
    }
}

/// Reads their answer to our offer.
pub fn accept(offer: &Session, answer: &Session) -> Result<Agreed, Fault> {
    let remote = remote(answer)?;
    let offered = |choice: &&Choice| offer.codecs.iter().any(|ours| ours.codec == choice.codec);
    let send = *answer.codecs.iter().find(offered).ok_or(Fault::NoCommonCodec)?;
    let spoken = |choice: &&Choice| answer.codecs.iter().any(|theirs| theirs.codec == choice.codec);
    Ok(Agreed {
        remote,
        send,
        // The phone sends with the numbers of the offer (RFC 3264 section 6.1).
        take: offer.codecs.iter().filter(spoken).copied().collect(),
        event_send: answer.telephone_event.filter(|_| offer.telephone_event.is_some()),
        event_take: offer.telephone_event.filter(|_| answer.telephone_event.is_some()),
        ptime_ms: ptime_ms(answer),
        direction: answer.direction.reversed().and(offer.direction),
        keys: accepted_keys(offer, answer)?,
    })
}

fn remote(theirs: &Session) -> Result<SocketAddr, Fault> {
    if theirs.port == 0 {
        return Err(Fault::NoSound);
    }
    Ok(SocketAddr::new(theirs.address.ok_or(Fault::NoAddress)?, theirs.port))
}

/// Our line and theirs, the first that we can do; keys over plain RTP/AVP are taken too, as phones offer SRTP
/// that way where they could do without.
fn chosen_crypto(offer: &Session, ours: &Ours) -> Result<Option<(Crypto, Crypto)>, Fault> {
    match (ours.key, offer.crypto.first()) {
        (None, _) if offer.secure => Err(Fault::SrtpWithoutTls),
        (Some(_), None) if offer.secure => Err(Fault::NoCommonSuite),
        (Some(key), Some(&theirs)) => Ok(Some((Crypto { key, ..theirs }, theirs))),
        (None, _) | (_, None) => Ok(None),
    }
}

fn accepted_keys(offer: &Session, answer: &Session) -> Result<Option<Keys>, Fault> {
    if offer.secure != answer.secure {
        return Err(Fault::BadAnswer("another protocol than offered"));
    }
    let Some(theirs) = answer.crypto.first() else {
        return if offer.secure { Err(Fault::NoCommonSuite) } else { Ok(None) };
    };
    let ours = offer.crypto.iter().find(|ours| ours.tag == theirs.tag && ours.suite == theirs.suite);
    let ours = ours.ok_or(Fault::BadAnswer("a=crypto line that was not offered"))?;
    Ok(Some(Keys { suite: ours.suite, ours: ours.key, theirs: theirs.key }))
}

fn ptime_ms(theirs: &Session) -> u16 {
    let asked = theirs.ptime_ms.unwrap_or(PTIME_MS);
    asked.clamp(PTIME_MS_RANGE.0, PTIME_MS_RANGE.1) / 10 * 10
}

#[cfg(test)]
mod tests;
