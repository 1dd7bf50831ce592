//! Which requests leave the recorder. A web page must not reach the API through it (it sends an Origin, or has another Host), and
//! no login may pass under another name: it would be one that nobody counts.

use std::net::SocketAddr;

use http::{HeaderMap, Method, StatusCode, header, request::Parts};

use super::response::Refusal;

/// The path of logins.
const LOGIN: &str = "/oauth/token";
/// A segment that makes a path one of logins.
const LOGIN_SEGMENT: &str = "oauth";
/// Fields that only a login has.
const LOGIN_FIELDS: [&str; 4] = ["client_secret", "grant_type", "passwd", "password"];

/// What a request may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestKind {
    Login,
    Call,
}

/// The checks, which know the recorder's own address.
pub(super) struct RequestCheck {
    own_hosts: [String; 2],
}

impl RequestCheck {
    pub(super) fn new(address: SocketAddr) -> Self {
        let port = address.port();
        Self {
            own_hosts: [format!("127.0.0.1:{port}"), format!("localhost:{port}")],
        }
    }

    /// What the request is, or why it stays here.
    pub(super) fn head(&self, parts: &Parts) -> Result<RequestKind, Refusal> {
        let refuse = |status, reason| Err(Refusal::new(status, reason));
        if parts.method == Method::CONNECT {
            return refuse(
                StatusCode::METHOD_NOT_ALLOWED,
                "CONNECT: this is no proxy for other hosts",
            );
        }
        if parts.uri.scheme().is_some() || parts.uri.authority().is_some() || !parts.uri.path().starts_with('/') {
            return refuse(
                StatusCode::BAD_REQUEST,
                "the target must be a path: this is no proxy for other hosts",
            );
        }
        if !self.is_own_host(&parts.headers) {
            return refuse(StatusCode::FORBIDDEN, "the Host is not the recorder's own address");
        }
        if !self.is_own_origin(&parts.headers) {
            return refuse(StatusCode::FORBIDDEN, "requests of web pages are refused");
        }
        if !is_plain_path(parts.uri.path()) {
            let reason = "the path has an empty or a dotted segment, or a character that may be read in two ways";
            return refuse(StatusCode::BAD_REQUEST, reason);
        }
        let scheme = authorization_scheme(&parts.headers)?;
        let is_login = parts.uri.path() == LOGIN && parts.method == Method::POST && parts.uri.query().is_none();
        match (is_login, scheme.as_deref()) {
            (true, Some("basic")) => Ok(RequestKind::Login),
            (true, _) => refuse(
                StatusCode::BAD_REQUEST,
                "a login has the client id and secret as HTTP Basic",
            ),
            (false, None | Some("bearer")) if !has_login_segment(parts.uri.path()) => Ok(RequestKind::Call),
            (false, None | Some("bearer")) => refuse(
                StatusCode::FORBIDDEN,
                "this may be a login, which can be counted as POST /oauth/token only",
            ),
            (false, _) => refuse(
                StatusCode::FORBIDDEN,
                "a call has a bearer token: other credentials cannot be counted",
            ),
        }
    }

    fn is_own_host(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return false;
        };
        self.own_hosts.iter().any(|own| host.as_bytes() == own.as_bytes())
    }

    fn is_own_origin(&self, headers: &HeaderMap) -> bool {
        let origins = headers.get_all(header::ORIGIN).iter();
        origins.map(http::HeaderValue::as_bytes).all(|origin| {
            let host = origin.strip_prefix(b"http://");
            host.is_some_and(|host| self.own_hosts.iter().any(|own| host == own.as_bytes()))
        })
    }
}

/// A body that could log in stays here, wherever it goes: three such calls would lock the account, and nobody counts them.
pub(super) fn body(body: &[u8]) -> Result<(), Refusal> {
    let is_login_field = |name: &str| LOGIN_FIELDS.contains(&name.to_ascii_lowercase().as_str());
    let json = serde_json::from_slice::<serde_json::Value>(body).ok();
    let has_login_field = match &json {
        Some(serde_json::Value::Object(fields)) => fields.keys().any(|name| is_login_field(name)),
        Some(_) => false,
        None => form_urlencoded::parse(body).any(|(name, _)| is_login_field(&name)),
    };
    if has_login_field {
        let reason = "the body has a field of a login, which can be counted as POST /oauth/token only";
        return Err(Refusal::new(StatusCode::FORBIDDEN, reason));
    }
    Ok(())
}

/// The scheme of the one `Authorization`, in lower case.
fn authorization_scheme(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (first, second) = (values.next(), values.next());
    if second.is_some() {
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "there are two Authorization headers",
        ));
    }
    Ok(first.map(|value| {
        let text = String::from_utf8_lossy(value.as_bytes());
        text.split(' ').next().unwrap_or_default().to_ascii_lowercase()
    }))
}

