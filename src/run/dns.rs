//! SRV records, asked of the machine's name servers; addresses are the system's business (RFC 2782, RFC 1035).

use crate::exchange::wire::Service;
use simple_dns::{CLASS, Name, Packet, PacketFlag, QCLASS, QTYPE, Question, RCODE, TYPE, rdata::RData};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

const RESOLV_CONF: &str = "/etc/resolv.conf";
const PORT: u16 = 53;
/// As the system's own resolver does.
const SERVERS_MAX: usize = 3;
const TRIES: usize = 2;
const PATIENCE: Duration = Duration::from_secs(2);
const ANSWER_BYTES_MAX: usize = 4_096;

/// `None`: no name server gave an answer; an empty list is one.
pub async fn services(name: &str) -> Option<Vec<Service>> {
    let text = std::fs::read_to_string(RESOLV_CONF).unwrap_or_default();
    ask_all(&servers(&text), name, PATIENCE).await
}

async fn ask_all(servers: &[SocketAddr], name: &str, patience: Duration) -> Option<Vec<Service>> {
    for _ in 0..TRIES {
        for server in servers {
            if let Ok(Ok(Some(found))) = timeout(patience * 2, ask(*server, name, patience)).await {
                return Some(found);
            }
        }
    }
    None
}

/// The `nameserver` lines, or this machine (resolv.conf(5)).
fn servers(text: &str) -> Vec<SocketAddr> {
    let named = text.lines().filter_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let address = (words.next()? == "nameserver").then(|| words.next()?.parse::<IpAddr>().ok())??;
        Some(SocketAddr::new(address, PORT))
    });
    let found: Vec<SocketAddr> = named.take(SERVERS_MAX).collect();
    if found.is_empty() { vec![SocketAddr::new(Ipv4Addr::LOCALHOST.into(), PORT)] } else { found }
}

/// Over UDP, and over TCP where the answer does not fit.
async fn ask(server: SocketAddr, name: &str, patience: Duration) -> io::Result<Option<Vec<Service>>> {
    let mut number = [0; 2];
    getrandom::fill(&mut number).map_err(io::Error::other)?;
    let number = u16::from_be_bytes(number);
    let question = question(number, name).ok_or(io::ErrorKind::InvalidInput)?;
    let any: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind(SocketAddr::new(any, 0)).await?;
    // From no one else anything is taken.
    socket.connect(server).await?;
    socket.send(&question).await?;
    let mut buffer = vec![0; ANSWER_BYTES_MAX];
    let heard = timeout(patience, async {
        loop {
            let length = socket.recv(&mut buffer).await?;
            match read(&buffer[..length], number, name) {
                Heard::Other => {}
                heard => return io::Result::Ok(heard),
            }
        }
    });
    match heard.await.map_err(|_| io::ErrorKind::TimedOut)?? {
        Heard::Found(found) => Ok(Some(found)),
        Heard::Cut => timeout(patience, ask_stream(server, &question, number, name)).await?,
        Heard::Refused | Heard::Other => Ok(None),
    }
}

async fn ask_stream(server: SocketAddr, question: &[u8], number: u16, name: &str) -> io::Result<Option<Vec<Service>>> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_u16(question.len() as u16).await?;
    stream.write_all(question).await?;
    let mut answer = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut answer).await?;
    match read(&answer, number, name) {
        Heard::Found(found) => Ok(Some(found)),
        Heard::Cut | Heard::Refused | Heard::Other => Ok(None),
    }
}

fn question(number: u16, name: &str) -> Option<Vec<u8>> {
    let mut packet = Packet::new_query(number);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(name).ok()?;
    packet.questions.push(Question::new(name, QTYPE::TYPE(TYPE::SRV), QCLASS::CLASS(CLASS::IN), false));
    packet.build_bytes_vec().ok()
}

#[derive(Debug, PartialEq, Eq)]
enum Heard {
    Found(Vec<Service>),
    /// The answer does not fit into a datagram.
    Cut,
    /// The server cannot say.
    Refused,
    /// None of ours.
    Other,
}

