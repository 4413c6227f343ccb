//! Embeds the built panel, each file of `web/dist` with the `.br` and `.gz` that the web build laid beside it, and
//! the phrases and music of `sounds`, and the panel's words, for files that the box writes.

use audio_codec_algorithms::encode_alaw;
use std::{
    collections::hash_map::DefaultHasher,
    env,
    error::Error,
    fs,
    hash::Hasher,
    io,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// What halves a sound between calls halves it here.
#[allow(dead_code)]
#[path = "src/audio/codec/resample.rs"]
mod resample;

fn main() -> io::Result<()> {
    date();
    panel()?;
    words()?;
    sounds()
}

/// When the program was made, milliseconds since 1970: its time of day is never earlier.
#[allow(clippy::disallowed_methods, reason = "a program is made at some time")]
fn date() {
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let wanted = env::var("SOURCE_DATE_EPOCH").ok().and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
    let made = wanted.or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    println!("cargo::rustc-env=CALLBOX_MADE={}", made.as_millis());
}

fn panel() -> io::Result<()> {
    let web = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo names it")).join("web");
    let dist = web.join("dist");
    println!("cargo::rerun-if-changed=build.rs");
    let mut files = Vec::new();
    if dist.join("index.html").is_file() {
        println!("cargo::rerun-if-changed=web/dist");
        collect(&dist, &mut files)?;
    } else {
        // Not `web/dist`: cargo would run this anew at every build while it is not there.
        println!("cargo::rerun-if-changed=web");
        tell_of_missing_panel();
    }
    files.sort();
    let entries: String = files.iter().map(|file| entry(&dist, file)).collect::<io::Result<_>>()?;
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo names it")).join("panel.rs");
    fs::write(out, format!("&[\n{entries}]\n"))
}

/// Each file of `web/locale` by its path without the ending: `zh`, `noun/agent`.
fn words() -> io::Result<()> {
    let locale = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo names it")).join("web/locale");
    println!("cargo::rerun-if-changed=web/locale");
    let mut files = Vec::new();
    collect(&locale, &mut files)?;
    files.sort();
    let told = files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "json"));
    let entries: String = told
        .map(|file| {
            let name = file.strip_prefix(&locale).expect("it lies there").with_extension("");
            format!("({:?}, include_str!({:?})),\n", name.to_string_lossy(), file.to_string_lossy())
        })
        .collect();
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo names it")).join("words.rs");
    fs::write(out, format!("&[\n{entries}]\n"))
}

/// What is given away has its panel; who works on another part may do without.
fn tell_of_missing_panel() {
    let level = if env::var("PROFILE").is_ok_and(|profile| profile == "release") { "error" } else { "warning" };
    println!("cargo::{level}=the panel is not built into this program: run `make web` first (it needs node and npm)");
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if !packed(&path) {
            files.push(path);
        }
    }
    Ok(())
}

fn packed(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "br" || end == "gz")
}

fn entry(dist: &Path, file: &Path) -> io::Result<String> {
    let path = file.strip_prefix(dist).expect("found below it").to_str().expect("a plain name");
    let mut hash = DefaultHasher::new();
    hash.write(&fs::read(file)?);
    let bytes = |path: &Path| format!("include_bytes!({:?})", path.display().to_string());
    let packed = |end: &str| {
        let path = PathBuf::from(format!("{}.{end}", file.display()));
        if path.is_file() { format!("Some({})", bytes(&path)) } else { "None".into() }
    };
    Ok(format!(
        "    Asset {{ path: {path:?}, mark: \"{:016x}\", plain: {}, br: {}, gzip: {} }},\n",
        hash.finish(),
        bytes(file),
        packed("br"),
        packed("gz"),
    ))
}

/// `("en/echo_test", narrow, wide)` for each WAV file, in A-law: so a start reads none of them, and the program is half
/// as large.
fn sounds() -> io::Result<()> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo names it")).join("sounds");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo names it"));
    println!("cargo::rerun-if-changed=sounds");
    println!("cargo::rerun-if-changed=src/audio/codec/resample.rs");
    let mut files = Vec::new();
    collect(&folder, &mut files)?;
    files.retain(|file| file.extension().is_some_and(|end| end == "wav"));
    files.sort();
    let mut entries = String::new();
    for file in &files {
        let name = file.strip_prefix(&folder).expect("found below it").with_extension("").display().to_string();
        let wide = wide(file).map_err(|e| io::Error::other(format!("{}: {e}", file.display())))?;
        let mut narrow = vec![0; wide.len() / 2];
        resample::Halver::default().run(&wide, &mut narrow);
        let kept = |samples: &[i16], khz: u8| -> io::Result<String> {
            let path = out.join(format!("{}.{khz}", name.replace('/', "-")));
            fs::write(&path, samples.iter().map(|&sample| encode_alaw(sample)).collect::<Vec<u8>>())?;
            Ok(format!("include_bytes!({:?})", path.display().to_string()))
        };
        entries += &format!("    ({name:?}, {}, {}),\n", kept(&narrow, 8)?, kept(&wide, 16)?);
    }
    fs::write(out.join("sounds.rs"), format!("&[\n{entries}]\n"))
}

/// An even number of samples at 16 kHz.
fn wide(file: &Path) -> Result<Vec<i16>, Box<dyn Error>> {
    const FORM: hound::WavSpec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = hound::WavReader::open(file)?;
    if file.spec() != FORM {
        return Err(format!("{:?} instead of {FORM:?}", file.spec()).into());
    }
    let mut samples = file.samples().collect::<Result<Vec<i16>, _>>()?;
    samples.truncate(samples.len() & !1);
    Ok(samples)
}
