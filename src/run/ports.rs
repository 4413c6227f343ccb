//! Every port of the box but those of the sound, bound before anything is answered.

use super::{datagram::DatagramSocket, fault::Fault, options::Options};
use socket2::{Domain, Protocol, Socket, Type};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};
use tokio::net::TcpListener;

const BACKLOG: i32 = 1_024;

pub struct Ports {
    pub datagrams: Vec<DatagramSocket>,
    pub sip: Vec<TcpListener>,
    pub sips: Vec<TcpListener>,
    pub panel: Vec<TcpListener>,
    pub panel_http: Vec<TcpListener>,
}

impl Ports {
    /// To be called inside the runtime that will serve the listeners.
    pub fn open(options: &Options) -> Result<Ports, Fault> {
        let each = |what: &str, port: u16| -> Result<Vec<TcpListener>, Fault> {
            on_each(options.bind, port, listen).map_err(|e| Fault::port(what, port, &e))
        };
        Ok(Ports {
            datagrams: on_each(options.bind, options.sip, DatagramSocket::bind)
                .map_err(|e| Fault::port("SIP over UDP", options.sip, &e))?,
            sip: each("SIP over TCP", options.sip)?,
            sips: each("SIP over TLS", options.sips)?,
            panel: each("the panel", options.panel)?,
            panel_http: each("the panel over HTTP", options.panel_http)?,
        })
    }
}

/// On the one address, or on every address of both families; a machine without IPv6 has the other alone.
fn on_each<T>(bind: Option<IpAddr>, port: u16, open: fn(SocketAddr) -> io::Result<T>) -> io::Result<Vec<T>> {
    if let Some(ip) = bind {
        return Ok(vec![open(SocketAddr::new(ip, port))?]);
    }
    let mut opened = vec![open(SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), port))?];
    match open(SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port)) {
        Ok(v6) => opened.push(v6),
        Err(e) if matches!(e.raw_os_error(), Some(libc::EAFNOSUPPORT | libc::EADDRNOTAVAIL)) => {}
        Err(e) => return Err(e),
    }
    Ok(opened)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // A restart must not wait for the connections of the former process.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::fault::Code;

    /// BOX-172: a port that is taken ends with code 5 and says which.
    #[tokio::test]
    async fn a_port_in_use_is_named() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        let line = format!("--bind 127.0.0.1 --sip 0 --sips 0 --panel {port} --panel-http 0");
        let options = Options::parse(line.split(' ').map(Into::into)).unwrap().unwrap();
        let fault = Ports::open(&options).err().unwrap();
        assert_eq!(fault.code, Code::Port);
        assert!(fault.to_string().contains(&format!("port {port} for the panel is not free")), "{fault}");
    }
}
