//! JSON as documentation pages print it: in the order of the page, with numbers as they are written, and read on past mistakes.
//!
//! The page reader and the command's JSON files come through here. Every mistake is told with its line; what cannot be read is
//! left out and never guessed.

/// Deeper than any body, and shallow enough for the stack.
const MAX_DEPTH: usize = 32;
/// More values than any example has.
const MAX_VALUES: usize = 5_000;
/// After as many mistakes the text is no JSON.
const MAX_FAULTS: usize = 20;

/// A value, in the order in which it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it is written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

/// What could be read.
#[derive(Debug)]
pub struct Reading {
    /// The value; `None` where nothing could be read.
    pub value: Option<Json>,
    /// The mistakes, each with its line.
    pub faults: Vec<Fault>,
    /// Whether the text was read to its end.
    pub complete: bool,
}

/// A mistake in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong and what was made of it.
    pub message: String,
}

/// Reads a text that begins in this line of its file.
#[must_use]
pub fn read(text: &str, first_line: usize) -> Reading {
    let mut reader = Reader {
        text: text.trim_start_matches('\u{feff}').chars().collect(),
        at: 0,
        line: first_line,
        values: 0,
        faults: Vec::new(),
        is_stopped: false,
    };
    let value = reader.value(0);
    if !reader.is_stopped {
        reader.space();
        if reader.peek().is_some() {
            reader.fault("more stands after the end of the value, and is left out");
        }
    }
    Reading {
        value,
        complete: !reader.is_stopped,
        faults: reader.faults,
    }
}

struct Reader {
    text: Vec<char>,
    at: usize,
    line: usize,
    values: usize,
    faults: Vec<Fault>,
    /// Whether the rest is not read.
    is_stopped: bool,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn starts_with(&self, word: &str) -> bool {
        word.chars()
            .eq(self.text[self.at..].iter().copied().take(word.chars().count()))
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += 1;
        self.line += usize::from(next == '\n');
        Some(next)
    }

    fn fault(&mut self, message: impl Into<String>) {
        self.faults.push(Fault {
            line: self.line,
            message: message.into(),
        });
        self.is_stopped |= self.faults.len() >= MAX_FAULTS;
    }

    fn stop(&mut self, message: impl Into<String>) {
        if !self.is_stopped {
            self.fault(message);
            self.is_stopped = true;
        }
    }

