//! SIP messages as the tests' own client reads them: text, taken apart plainly.

/// One whole message.
#[derive(Clone, Debug)]
pub struct Message {
    pub start: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Message {
    pub fn parse(text: &str) -> Option<Message> {
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let start = lines.next()?.to_owned();
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
            .collect();
        Some(Message { start, headers, body: body.to_owned() })
    }

    /// The status of a response.
    pub fn code(&self) -> Option<u16> {
        self.start.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }

    /// The method of a request.
    pub fn method(&self) -> Option<&str> {
        self.code().is_none().then(|| self.start.split(' ').next().unwrap_or_default())
    }

    pub fn value(&self, name: &str) -> &str {
        self.values(name).next().unwrap_or_default()
    }

    pub fn values<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let name = name.to_owned();
        self.headers
            .iter()
            .filter(move |(header, _)| header.eq_ignore_ascii_case(&name))
            .map(|(_, value)| value.as_str())
    }

    /// What stands between `<` and `>` of Contact.
    pub fn contact(&self) -> String {
        let value = self.value("Contact");
        let from = value.find('<').map_or(0, |at| at + 1);
        value[from..].split('>').next().unwrap_or_default().to_owned()
    }
}

/// A parameter of a header such as `nonce="…"` or `qop=auth`.
pub fn parameter(header: &str, name: &str) -> Option<String> {
    let words = header.split_once(' ')?.1.split(',');
    words
        .filter_map(|word| word.trim().split_once('='))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim_matches('"').to_owned())
}

/// Length of the first whole message in a stream, once it is there.
pub fn whole(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let length: usize = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length") || name.eq_ignore_ascii_case("l"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .unwrap_or(0);
    (bytes.len() >= head + length).then_some(head + length)
}
