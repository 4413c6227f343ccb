//! The language in which the panel will speak to a browser: the one that was chosen in it, else the first of ours that
//! its owner reads; as `web/word/words.ts` finds it.

use super::words::LANGUAGES;
use axum::http::{HeaderMap, HeaderName, header};

/// Set by the panel when somebody chooses a language.
const COOKIE: &str = "callbox_language";
const USUAL: &str = "en";

pub fn spoken(headers: &HeaderMap) -> &'static str {
    let chosen =
        each(headers, header::COOKIE, ';').find_map(|pair| known(pair.strip_prefix(COOKIE)?.strip_prefix('=')?));
    let read = || {
        each(headers, header::ACCEPT_LANGUAGE, ',')
            .find_map(|tag| known(&tag.split([';', '-']).next()?.to_ascii_lowercase()))
    };
    chosen.or_else(read).unwrap_or(USUAL)
}

fn each(headers: &HeaderMap, name: HeaderName, between: char) -> impl Iterator<Item = &str> {
    let all = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    all.flat_map(move |value| value.split(between)).map(str::trim)
}

fn known(code: &str) -> Option<&'static str> {
    LANGUAGES.into_iter().find(|known| *known == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn what_was_chosen_goes_before_what_is_read() {
        for (cookie, read, speaks) in [
            ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
            ("", "de-DE, JA-jp;q=0.5", "ja"),
            ("", "de", "en"),
            ("", "", "en"),
            ("callbox=x; callbox_language=ja", "zh", "ja"),
            ("callbox_language=tlh", "zh", "zh"),
            ("my_callbox_language=ja; callbox_language2=ja", "en", "en"),
        ] {
            let headers = [(header::COOKIE, cookie), (header::ACCEPT_LANGUAGE, read)];
            let headers = headers.map(|(name, value)| (name, HeaderValue::from_str(value).unwrap()));
            assert_eq!(spoken(&HeaderMap::from_iter(headers)), speaks, "{cookie} {read}");
        }
    }
}
