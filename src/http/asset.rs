//! The files of the panel, built into the program, sent packed where the browser can unpack them.

use super::{refused::Refused, rest, spoken::spoken};
use crate::{model, schema::Resource};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use serde_json::Value;
use std::io::Write;

/// One file of the built panel.
pub struct Asset {
    /// Below the root, without a slash in front.
    pub path: &'static str,
    /// Another one with other content.
    pub mark: &'static str,
    pub plain: &'static [u8],
    pub br: Option<&'static [u8]>,
    pub gzip: Option<&'static [u8]>,
}

/// Sorted by path.
const ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/panel.rs"));
const INDEX: &str = "index.html";
/// Vite puts what it names by content here.
const HASHED: &str = "assets/";
/// What the panel's own router shows beside the lists of nouns; a reload there must find the panel again.
const CLIENT_ROUTES: &[&str] =
    &["", "calls", "call_records", "sign_in", "setup", "box", "jobs", "audit", "api_reference", "ways"];

/// The file at `path`, or the panel for one of its own routes; who typed another address is told so by the panel.
pub fn serve(path: &str, headers: &HeaderMap) -> Result<Response, Refused> {
    if let Some(asset) = find(ASSETS, path) {
        let words = Some(asset).filter(|asset| asset.path == INDEX).and_then(|_| words_of(ASSETS, spoken(headers)));
        return Ok(with_words(answer(asset, headers), words));
    }
    let page = find(ASSETS, INDEX).filter(|_| wants_page(headers)).ok_or_else(Refused::not_found)?;
    let mut lost = answer(page, &HeaderMap::new());
    *lost.status_mut() = StatusCode::NOT_FOUND;
    Ok(lost)
}

/// Whether a person's browser asks for a page to show, rather than a script for a file.
fn wants_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("");
    accepted.split(',').any(|one| one.split(';').next().is_some_and(|kind| kind.trim() == "text/html"))
}

fn find<'a>(assets: &'a [Asset], path: &str) -> Option<&'a Asset> {
    let path = path.trim_start_matches('/');
    let first = path.split('/').next().unwrap_or("");
    let by_path = |path: &str| assets.iter().find(|asset| asset.path == path);
    let noun = |path: &str| model::resource(path).filter(|noun| noun.path == path);
    let given = |path: &str| path.strip_prefix(rest::GIVEN).and_then(noun).is_some_and(Resource::has_given);
    let routed = CLIENT_ROUTES.contains(&first) || noun(first).is_some() || given(first);
    by_path(path).or_else(|| if routed { by_path(INDEX) } else { None })
}

/// The words of a language, as `web/locales.ts` names their file.
fn words_of<'a>(assets: &'a [Asset], language: &str) -> Option<&'a Asset> {
    let begins = format!("{HASHED}words_{language}-");
    assets.iter().find(|asset| asset.path.starts_with(&begins) && asset.path.ends_with(".json"))
}

/// The page with its words on their way before it has read which it needs.
fn with_words(mut page: Response, words: Option<&Asset>) -> Response {
    let Some(words) = words else { return page };
    let link = format!("</{}>; rel=preload; as=fetch; crossorigin", words.path);
    page.headers_mut().insert(header::LINK, HeaderValue::from_str(&link).expect("a path of ours"));
    page.headers_mut().append(header::VARY, HeaderValue::from_static("Accept-Language, Cookie"));
    page
}

fn answer(asset: &Asset, headers: &HeaderMap) -> Response {
    let (coding, bytes) = packing(asset, headers);
    let tag = match coding {
        Some(coding) => format!("\"{}-{coding}\"", asset.mark),
        None => format!("\"{}\"", asset.mark),
    };
    let fresh = matches(headers.get(header::IF_NONE_MATCH), &tag);
    let status = if fresh { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    let mut response = (status, Body::from(if fresh { &[][..] } else { bytes })).into_response();
    let set = response.headers_mut();
    set.insert(header::ETAG, HeaderValue::from_str(&tag).expect("hex and a coding"));
    set.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    set.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching(asset.path)));
    if !fresh {
        set.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(asset.path)));
        if let Some(coding) = coding {
            set.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        }
    }
    response
}

/// The smallest form that the browser takes.
fn packing(asset: &Asset, headers: &HeaderMap) -> (Option<&'static str>, &'static [u8]) {
    let forms = [("br", asset.br), ("gzip", asset.gzip)];
    let taken = forms.into_iter().find_map(|(coding, bytes)| Some((coding, bytes?)).filter(|_| takes(headers, coding)));
    taken.map_or((None, asset.plain), |(coding, bytes)| (Some(coding), bytes))
}

/// What is told at every opening of the panel and is long, packed where the browser can unpack it. Not for what holds
/// secrets, nor what repeats the asker's words: the length would tell of them.
pub fn packed(headers: &HeaderMap, told: &Value) -> Response {
    let plain = told.to_string();
    let mut response = if takes(headers, "gzip") {
        let mut packing = GzEncoder::new(Vec::new(), Compression::fast());
        let bytes = packing.write_all(plain.as_bytes()).and_then(|()| packing.finish()).expect("memory takes all");
        ([(header::CONTENT_ENCODING, "gzip")], bytes).into_response()
    } else {
        plain.into_response()
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    response
}

/// RFC 9110 section 12.5.3, for the codings we have; a weight of 0 is a no.
fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let all = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let weighed = all.flat_map(|value| value.split(',')).map(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let weight = weight.trim().strip_prefix("q=").and_then(|weight| weight.trim().parse().ok()).unwrap_or(1.0_f32);
        (name.trim().to_ascii_lowercase(), weight)
    });
    let named: Vec<_> = weighed.filter(|(name, _)| name == coding || name == "*").collect();
    let own = named.iter().find(|(name, _)| name == coding).or(named.first());
    own.is_some_and(|(_, weight)| *weight > 0.0)
}