/// Whether every reader of this path sees the same segments in it: no segment is empty but the last, none is a dot or two, and
/// nothing that is escaped separates, ends or dots a segment.
fn is_plain_path(path: &str) -> bool {
    let mut segments = path[1..].split('/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        if (segment.is_empty() && !is_last) || segment == "." || segment == ".." {
            return false;
        }
        let mut bytes = segment.bytes();
        while let Some(byte) = bytes.next() {
            let is_plain = byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,=:@".contains(&byte);
            if is_plain {
                continue;
            }
            let escaped = [bytes.next(), bytes.next()];
            let [Some(high), Some(low)] = escaped.map(|digit| char::from(digit.unwrap_or_default()).to_digit(16))
            else {
                return false;
            };
            let escaped = high * 16 + low;
            if byte != b'%' || escaped < 0x20 || b"/\\.;?#%".iter().any(|special| u32::from(*special) == escaped) {
                return false;
            }
            // A letter is escaped only to look like something else.
            if char::from_u32(escaped).is_some_and(|character| character.is_ascii_alphanumeric()) {
                return false;
            }
        }
    }
    true
}

fn has_login_segment(path: &str) -> bool {
    path.split('/')
        .any(|segment| segment.eq_ignore_ascii_case(LOGIN_SEGMENT))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn check(request: http::request::Builder) -> Result<RequestKind, StatusCode> {
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let check = RequestCheck::new("127.0.0.1:4010".parse().unwrap());
        check.head(&parts).map_err(|refusal| refusal.status())
    }

    fn call(path: &str) -> http::request::Builder {
        Request::post(path).header("host", "127.0.0.1:4010")
    }

    #[test]
    fn a_call_of_this_machine_leaves_and_one_of_a_web_page_does_not() {
        assert_eq!(
            check(call("/api/v0/cart?x=/oauth/token").header("authorization", "Bearer t")),
            Ok(RequestKind::Call)
        );
        assert_eq!(
            check(call("/api/v0/cart").header("origin", "http://localhost:4010")),
            Ok(RequestKind::Call)
        );
        let forbidden = Err(StatusCode::FORBIDDEN);
        assert_eq!(check(call("/a").header("origin", "https://evil.example")), forbidden);
        assert_eq!(check(call("/a").header("origin", "null")), forbidden);
        assert_eq!(check(Request::get("/a").header("host", "evil.example:4010")), forbidden);
        assert_eq!(check(Request::get("/a").header("host", "127.0.0.1")), forbidden);
        assert_eq!(check(Request::get("/a")), forbidden);
        assert_eq!(check(call("/a").header("host", "127.0.0.1:4010")), forbidden);
        let elsewhere = Request::get("https://evil.example/a").header("host", "127.0.0.1:4010");
        assert_eq!(check(elsewhere), Err(StatusCode::BAD_REQUEST));
        let tunnel = Request::connect("evil.example:443").header("host", "127.0.0.1:4010");
        assert_eq!(check(tunnel), Err(StatusCode::METHOD_NOT_ALLOWED));
        assert_eq!(
            check(Request::options("*").header("host", "127.0.0.1:4010")),
            Err(StatusCode::BAD_REQUEST)
        );
    }

    #[test]
    fn a_login_has_one_spelling() {
        let basic = |path: &str| check(call(path).header("authorization", "Basic eA=="));
        assert_eq!(basic("/oauth/token"), Ok(RequestKind::Login));
        assert!(check(call("/oauth/token")).is_err());
        for path in [
            "/oauth/token/",
            "/OAuth/token",
            "/oauth%2Ftoken",
            "/oauth//token",
            "//oauth/token",
            "/x/../oauth/token",
            "/o%61uth/token",
            "/oauth/token;x",
            "/oauth/token?username=a",
            "/gateway/oauth/token",
            "/oauth%252ftoken",
            "/oauth/check_token",
            "/x/%2e%2e/oauth/token",
            "/api/v0/cart",
            "/oauth\\token",
        ] {
            if path.parse::<http::Uri>().is_ok() {
                assert!(basic(path).is_err(), "{path}");
                let is_call = check(call(path)).is_ok();
                assert_eq!(is_call, path == "/api/v0/cart", "{path}");
            }
        }
        assert!(
            check(
                call("/a")
                    .header("authorization", "Bearer t")
                    .header("authorization", "Basic eA==")
            )
            .is_err()
        );
    }

    #[test]
    fn a_body_that_logs_in_stays_here() {
        for login in [
            "grant_type=password&x=y",
            "x=y&PassWord=1",
            r#"{"password": "x"}"#,
            r#"{"client_secret": 1}"#,
        ] {
            assert!(body(login.as_bytes()).is_err(), "{login}");
        }
        for call in ["", "{}", r#"{"mobile": "password"}"#, "[1]", "<a>"] {
            assert!(body(call.as_bytes()).is_ok(), "{call}");
        }
    }
}