    /// Passes blanks, comments and the dots of what a page leaves out.
    fn space(&mut self) {
        loop {
            match self.peek() {
                Some(next) if next.is_whitespace() || next == '\u{a0}' => {
                    self.next();
                }
                Some('/') if self.starts_with("//") => {
                    self.fault("a comment, which is left out");
                    while self.peek().is_some_and(|next| next != '\n') {
                        self.next();
                    }
                }
                Some('.' | '…') => {
                    self.fault("dots stand for what the page leaves out");
                    while matches!(self.peek(), Some('.' | '…')) {
                        self.next();
                    }
                }
                _ => return,
            }
        }
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        self.space();
        self.values += 1;
        if depth > MAX_DEPTH || self.values > MAX_VALUES {
            self.stop(format!(
                "more than {MAX_DEPTH} levels or {MAX_VALUES} values: the rest is not read"
            ));
        }
        if self.is_stopped {
            return None;
        }
        match self.peek() {
            None => {
                self.stop("it ends before a value");
                None
            }
            Some('{') => Some(self.object(depth)),
            Some('[') => Some(self.list(depth)),
            Some(next) if is_quote(next) => self.text().map(Json::Text),
            Some(next) if next.is_ascii_digit() || next == '-' => Some(self.number()),
            Some(_) => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Json {
        self.next();
        let mut members: Vec<(String, Json)> = Vec::new();
        while self.goes_on('}', members.is_empty()) {
            let Some(key) = self.key() else { break };
            let Some(value) = self.value(depth + 1) else { break };
            if members.iter().any(|(known, _)| *known == key) {
                self.fault(format!("`{key}` stands here a second time, and the first is taken"));
            } else {
                members.push((key, value));
            }
        }
        Json::Object(members)
    }

    fn list(&mut self, depth: usize) -> Json {
        self.next();
        let mut items = Vec::new();
        while self.goes_on(']', items.is_empty()) {
            let Some(value) = self.value(depth + 1) else { break };
            items.push(value);
        }
        Json::List(items)
    }

    /// Passes what stands between two entries; `false` behind the last one.
    fn goes_on(&mut self, close: char, is_first: bool) -> bool {
        let mut commas = 0;
        loop {
            self.space();
            if self.is_stopped {
                return false;
            }
            match self.peek() {
                None => {
                    self.stop(format!("it ends before `{close}`: the rest is not on the page"));
                    return false;
                }
                Some(',') => {
                    self.next();
                    commas += 1;
                    if is_first || commas > 1 {
                        self.fault("a comma too many");
                    }
                }
                Some(next) if next == close => {
                    if commas == 1 && !is_first {
                        self.fault(format!("a comma before `{close}`"));
                    }
                    self.next();
                    return false;
                }
                Some('}' | ']') => {
                    self.stop(format!("another bracket than `{close}`: the rest is not read"));
                    return false;
                }
                Some(_) => {
                    if commas == 0 && !is_first {
                        self.fault("a comma is missing before this");
                    }
                    return true;
                }
            }
        }
    }

    fn key(&mut self) -> Option<String> {
        let key = match self.peek() {
            Some(next) if is_quote(next) => self.text()?,
            Some(next) if next.is_alphanumeric() || next == '_' => {
                let key = self.take(|next| next.is_alphanumeric() || matches!(next, '_' | '-'));
                self.fault(format!("`{key}` has no quotes"));
                key
            }
            _ => {
                self.stop("no key can be read here: the rest is not read");
                return None;
            }
        };
        self.space();
        match self.peek() {
            Some(':') => {
                self.next();
            }
            Some(_) => self.fault(format!("a colon is missing after `{key}`")),
            None => {
                self.stop(format!("it ends after `{key}`: the rest is not on the page"));
                return None;
            }
        }
        Some(key)
    }

    fn text(&mut self) -> Option<String> {
        let open = self.next()?;
        if open != '"' {
            self.fault(format!("the quote {open} is not that of JSON"));
        }
        let mut text = String::new();
        loop {
            match self.next() {
                None => {
                    self.stop("it ends inside a text, which is left out with the rest");
                    return None;
                }
                Some('\n') => {
                    self.line -= 1;
                    self.fault("a text is not closed in its line, and is taken up to the end of that");
                    self.line += 1;
                    return Some(text.trim_end().trim_end_matches(',').to_owned());
                }
                Some('\\') => self.escape(&mut text),
                Some(next) if closes(open, next) => return Some(text),
                Some(next) => text.push(next),
            }
        }
    }

    fn escape(&mut self, text: &mut String) {
        match self.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('u') => {
                let digits: String = self.text[self.at..].iter().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4);
                let found = code.and_then(char::from_u32);
                if found.is_none() {
                    self.fault("\\u is no character, and is left out");
                }
                self.at += if code.is_some() { 4 } else { 0 };
                text.extend(found);
            }
            Some(next @ ('"' | '\\' | '/')) => text.push(next),
            Some(next) => {
                self.fault(format!("\\{next} means nothing in JSON"));
                text.push(next);
            }
            None => {}
        }
    }

    fn number(&mut self) -> Json {
        let text = self.take(|next| next.is_ascii_digit() || matches!(next, '-' | '+' | '.' | 'e' | 'E'));
        if serde_json::from_str::<serde_json::Number>(&text).is_ok() {
            return Json::Number(text);
        }
        self.fault(format!("{text} is not a number of JSON, and is taken as a text"));
        Json::Text(text)
    }

    fn word(&mut self) -> Option<Json> {
        let word = self.take(|next| !next.is_whitespace() && !matches!(next, ',' | '}' | ']' | '{' | '['));
        match word.as_str() {
            "true" => Some(Json::Bool(true)),
            "false" => Some(Json::Bool(false)),
            "null" => Some(Json::Null),
            "" => {
                self.stop("no value can be read here: the rest is not read");
                None
            }
            other => {
                self.fault(format!("`{other}` is no value of JSON, and is taken as null"));
                Some(Json::Null)
            }
        }
    }

    fn take(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(next) = self.peek().filter(|next| belongs(*next)) {
            self.next();
            taken.push(next);
        }
        taken
    }
}

fn is_quote(next: char) -> bool {
    matches!(next, '"' | '\'' | '“' | '”' | '‘' | '’')
}

fn closes(open: char, next: char) -> bool {
    match open {
        '“' | '”' => matches!(next, '“' | '”'),
        '‘' | '’' => matches!(next, '‘' | '’'),
        same => next == same,
    }
}

#[cfg(test)]
mod tests;
