//! Makes of an uploaded sound the file that calls play, on a thread that gives way to all others.

use crate::{
    audio::{
        convert::{self, Fault, MINUTES_MAX},
        wav::{self, Form},
    },
    http::files::{Convert, Converted, NotConverted},
    store::NewFile,
};
use nix::libc;
use std::{
    fs::File,
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

/// The lowest there is: a sound may be ready later, a packet may not.
const NICE: i32 = 19;

pub fn converter() -> Convert {
    Box::new(|from, to| {
        thread::scope(|scope| {
            let work = move || {
                give_way();
                // What is uploaded was made by strangers.
                catch_unwind(AssertUnwindSafe(|| converted(from, to))).unwrap_or(Err(NotConverted::Broken))
            };
            let thread = thread::Builder::new().name("convert".into()).spawn_scoped(scope, work);
            thread.map_err(NotConverted::Disk)?.join().unwrap_or(Err(NotConverted::Broken))
        })
    })
}

fn give_way() {
    // SAFETY: 0 is this thread on Linux; it changes nothing else.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICE) };
}

fn converted(mut from: File, to: &mut NewFile) -> Result<Converted, NotConverted> {
    let mut file = Vec::new();
    from.read_to_end(&mut file).map_err(NotConverted::Disk)?;
    let mut out = BufWriter::with_capacity(64 << 10, to);
    out.write_all(&wav::head(Form::Prompt, 0)).map_err(NotConverted::Disk)?;
    let done =
        convert::convert(&file, |samples| samples.iter().try_for_each(|sample| out.write_all(&sample.to_le_bytes())));
    let done = done.map_err(not_converted)?;
    let ended = (|| -> io::Result<()> {
        out.seek(SeekFrom::Start(0))?;
        out.write_all(&wav::head(Form::Prompt, done.samples))?;
        out.flush()
    })();
    ended.map_err(NotConverted::Disk)?;
    Ok(Converted { extension: done.form.word(), seconds: done.seconds() })
}

fn not_converted(fault: Fault) -> NotConverted {
    match fault {
        Fault::NotSound => NotConverted::NotSound,
        Fault::CutOff => NotConverted::CutOff,
        Fault::TooLong => NotConverted::LastsTooLong { minutes: MINUTES_MAX },
        Fault::Write(error) => NotConverted::Disk(error),
    }
}
