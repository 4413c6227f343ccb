//! Lists of `;name=value`, as they stand behind an address, a Via, a URI or any other value.

/// More parameters on one value than anyone needs; what is looked up among them stays cheap.
const PARAMS_MAX: usize = 100;
/// What an answer adds at most to a value that it gives back: `received` and `rport` to a Via.
const ADDED_MAX: usize = 2;

/// Borrowed from the value; blanks round names and values do not count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Params<'a>(&'a str);

impl<'a> Params<'a> {
    /// `text` is empty or begins with `;`. `None` if a name is missing, a quote stays open, or there are
    /// more than 100; one `;` too many at the end is let pass, because phones send it.
    pub fn parse(text: &'a str) -> Option<Params<'a>> {
        let text = text.trim_ascii();
        let text = text.strip_suffix(';').unwrap_or(text);
        if text.is_empty() {
            return Some(Params(""));
        }
        let list = text.strip_prefix(';').filter(|list| !list.is_empty())?;
        let params = Params(list);
        let mut count = 0;
        let whole = params.iter().all(|(name, value)| {
            count += 1;
            count <= PARAMS_MAX && !name.is_empty() && is_whole(value.unwrap_or(""))
        });
        whole.then_some(params)
    }

    /// A value and what stands behind its first `;`, such as `refresher` in `1800;refresher=uac`.
    pub fn split(text: &'a str) -> (&'a str, Params<'a>) {
        match find_outside(text, b';') {
            Some(at) => (text[..at].trim_ascii(), Params::parse(&text[at..]).unwrap_or_default()),
            None => (text.trim_ascii(), Params::default()),
        }
    }

    pub fn has(&self, name: &str) -> bool {
        self.iter().any(|(each, _)| each.eq_ignore_ascii_case(name))
    }

    /// Without its quotes; `None` if the parameter is missing or has no value.
    pub fn value(&self, name: &str) -> Option<&'a str> {
        self.iter().find(|(each, _)| each.eq_ignore_ascii_case(name)).and_then(|(_, value)| value).map(bare)
    }

    /// Names and values as written, quotes included.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> + use<'a> {
        split_outside(self.0, b';').map(|piece| match find_outside(piece, b'=') {
            Some(at) => (piece[..at].trim_ascii(), Some(piece[at + 1..].trim_ascii())),
            None => (piece.trim_ascii(), None),
        })
    }

    /// Whether what an answer adds would be too much for whoever reads by the same rules.
    pub fn are_crowded(&self) -> bool {
        let most = PARAMS_MAX - ADDED_MAX;
        // Each takes two letters at least, with its separator, so that few are ever counted.
        self.0.len() >= 2 * most && self.iter().count() > most
    }

    /// As written, without the first `;`.
    pub fn text(&self) -> &'a str {
        self.0
    }
}

fn bare(value: &str) -> &str {
    value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value)
}

fn is_whole(value: &str) -> bool {
    !value.starts_with('"') || closing_quote(value) == Some(value.len() - 1)
}

/// Up to here it is quicker to look at each byte than to make ready to look at many.
const SHORT: usize = 32;

/// Where `sought` is first; it is ASCII. Most of reading is this, and `str::find` is many times slower on short texts.
pub(super) fn find(text: &str, sought: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    if bytes.len() <= SHORT { bytes.iter().position(|byte| *byte == sought) } else { memchr::memchr(sought, bytes) }
}

/// What stands before and behind the first `sought`.
pub(super) fn cut(text: &str, sought: u8) -> Option<(&str, &str)> {
    let at = find(text, sought)?;
    Some((&text[..at], &text[at + 1..]))
}

/// What stands before the first `sought`, and the rest with it.
pub(super) fn cut_before(text: &str, sought: u8) -> (&str, &str) {
    text.split_at(find(text, sought).unwrap_or(text.len()))
}

/// Where the quoted string that opens `text` closes.
pub(super) fn closing_quote(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'"' => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The first `sought` that is neither quoted nor between `<` and `>`.
pub(super) fn find_outside(text: &str, sought: u8) -> Option<usize> {
    let bytes = text.as_bytes();
    // Nearly always nothing is quoted.
    let plain = memchr::memchr3(sought, b'"', b'<', bytes)?;
    if bytes[plain] == sought {
        return Some(plain);
    }
    let (mut at, mut angle) = (0, false);
    while at < bytes.len() {
        match bytes[at] {
            byte if byte == sought && !angle => return Some(at),
            b'"' if !angle => at += closing_quote(&text[at..])?,
            b'<' => angle = true,
            b'>' => angle = false,
            _ => {}
        }
        at += 1;
    }
    None
}

/// The pieces between separators that are neither quoted nor between `<` and `>`; nothing for an empty text.
pub(super) fn split_outside(text: &str, separator: u8) -> impl Iterator<Item = &str> {
    let mut rest = (!text.is_empty()).then_some(text);
    std::iter::from_fn(move || {
        let whole = rest?;
        let end = find_outside(whole, separator);
        rest = end.map(|at| &whole[at + 1..]);
        Some(&whole[..end.unwrap_or(whole.len())])
    })
}
