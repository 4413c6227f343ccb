//! Calls through rtpengine, told over its ng protocol: a cookie and a bencoded dictionary a datagram.

use crate::{
    flow::Flow,
    measure::{self, Alone, Outcome, Plan},
};
use std::{
    io,
    net::{Ipv4Addr, UdpSocket},
    time::Duration,
};

pub fn run(at: &str, calls: usize, plan: &Plan) -> io::Result<Outcome> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_read_timeout(Some(Duration::from_secs(2)))?;
    socket.connect(at)?;
    let mut flows: Vec<Flow> = (0..2 * calls).map(|number| Flow::open(number as u32)).collect::<io::Result<_>>()?;
    for (call, pair) in flows.chunks_exact_mut(2).enumerate() {
        let to_b = tell(&socket, "offer", call, Some(&pair[0]))?;
        let to_a = tell(&socket, "answer", call, Some(&pair[1]))?;
        pair[0].to = (Ipv4Addr::LOCALHOST, to_a).into();
        pair[1].to = (Ipv4Addr::LOCALHOST, to_b).into();
    }
    let outcome = measure::run(flows, plan, &mut Alone)?;
    for call in 0..calls {
        tell(&socket, "delete", call, None)?;
    }
    Ok(outcome)
}

/// Sends a command; the port that the description in its answer names.
fn tell(socket: &UdpSocket, command: &str, call: usize, side: Option<&Flow>) -> io::Result<u16> {
    // A cookie that was used before gets the old answer.
    let cookie = format!("{}_{command}_{call}", std::process::id());
    let mut words = vec![
        ("call-id", text(&format!("load-{}-{call}", std::process::id()))),
        ("command", text(command)),
        ("from-tag", text("a")),
    ];
    match side {
        Some(flow) => {
            let port = flow.socket.local_addr()?.port();
            words.push(("ICE", text("remove")));
            words.push(("replace", format!("l{}e", text("origin"))));
            words.push(("sdp", text(&description(port))));
            words.push(("transport-protocol", text("RTP/AVP")));
        }
        None => words.push(("delete-delay", "i0e".into())),
    }
    if command == "answer" {
        words.push(("to-tag", text("b")));
    }
    words.sort();
    let dictionary: String = words.iter().map(|(key, value)| format!("{}{value}", text(key))).collect();
    socket.send(format!("{cookie} d{dictionary}e").as_bytes())?;
    let mut answer = [0; 8192];
    let length = socket.recv(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer[..length]);
    let port = answer.split("m=audio ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok());
    match (side, port) {
        (None, _) => Ok(0),
        (_, Some(port)) => Ok(port),
        _ => Err(io::Error::other(format!("rtpengine says: {answer}"))),
    }
}

fn text(text: &str) -> String {
    format!("{}:{text}", text.len())
}

fn description(port: u16) -> String {
    format!(
        "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n\
         a=rtpmap:0 PCMU/8000\r\n"
    )
}
