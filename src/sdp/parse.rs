//! Reading a description from a body, as kindly as phones need it.

use super::{Choice, Codec, Crypto, Direction, Fault, Media, Session};
use sdp_types as sdp;
use std::net::IpAddr;

/// BOX-149, in bytes.
const BODY_MAX: usize = 16 * 1024;
/// m= lines in one description.
const MEDIA_MAX: usize = 16;
/// Bytes of what stands in m= lines: an answer says them again (RFC 3264 section 6), and must fit as well.
const REPEATED_MAX: usize = BODY_MAX / 2;
/// RFC 3551: a payload type has seven bits.
const PAYLOAD_MAX: u8 = 127;

impl Session {
    /// Reads an offer or answer; the sound is the first m=audio line over RTP or SRTP that is switched on.
    pub fn parse(body: &[u8]) -> Result<Session, Fault> {
        read(body, |_| true)
    }

    /// The same for a phone that is not on TLS: where sound is offered twice, a plain RTP line is preferred to
    /// an SRTP one, whose keys would go in the clear (DSK-343).
    pub fn parse_plain(body: &[u8]) -> Result<Session, Fault> {
        read(body, |media| !is_secure(media))
    }
}

fn read(body: &[u8], preferred: impl Fn(&sdp::Media) -> bool) -> Result<Session, Fault> {
    if body.len() > BODY_MAX {
        return Err(Fault::TooLarge);
    }
    let whole = sdp::Session::parse(&kept(body)).map_err(|error| Fault::Malformed(error.to_string()))?;
    if whole.medias.len() > MEDIA_MAX {
        return Err(Fault::Malformed(format!("more than {MEDIA_MAX} m= lines")));
    }
    let repeated = whole.medias.iter().map(|media| media.media.len() + media.proto.len() + media.fmt.len());
    if repeated.sum::<usize>() > REPEATED_MAX {
        return Err(Fault::TooLarge);
    }
    let usable = |media: &sdp::Media| is_sound(media) && media.port != 0;
    let place = whole
        .medias
        .iter()
        .position(|media| usable(media) && preferred(media))
        .or_else(|| whole.medias.iter().position(usable))
        .ok_or(Fault::NoSound)?;
    session(&whole, place)
}

/// Only the lines that we use, so that a phone's slip in any other costs no call; line ends, runs of spaces and
/// what is not UTF-8 are mended.
fn kept(body: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(body);
    let mut kept = String::with_capacity(text.len());
    for line in text.split(['\r', '\n']).map(str::trim) {
        if line.starts_with("m=") || line.starts_with("c=") {
            kept.extend(line.split_ascii_whitespace().flat_map(|word| [word, " "]));
            kept.truncate(kept.trim_end().len());
        } else if line.starts_with("v=") || line.starts_with("a=") {
            kept.push_str(line);
        } else {
            continue;
        }
        kept.push_str("\r\n");
    }
    kept.into_bytes()
}

fn session(whole: &sdp::Session, place: usize) -> Result<Session, Fault> {
    let sound = &whole.medias[place];
    let address = address(sound.connections.first().or(whole.connection.as_ref()))?;
    let direction = direction(&sound.attributes).or(direction(&whole.attributes)).unwrap_or_default();
    let payloads = payloads(sound);
    Ok(Session {
        address: Some(address),
        port: sound.port,
        codecs: payloads.iter().filter_map(|&payload| choice(sound, payload)).collect(),
        telephone_event: payloads.iter().copied().find(|&payload| is_telephone_event(sound, payload)),
        // Before RFC 3264 a phone held by giving no address: it sends, perhaps, but does not listen.
        direction: if address.is_unspecified() { direction.and(Direction::SendOnly) } else { direction },
        ptime_ms: value(sound, "ptime").and_then(|text| text.trim().parse().ok()).filter(|&ms| ms > 0),
        secure: is_secure(sound),
        crypto: values(sound, "crypto").filter_map(Crypto::parse).collect(),
        media: whole.medias.iter().enumerate().map(|(at, media)| kind(media, at == place)).collect(),
    })
}

fn is_sound(media: &sdp::Media) -> bool {
    media.media.eq_ignore_ascii_case("audio") && (is_secure(media) || media.proto.eq_ignore_ascii_case("RTP/AVP"))
}

fn is_secure(media: &sdp::Media) -> bool {
    media.proto.eq_ignore_ascii_case("RTP/SAVP")
}

fn kind(media: &sdp::Media, sound: bool) -> Media {
    if sound {
        return Media::Sound;
    }
    Media::Other { kind: media.media.clone(), protocol: media.proto.clone(), formats: media.fmt.clone() }
}

fn address(connection: Option<&sdp::Connection>) -> Result<IpAddr, Fault> {
    let text = &connection.ok_or(Fault::NoAddress)?.connection_address;
    let number = text.split('/').next().unwrap_or_default();
    let address: IpAddr = number.parse().map_err(|_| Fault::Hostname(number.to_owned()))?;
    if address.is_multicast() { Err(Fault::Multicast) } else { Ok(address) }
}

fn direction(attributes: &[sdp::Attribute]) -> Option<Direction> {
    const ALL: [Direction; 4] = [Direction::SendRecv, Direction::SendOnly, Direction::RecvOnly, Direction::Inactive];
    attributes
        .iter()
        .filter(|attribute| attribute.value.is_none())
        .find_map(|attribute| ALL.into_iter().find(|direction| direction.name() == attribute.attribute))
}

/// The formats of the line in their order, each once.
fn payloads(sound: &sdp::Media) -> Vec<u8> {
    let mut payloads = Vec::new();
    for payload in sound.fmt.split_ascii_whitespace().filter_map(|text| text.parse().ok()) {
        if payload <= PAYLOAD_MAX && !payloads.contains(&payload) {
            payloads.push(payload);
        }
    }
    payloads
}

/// What an rtpmap makes of the payload type, or, where there is none, RFC 3551.
fn choice(sound: &sdp::Media, payload: u8) -> Option<Choice> {
    let codec = match mapping(sound, payload) {
        Some((name, rate)) => Codec::mapped(name, rate)?,
        None => Codec::ALL.into_iter().find(|codec| codec.payload() == payload)?,
    };
    Some(Choice { codec, payload })
}

fn is_telephone_event(sound: &sdp::Media, payload: u8) -> bool {
    mapping(sound, payload).is_some_and(|(name, rate)| name.eq_ignore_ascii_case("telephone-event") && rate == "8000")
}

/// Encoding name and clock rate of `a=rtpmap:<payload> <name>/<rate>[/<channels>]`.
fn mapping(sound: &sdp::Media, payload: u8) -> Option<(&str, &str)> {
    values(sound, "rtpmap").find_map(|value| {
        let (number, encoding) = value.trim().split_once(' ')?;
        let mut parts = encoding.trim().split('/');
        (number.parse() == Ok(payload)).then_some((parts.next()?, parts.next()?))
    })
}

fn value<'a>(media: &'a sdp::Media, name: &'a str) -> Option<&'a str> {
    values(media, name).next()
}

fn values<'a>(media: &'a sdp::Media, name: &'a str) -> impl Iterator<Item = &'a str> {
    media
        .attributes
        .iter()
        .filter(move |attribute| attribute.attribute == name)
        .filter_map(|attribute| attribute.value.as_deref())
}

#[cfg(test)]
mod tests;
