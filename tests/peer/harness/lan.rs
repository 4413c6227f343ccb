//! A network of namespaces on one bridge, made for one test and removed after it.

use nix::unistd::geteuid;
use std::{
    fs::{self, File},
    os::fd::AsRawFd,
    path::Path,
    process::{self, Command},
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

/// The addresses of the box in every network.
pub const BOX: &str = "10.77.0.2";
pub const BOX_6: &str = "fd77::2";
const FOLDER: &str = "/run/netns";

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// The box's own namespace, with the bridge, and one for each phone.
pub struct Lan {
    pub office: Namespace,
    places: AtomicU32,
}

impl Lan {
    pub fn new() -> Lan {
        assert!(geteuid().is_root(), "these tests make network namespaces: run them as root");
        sweep();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let office = Namespace::make(format!("callbox-{}-{number}", process::id()), BOX.into());
        // With an address of its own: else it takes that of a new port, and what is on its way to the old one is lost.
        office.ip("link add br0 address 02:00:00:00:00:77 type bridge");
        office.ip(&format!("addr add {BOX}/24 dev br0"));
        office.ip(&format!("addr add {BOX_6}/64 dev br0 nodad"));
        office.ip("link set br0 up");
        Lan { office, places: AtomicU32::new(0) }
    }

    /// A namespace with an address of its own, 10.77.0.11 first, where one phone lives.
    pub fn place(&self) -> Namespace {
        let number = self.places.fetch_add(1, Ordering::Relaxed) + 1;
        let address = format!("10.77.0.{}", 10 + number);
        let place = Namespace::make(format!("{}-{number}", self.office.name), address);
        self.office.ip(&format!("link add v{number} type veth peer name eth0 netns {}", place.name));
        self.office.ip(&format!("link set v{number} master br0 up"));
        place.ip(&format!("addr add {}/24 dev eth0", place.address));
        place.ip(&format!("addr add {}/64 dev eth0 nodad", place.address_6()));
        place.ip("link set eth0 up");
        place.ip(&format!("route add default via {BOX}"));
        place
    }

    /// The box has this address too.
    pub fn more(&self, address: &str) {
        self.office.ip(&format!("addr add {address}/24 dev br0"));
    }

    /// Gives `place` all addresses that begin with 10.78, so that it can be many.
    pub fn spread(&self, place: &Namespace) {
        place.ip("route add local 10.78.0.0/16 dev lo");
        self.office.ip(&format!("route add 10.78.0.0/16 via {}", place.address));
    }
}

pub struct Namespace {
    pub name: String,
    pub address: String,
}

impl Namespace {
    fn make(name: String, address: String) -> Namespace {
        ip(&["netns", "add", &name]);
        let namespace = Namespace { name, address };
        namespace.ip("link set lo up");
        namespace
    }

    fn ip(&self, words: &str) {
        ip(&["-n", &self.name].into_iter().chain(words.split(' ')).collect::<Vec<_>>());
    }

    /// Its IPv6 address, which ends as the IPv4 one.
    pub fn address_6(&self) -> String {
        format!("fd77::{}", self.address.rsplit('.').next().unwrap())
    }

    /// Runs `work` in the namespace; a socket that it makes stays there.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let name = File::open(Path::new(FOLDER).join(&self.name)).unwrap();
        thread::scope(|scope| {
            let worker = scope.spawn(|| {
                // SAFETY: changes the namespace of this thread alone, which ends with `work`.
                let left = unsafe { libc::setns(name.as_raw_fd(), libc::CLONE_NEWNET) };
                assert_eq!(left, 0, "cannot enter the namespace: {}", std::io::Error::last_os_error());
                work()
            });
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let _ = Command::new("ip").args(["netns", "del", &self.name]).status();
    }
}

/// Removes what a test that was killed has left.
fn sweep() {
    for entry in fs::read_dir(FOLDER).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let owner = name.strip_prefix("callbox-").and_then(|rest| rest.split('-').next());
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _ = Command::new("ip").args(["netns", "del", &name]).output();
        }
    }
}

fn ip(words: &[&str]) {
    let output = Command::new("ip").args(words).output().expect("the program ip (package iproute2) is needed");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "ip {}: {said}", words.join(" "));
}
