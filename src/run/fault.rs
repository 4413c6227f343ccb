//! Why the program ends: one line that says what is wrong, one that says what to do, and a code (BOX-171, BOX-172).

use crate::store;
use serde::{Deserialize, Serialize};
use std::{fmt, io, path::Path};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Code {
    Failed = 1,
    Usage = 2,
    Settings = 3,
    Data = 4,
    Port = 5,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Fault {
    pub code: Code,
    pub what: String,
    pub remedy: String,
}

impl Fault {
    pub fn usage(what: impl Into<String>) -> Fault {
        Fault { code: Code::Usage, what: what.into(), remedy: "callbox --help lists what can be said".into() }
    }

    pub fn data(dir: &Path, what: &str) -> Fault {
        Fault {
            code: Code::Data,
            what: format!("the data in {} cannot be used: {what}", dir.display()),
            remedy: "give a directory that this user may write with --data DIR, and stop another callbox that uses it"
                .into(),
        }
    }

    /// The box that runs on the directory was asked, and said nothing.
    pub fn silent(dir: &Path) -> Fault {
        Fault {
            code: Code::Data,
            what: format!("the callbox that runs on {} gave no answer", dir.display()),
            remedy: "look at its log; ask again, or stop it and ask then".into(),
        }
    }

    pub fn port(what: &str, port: u16, cause: &io::Error) -> Fault {
        let remedy = match cause.kind() {
            io::ErrorKind::AddrInUse => "stop the program that has it, or move every port with --port-offset N",
            io::ErrorKind::PermissionDenied => "ports below 1024 need root or CAP_NET_BIND_SERVICE; or --port-offset N",
            io::ErrorKind::AddrNotAvailable => "--bind wants an address that this machine has",
            _ => "look at the address and the port",
        };
        Fault { code: Code::Port, what: format!("port {port} for {what} is not free: {cause}"), remedy: remedy.into() }
    }

    pub fn refused(why: &str) -> Fault {
        Fault { code: Code::Failed, what: why.into(), remedy: "nothing was changed".into() }
    }

    pub fn output(cause: &io::Error) -> Fault {
        Fault {
            code: Code::Failed,
            what: format!("what was asked for cannot be written out: {cause}"),
            remedy: "look at where the output goes: its disk may be full".into(),
        }
    }

    /// A fault of the program itself.
    pub fn fallen() -> Fault {
        Fault {
            code: Code::Failed,
            what: "the program fell over; what was stored is kept".into(),
            remedy: "say it once more with --verbose, and show its makers what that prints".into(),
        }
    }

    pub fn system(cause: io::Error) -> Fault {
        Fault {
            code: Code::Failed,
            what: format!("the system refused a thread or a descriptor: {cause}"),
            remedy: "raise the limits of this user (ulimit -n, -u)".into(),
        }
    }
}

impl From<store::Fault> for Fault {
    fn from(fault: store::Fault) -> Fault {
        Fault { code: Code::Data, what: fault.cause(), remedy: fault.remedy().into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "callbox: {}\n         {}", self.what, self.remedy)
    }
}