fn read(bytes: &[u8], number: u16, name: &str) -> Heard {
    let Ok(packet) = Packet::parse(bytes) else { return Heard::Other };
    let asked = |question: &Question| question.qname.to_string().eq_ignore_ascii_case(name.trim_end_matches('.'));
    if packet.id() != number || !packet.has_flags(PacketFlag::RESPONSE) || !packet.questions.iter().any(asked) {
        return Heard::Other;
    }
    if packet.has_flags(PacketFlag::TRUNCATION) {
        return Heard::Cut;
    }
    match packet.rcode() {
        RCODE::NoError => {}
        RCODE::NameError => return Heard::Found(Vec::new()),
        _ => return Heard::Refused,
    }
    let found = packet.answers.iter().filter_map(|record| match &record.rdata {
        RData::SRV(srv) => {
            Some(Service { priority: srv.priority, weight: srv.weight, port: srv.port, host: srv.target.to_string() })
        }
        _ => None,
    });
    Heard::Found(found.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use simple_dns::{ResourceRecord, rdata::SRV};

    const NAME: &str = "_sip._udp.carrier.test";

    fn answer(number: u16, name: &'static str, flags: PacketFlag, rcode: RCODE, ports: &[u16]) -> Vec<u8> {
        let mut packet = Packet::new_reply(number);
        packet.set_flags(flags);
        *packet.rcode_mut() = rcode;
        let class = QCLASS::CLASS(CLASS::IN);
        packet.questions.push(Question::new(Name::new_unchecked(name), QTYPE::TYPE(TYPE::SRV), class, false));
        for port in ports {
            let target = Name::new_unchecked("sbc.carrier.test");
            let srv = RData::SRV(SRV { priority: 10, weight: 5, port: *port, target });
            packet.answers.push(ResourceRecord::new(Name::new_unchecked(name), CLASS::IN, 60, srv));
        }
        packet.build_bytes_vec().unwrap()
    }

    /// TRK-21
    #[test]
    fn an_answer_is_read_and_what_is_none_of_ours_is_not() {
        let response = PacketFlag::RESPONSE;
        let service = Service { priority: 10, weight: 5, port: 5070, host: "sbc.carrier.test".into() };
        assert_eq!(read(&answer(7, NAME, response, RCODE::NoError, &[5070]), 7, NAME), Heard::Found(vec![service]));
        assert_eq!(read(&answer(7, NAME, response, RCODE::NameError, &[]), 7, NAME), Heard::Found(vec![]));
        assert_eq!(read(&answer(7, NAME, response, RCODE::ServerFailure, &[]), 7, NAME), Heard::Refused);
        let cut = response | PacketFlag::TRUNCATION;
        assert_eq!(read(&answer(7, NAME, cut, RCODE::NoError, &[]), 7, NAME), Heard::Cut);
        assert_eq!(read(&answer(8, NAME, response, RCODE::NoError, &[5070]), 7, NAME), Heard::Other);
        assert_eq!(read(&answer(7, "_sip._udp.other.test", response, RCODE::NoError, &[1]), 7, NAME), Heard::Other);
        assert_eq!(read(&question(7, NAME).unwrap(), 7, NAME), Heard::Other, "a question is no answer");
        assert_eq!(read(b"nonsense", 7, NAME), Heard::Other);
    }

    #[test]
    fn name_servers_are_those_of_the_machine() {
        let text = "# x\nsearch a\nnameserver 192.0.2.1\nnameserver ::1\nnameserver bad\nnameserver 192.0.2.3 x\n";
        let found: Vec<String> = servers(text).iter().map(SocketAddr::to_string).collect();
        assert_eq!(found, ["192.0.2.1:53", "[::1]:53", "192.0.2.3:53"]);
        assert_eq!(servers("")[0].to_string(), "127.0.0.1:53");
    }

    /// TRK-21, TRK-24: a name server that is silent is passed over; with none that answers there is no answer.
    #[tokio::test]
    async fn the_next_name_server_is_asked() {
        let silent = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let speaks = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let (dead, alive) = (silent.local_addr().unwrap(), speaks.local_addr().unwrap());
        let server = tokio::spawn(async move {
            let mut buffer = [0; 512];
            let (length, from) = speaks.recv_from(&mut buffer).await.unwrap();
            let number = Packet::parse(&buffer[..length]).unwrap().id();
            let bytes = answer(number, NAME, PacketFlag::RESPONSE, RCODE::NoError, &[5070, 5080]);
            speaks.send_to(&bytes, from).await.unwrap();
        });
        let patience = Duration::from_millis(300);
        let found = ask_all(&[dead, alive], NAME, patience).await.unwrap();
        assert_eq!(found.iter().map(|service| service.port).collect::<Vec<_>>(), [5070, 5080]);
        server.await.unwrap();
        assert_eq!(ask_all(&[dead], NAME, patience).await, None);
    }
}