/// `If-None-Match`: a list of tags, weak ones too, or `*` (RFC 9110 section 13.1.2).
pub fn matches(wanted: Option<&HeaderValue>, tag: &str) -> bool {
    let Some(wanted) = wanted.and_then(|value| value.to_str().ok()) else { return false };
    wanted.split(',').map(|one| one.trim().trim_start_matches("W/")).any(|one| one == tag || one == "*")
}

fn caching(path: &str) -> &'static str {
    if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" }
}

fn kind(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "mp3" => "audio/mpeg",
        "wav" => "audio/wav",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use flate2::read::GzDecoder;
    use serde_json::json;
    use std::io::Read;

    const PAGE: Asset = Asset { path: "index.html", mark: "1a", plain: b"plain", br: Some(b"br"), gzip: Some(b"gz") };
    const SCRIPT: Asset = Asset { path: "assets/a-1b2c.js", mark: "2b", plain: b"plain", br: None, gzip: Some(b"gz") };

    fn with(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    fn sent(asset: &Asset, name: &str) -> Option<String> {
        let response = answer(asset, &with(header::ACCEPT_ENCODING, "gzip, br"));
        response.headers().get(name).map(|value| value.to_str().unwrap().into())
    }

    /// Issue: served compressed (RFC 9110 section 12.5.3).
    #[test]
    fn the_smallest_form_that_is_taken_is_sent() {
        for (accepted, asset, coding) in [
            ("", &PAGE, None),
            ("identity", &PAGE, None),
            ("gzip, deflate, br, zstd", &PAGE, Some("br")),
            ("gzip;q=1.0, br;q=0", &PAGE, Some("gzip")),
            ("GZIP", &PAGE, Some("gzip")),
            ("*", &PAGE, Some("br")),
            ("br;q=0, *;q=0.5", &PAGE, Some("gzip")),
            ("*;q=0", &PAGE, None),
            ("br", &SCRIPT, None),
            ("br, gzip", &SCRIPT, Some("gzip")),
        ] {
            assert_eq!(packing(asset, &with(header::ACCEPT_ENCODING, accepted)).0, coding, "{accepted}");
        }
    }

    #[tokio::test]
    async fn what_is_told_at_every_opening_is_packed_for_who_can_unpack_it() {
        let told = json!({ "resources": vec!["one"; 100] });
        for (accepted, coding) in [("gzip, br", Some("gzip")), ("identity", None)] {
            let response = packed(&with(header::ACCEPT_ENCODING, accepted), &told);
            assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json");
            assert_eq!(response.headers().get(header::CONTENT_ENCODING).map(|value| value.to_str().unwrap()), coding);
            let sent = to_bytes(response.into_body(), 10_000).await.unwrap();
            let mut read = String::new();
            match coding {
                Some(_) => GzDecoder::new(&sent[..]).read_to_string(&mut read).unwrap(),
                None => (&sent[..]).read_to_string(&mut read).unwrap(),
            };
            assert_eq!(serde_json::from_str::<Value>(&read).unwrap(), told);
            assert_eq!(sent.len() < 200, coding.is_some());
        }
    }

    /// RFC 9110 section 13.1.2: another form has another tag.
    #[test]
    fn an_unchanged_file_is_not_sent_again() {
        let tag = sent(&PAGE, "etag").unwrap();
        assert_eq!(tag, "\"1a-br\"");
        for (wanted, fresh) in [("\"1a-br\"", true), ("W/\"1a-br\"", true), ("\"x\", \"1a-br\"", true), ("*", true)]
            .into_iter()
            .chain([("\"1a\"", false), ("\"1a-gzip\"", false), ("", false)])
        {
            let mut headers = with(header::ACCEPT_ENCODING, "br");
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_str(wanted).unwrap());
            let response = answer(&PAGE, &headers);
            assert_eq!(response.status() == StatusCode::NOT_MODIFIED, fresh, "{wanted}");
        }
    }

    #[test]
    fn only_files_named_by_content_are_kept_for_good() {
        assert_eq!(sent(&SCRIPT, "cache-control").unwrap(), "public, max-age=31536000, immutable");
        assert_eq!(sent(&PAGE, "cache-control").unwrap(), "no-cache");
        assert_eq!(sent(&PAGE, "vary").unwrap(), "Accept-Encoding");
    }

    #[test]
    fn a_page_says_which_words_it_will_ask_for() {
        let words = ["assets/words_en-1.json", "assets/words_zh-2.json"].map(|path| Asset { path, ..SCRIPT });
        let page = with_words(answer(&PAGE, &HeaderMap::new()), words_of(&words, "zh"));
        let link = page.headers()[header::LINK].to_str().unwrap();
        assert_eq!(link, "</assets/words_zh-2.json>; rel=preload; as=fetch; crossorigin");
        let vary: Vec<_> = page.headers().get_all(header::VARY).iter().collect();
        assert_eq!(vary, ["Accept-Encoding", "Accept-Language, Cookie"]);
        assert!(words_of(&words, "ja").is_none());
    }

    #[test]
    fn the_panels_own_routes_show_the_panel() {
        let assets = [SCRIPT, PAGE];
        let found = |path| find(&assets, path).map(|asset| asset.path);
        for path in ["/", "/index.html", "/agents", "/agents/12", "/sign_in", "/call_records"] {
            assert_eq!(found(path), Some("index.html"), "{path}");
        }
        assert_eq!(found("/assets/a-1b2c.js"), Some("assets/a-1b2c.js"));
        for path in ["/assets/gone.js", "/favicon.ico", "/.env", "/../etc/passwd", "/agentsx"] {
            assert_eq!(found(path), None, "{path}");
        }
    }
}
