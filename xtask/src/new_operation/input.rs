//! What is known of an operation before anything is written: from a page or from two files of JSON, and from the arguments.
//!
//! The plan reads it. Everything is bounded here: the size of a file, the length of a path and of a name.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use heck::ToLowerCamelCase;

use super::json::{self, Json, Reading};
use super::page::{self, Page, Row};

/// A page is text of a few screens.
const MAX_BYTES: u64 = 1024 * 1024;
const MAX_PATH: usize = 200;
const MAX_ID: usize = 60;
const MAX_ROWS: usize = 500;
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/// What was typed.
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    /// A page, or one or two files of JSON.
    pub from: Vec<PathBuf>,
    /// The operationId.
    pub id: Option<String>,
    /// The tag.
    pub tag: Option<String>,
    /// The method.
    pub method: Option<String>,
    /// The path.
    pub path: Option<String>,
    /// The page's id.
    pub page_id: Option<String>,
}

/// An example that could be read.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its value.
    pub value: Json,
    /// Whether the page shows all of it.
    pub complete: bool,
    /// The lines of the page that are no JSON.
    pub broken_lines: Vec<usize>,
    /// The HTTP status of a response.
    pub status: Option<u16>,
}

/// What is known of the operation.
#[derive(Debug)]
pub struct Input {
    /// The operationId.
    pub id: String,
    /// In upper case.
    pub method: String,
    /// `None` where nobody knows it.
    pub path: Option<String>,
    /// Whether the page states method and path.
    pub is_path_of_page: bool,
    /// The tag, where it is named.
    pub tag: Option<String>,
    /// The section of the navigation.
    pub navigation: Option<String>,
    /// The page's title.
    pub title: Option<String>,
    /// The page's id.
    pub page_id: Option<String>,
    /// Whether a page was read, and not JSON alone.
    pub is_page: bool,
    /// Whether the page lists errors of its own.
    pub lists_errors: bool,
    /// Whether the request's body is an HTML form, and not JSON.
    pub is_form: bool,
    /// Rows of parameters.
    pub parameters: Vec<Row>,
    /// Rows of the request's body.
    pub request_rows: Vec<Row>,
    /// Rows of the response.
    pub response_rows: Vec<Row>,
    /// The request.
    pub request: Option<Example>,
    /// The response on success.
    pub response: Option<Example>,
    /// What could not be read, each with its place.
    pub faults: Vec<String>,
    /// What a person has to read on the page.
    pub questions: Vec<String>,
}

/// Reads what the arguments name.
///
/// # Errors
///
/// A file cannot be read or is too large, or something is missing that nothing can stand in for.
pub fn read(arguments: &Arguments) -> Result<Input> {
    let files = files(&arguments.from)?;
    let is_json = |path: &PathBuf| {
        path.extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
    };
    let (json_files, pages): (Vec<_>, Vec<_>) = files.into_iter().partition(is_json);
    let mut found = match (json_files.as_slice(), pages.as_slice()) {
        ([], [page]) => of_page(page)?,
        ([_] | [_, _], []) => of_json(&json_files)?,
        _ => bail!(
            "--from takes one page, or a request and a response: --from page.md, or --from request.json+response.json, of which one \
             may be missing"
        ),
    };
    complete(&mut found, arguments)?;
    Ok(found)
}

/// Each file by itself: `a.json+b.json` names two.
fn files(typed: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in typed {
        match path.to_str() {
            Some(text) if text.contains('+') && !path.exists() => files.extend(text.split('+').map(PathBuf::from)),
            _ => files.push(path.clone()),
        }
    }
    ensure!(!files.is_empty(), "--from names no file");
    Ok(files)
}

fn text(path: &Path) -> Result<String> {
    let shown = path.display();
    let file = File::open(path).with_context(|| format!("{shown} cannot be read"))?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("{shown} cannot be read"))?;
    ensure!(
        bytes.len() as u64 <= MAX_BYTES,
        "{shown} is larger than 1 MiB: is it the page of one operation?"
    );
    let text = String::from_utf8(bytes)
        .ok()
        .with_context(|| format!("{shown} is not UTF-8: save it as UTF-8"))?;
    Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n"))
}

fn empty(is_page: bool) -> Input {
    Input {
        id: String::new(),
        method: String::new(),
        path: None,
        is_path_of_page: false,
        tag: None,
        navigation: None,
        title: None,
        page_id: None,
        is_page,
        lists_errors: false,
        is_form: false,
        parameters: Vec::new(),
        request_rows: Vec::new(),
        response_rows: Vec::new(),
        request: None,
        response: None,
        faults: Vec::new(),
        questions: Vec::new(),
    }
}

