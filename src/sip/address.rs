//! A display name, a URI and parameters: From, To, Contact, Route, Refer-To and what is written like them.

use super::params::{Params, closing_quote, cut_before, find, find_outside};
use super::uri::{BadUri, Uri};
use std::borrow::Cow;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address<'a> {
    /// Without quotes and escapes; empty if there is none.
    pub display: Cow<'a, str>,
    /// As written, of any scheme.
    pub uri: &'a str,
    /// The header's own parameters, not those of the URI.
    pub params: Params<'a>,
}

impl<'a> Address<'a> {
    /// `None` if quotes or brackets do not close, or if the URI holds blanks or is none.
    pub fn parse(text: &'a str) -> Option<Address<'a>> {
        let text = text.trim_ascii();
        match find_outside(text, b'<') {
            Some(open) => {
                let close = open + find(&text[open..], b'>')?;
                let display = display_name(text[..open].trim_ascii())?;
                Address::new(display, &text[open + 1..close], &text[close + 1..])
            }
            // Without brackets the parameters are the header's, and `?` may not stand (RFC 3261 section 20.10).
            None => {
                let (uri, params) = cut_before(text, b';');
                if find(uri, b'?').is_some() {
                    return None;
                }
                Address::new(Cow::Borrowed(""), uri.trim_ascii(), params)
            }
        }
    }

    fn new(display: Cow<'a, str>, uri: &'a str, params: &'a str) -> Option<Address<'a>> {
        match Uri::parse(uri) {
            Ok(_) | Err(BadUri::Scheme) => Some(Address { display, uri, params: Params::parse(params)? }),
            Err(BadUri::Syntax) => None,
        }
    }

    pub fn uri(&self) -> Result<Uri<'a>, BadUri> {
        Uri::parse(self.uri)
    }

    pub fn tag(&self) -> Option<&'a str> {
        self.params.value("tag").filter(|tag| !tag.is_empty())
    }
}

/// What a Contact holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contacts<'a> {
    /// `*`: all bindings (RFC 3261 section 10.2.2).
    Star,
    List(Vec<Address<'a>>),
}

/// Bare words are let pass even where they are no tokens, because people have names.
fn display_name(text: &str) -> Option<Cow<'_, str>> {
    if !text.starts_with('"') {
        return (!text.contains('"')).then_some(Cow::Borrowed(text));
    }
    if closing_quote(text)? != text.len() - 1 {
        return None;
    }
    let inner = &text[1..text.len() - 1];
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    let mut plain = String::with_capacity(inner.len());
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        plain.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    Some(Cow::Owned(plain))
}
