//! How many sockets and files the box may have open at once.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Three sockets a leg for the whole range of sound ports, 10,000 phones over TCP or TLS, and the panel.
const WANTED: u64 = 32_768;

/// Systems let a program have 1,024 beforehand, which a few hundred calls use up, and more if it asks. Gives what it
/// may have now.
pub fn raise() -> u64 {
    let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) else { return 0 };
    let wished = WANTED.min(hard).max(soft);
    // What was there before goes on to hold if it is refused.
    match setrlimit(Resource::RLIMIT_NOFILE, wished, hard) {
        Ok(()) => wished,
        Err(_) => soft,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_the_system_allows_and_never_fewer_than_before() {
        let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
        setrlimit(Resource::RLIMIT_NOFILE, 256, hard).unwrap();
        assert_eq!(raise(), WANTED.min(hard));
        assert_eq!(getrlimit(Resource::RLIMIT_NOFILE).unwrap().0, WANTED.min(hard));
        assert_eq!(raise(), WANTED.min(hard));
    }
}