fn of_page(path: &Path) -> Result<Input> {
    let shown = path.display().to_string().replace('\\', "/");
    let page = page::read(&text(path)?);
    let mut input = empty(true);
    input.faults = page
        .faults
        .iter()
        .map(|(line, fault)| format!("{shown}:{line}: {fault}"))
        .collect();
    for (line, words) in [
        (
            page.errors_line,
            "the page lists errors: they are not taken over; write what they say into the evidence of errors",
        ),
        (
            page.contradictions_line,
            "the page contradicts itself in its own words: read them, and write what a caller should know",
        ),
    ] {
        input
            .questions
            .extend(line.map(|line| format!("{shown}:{line}: {words}")));
    }
    let Page {
        parameters,
        request,
        response,
        examples,
        ..
    } = page;
    for (rows, name) in [
        (&parameters, "parameters"),
        (&request, "request"),
        (&response, "response"),
    ] {
        ensure!(
            rows.len() <= MAX_ROWS,
            "{shown}: more than {MAX_ROWS} rows in the tables of the {name}: is it one operation?"
        );
    }
    for example in examples {
        let is_failure = example.status.is_some_and(|status| !(200..300).contains(&status));
        let side = if example.is_response {
            &mut input.response
        } else {
            &mut input.request
        };
        if side.is_some() || is_failure {
            input.questions.push(format!(
                "{shown}:{}: one more example, which is not taken over: add it to `seen` if it shows something else",
                example.line
            ));
            continue;
        }
        let reading = json::read(&example.text, example.line);
        input.faults.extend(
            reading
                .faults
                .iter()
                .map(|fault| format!("{shown}:{}: {}", fault.line, fault.message)),
        );
        *side = usable(reading, !example.is_cut, example.status);
        if side.is_none() {
            input.faults.push(format!(
                "{shown}:{}: this example is no object and no list, and is left out",
                example.line
            ));
        }
    }
    input.is_form = page.is_form;
    input.lists_errors = page.errors_line.is_some();
    input.is_path_of_page = page.path.is_some() && page.method.is_some();
    (input.title, input.method, input.path) = (page.title, page.method.unwrap_or_default(), page.path);
    (input.page_id, input.navigation) = (page.page_id, page.navigation);
    (input.parameters, input.request_rows, input.response_rows) = (parameters, request, response);
    Ok(input)
}

fn of_json(files: &[PathBuf]) -> Result<Input> {
    let mut input = empty(false);
    for path in files {
        let shown = path.display().to_string().replace('\\', "/");
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().to_lowercase())
            .unwrap_or_default();
        let side = match (name.contains("request"), name.contains("response")) {
            (true, false) => &mut input.request,
            (false, true) => &mut input.response,
            _ => bail!(
                "{shown}: its name says neither `request` nor `response`: name the files request.json and response.json"
            ),
        };
        ensure!(side.is_none(), "{shown}: two files for one side");
        let reading = json::read(&text(path)?, 1);
        input.faults.extend(
            reading
                .faults
                .iter()
                .map(|fault| format!("{shown}:{}: {}", fault.line, fault.message)),
        );
        *side = usable(reading, true, None);
        ensure!(
            side.is_some(),
            "{shown}: no object and no list could be read in it: {}",
            input.faults.join("; ")
        );
    }
    Ok(input)
}

/// An example that is a body: an object or a list.
fn usable(reading: Reading, is_whole: bool, status: Option<u16>) -> Option<Example> {
    let value = reading
        .value
        .filter(|value| matches!(value, Json::Object(_) | Json::List(_)))?;
    Some(Example {
        value,
        complete: reading.complete && is_whole,
        broken_lines: reading.faults.iter().map(|fault| fault.line).collect(),
        status,
    })
}

/// Adds what was typed, and derives the id.
fn complete(input: &mut Input, arguments: &Arguments) -> Result<()> {
    let typed = arguments.clone();
    if let Some(method) = typed.method {
        input.is_path_of_page &= input.method.eq_ignore_ascii_case(&method);
        input.method = method.to_uppercase();
    }
    ensure!(
        !input.method.is_empty(),
        "the method is not known: give --method GET, or another one"
    );
    ensure!(
        METHODS.contains(&input.method.as_str()),
        "{}: no method of the API: {} are",
        input.method,
        METHODS.join(", ")
    );
    if let Some(path) = typed.path {
        input.is_path_of_page &= input.path.as_deref() == Some(&path);
        input.path = Some(path);
    }
    input.path.as_deref().map_or(Ok(()), check_path)?;
    input.tag = typed.tag;
    input.page_id = typed.page_id.or(input.page_id.take());
    if let Some(page_id) = &input.page_id {
        let fits = page_id.len() <= 40 && page_id.chars().all(|next| next.is_ascii_alphanumeric() || next == '-');
        ensure!(fits, "{page_id}: not an id of a page, such as api-9796905");
    }
    let title = input
        .title
        .as_deref()
        .map(|title| title.split('(').next().unwrap_or(title).to_lower_camel_case());
    let remedy = "give --id, a camelCase name such as getRewardLimits";
    input.id = typed
        .id
        .or(title)
        .filter(|id| !id.is_empty())
        .with_context(|| format!("the page has no title: {remedy}"))?;
    let id = &input.id;
    let is_name = id.starts_with(|next: char| next.is_ascii_lowercase())
        && id.chars().all(|next| next.is_ascii_alphanumeric())
        && *id == id.to_lower_camel_case();
    ensure!(
        is_name && id.len() <= MAX_ID,
        "{id}: not a camelCase name of at most {MAX_ID} letters: {remedy}"
    );
    Ok(())
}

fn check_path(path: &str) -> Result<()> {
    ensure!(
        path.len() <= MAX_PATH,
        "the path is longer than {MAX_PATH} characters: give it with --path"
    );
    let fits = path.starts_with('/')
        && path
            .chars()
            .all(|next| next.is_ascii_alphanumeric() || matches!(next, '/' | '{' | '}' | '_' | '-' | '.'));
    ensure!(
        fits,
        "{path}: not a path such as /api/v0/cart/{{cartId}}: give it with --path"
    );
    Ok(())
}
