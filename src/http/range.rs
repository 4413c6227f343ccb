//! A file, or the part of it that is asked for (RFC 9110 section 14), so that a player can begin anywhere.

use super::{
    asset,
    parts::{self, Parts},
};
use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

const PART_BYTES: u64 = 64 * 1024;

/// What is asked for of so many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    All,
    /// From the first to the last, both sent.
    Part(u64, u64),
    /// Nothing that there is.
    None,
}

/// `tag` stands for what is in the file.
pub async fn answer(file: File, length: u64, tag: &str, kind: HeaderValue, headers: &HeaderMap) -> Response {
    let tagged = HeaderValue::from_str(tag).expect("a hash in quotes");
    if asset::matches(headers.get(header::IF_NONE_MATCH), tag) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tagged)]).into_response();
    }
    let known = headers.get(header::IF_RANGE).is_none_or(|mark| mark.as_bytes() == tag.as_bytes());
    let asked = headers.get(header::RANGE).filter(|_| known).and_then(|range| range.to_str().ok());
    let (status, first, last) = match asked.map_or(Wanted::All, |asked| wanted(asked, length)) {
        Wanted::None => {
            let all = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
            return (StatusCode::RANGE_NOT_SATISFIABLE, all).into_response();
        }
        Wanted::All => (StatusCode::OK, 0, length),
        Wanted::Part(first, last) => (StatusCode::PARTIAL_CONTENT, first, last + 1),
    };
    let body = parts::made(move |parts| {
        if let Err(error) = send(file, first, last - first, parts) {
            tracing::error!(%error, "a file could not be read to its end");
        }
    })
    .await;
    let mut response = (status, body).into_response();
    let told = response.headers_mut();
    told.insert(header::CONTENT_TYPE, kind);
    told.insert(header::ETAG, tagged);
    told.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    told.insert(header::CONTENT_LENGTH, (last - first).into());
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {first}-{}/{length}", last - 1);
        told.insert(header::CONTENT_RANGE, HeaderValue::from_str(&range).expect("figures"));
    }
    response
}

/// Several ranges at once, and what is no range, get the whole (section 14.2).
fn wanted(asked: &str, length: u64) -> Wanted {
    let Some((first, last)) = asked.strip_prefix("bytes=").and_then(|range| range.trim().split_once('-')) else {
        return Wanted::All;
    };
    let number = |text: &str| text.parse::<u64>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    match (number(first), number(last)) {
        (Some(first), None) if last.is_empty() && first < length => Wanted::Part(first, length - 1),
        (Some(first), Some(last)) if first <= last && first < length => Wanted::Part(first, last.min(length - 1)),
        (Some(first), Some(last)) if first > last => Wanted::All,
        (Some(_), Some(_)) => Wanted::None,
        (Some(_), None) if last.is_empty() => Wanted::None,
        (None, Some(0)) if first.is_empty() => Wanted::None,
        (None, Some(last)) if first.is_empty() && length > 0 => Wanted::Part(length - last.min(length), length - 1),
        _ => Wanted::All,
    }
}

fn send(mut file: File, from: u64, mut left: u64, parts: &Parts) -> io::Result<()> {
    file.seek(SeekFrom::Start(from))?;
    while left > 0 {
        let mut part = vec![0; left.min(PART_BYTES) as usize];
        file.read_exact(&mut part)?;
        left -= part.len() as u64;
        if !parts.send(part) {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9110 section 14.1.2, 14.2
    #[test]
    fn a_range_is_what_it_says() {
        for (asked, expected) in [
            ("bytes=0-", Wanted::Part(0, 99)),
            ("bytes=10-19", Wanted::Part(10, 19)),
            ("bytes=90-400", Wanted::Part(90, 99)),
            ("bytes=99-99", Wanted::Part(99, 99)),
            ("bytes=-10", Wanted::Part(90, 99)),
            ("bytes=-400", Wanted::Part(0, 99)),
            ("bytes=100-", Wanted::None),
            ("bytes=100-200", Wanted::None),
            ("bytes=-0", Wanted::None),
            ("bytes=20-10", Wanted::All),
            ("bytes=0-1,5-6", Wanted::All),
            ("bytes=a-b", Wanted::All),
            ("bytes=+1-2", Wanted::All),
            ("bytes=", Wanted::All),
            ("samples=0-1", Wanted::All),
        ] {
            assert_eq!(wanted(asked, 100), expected, "{asked}");
        }
    }
}
