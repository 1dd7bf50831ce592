//! Where a Redis is, from its URL: the way there, the database, and the login. Nothing of the URL but host, port and database is ever
//! shown, for the rest of it is a login. What is not known here is refused: a part that is overlooked may be one that was to protect.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    path::{Path, PathBuf},
};

use percent_encoding::percent_decode_str;
use redis::{ProtocolVersion, RedisConnectionInfo};
use url::Url;
use zeroize::Zeroizing;

use crate::error::Error;

const DEFAULT_PORT: u16 = 6379;
/// More is no address.
const MAX_URL: usize = 4096;
/// No server has more databases by far.
const MAX_DATABASE: u16 = 9999;

/// Where a Redis is, and how connections to it are made.
pub(crate) struct Address {
    pub(super) way: Way,
    database: u16,
    user: Option<String>,
    password: Option<Zeroizing<String>>,
    place: String,
}

/// The way to a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Encrypted {
        host: String,
        port: u16,
    },
    /// Addresses of this machine, to be tried one after the other.
    Loopback {
        addresses: Vec<IpAddr>,
        port: u16,
    },
    Socket(PathBuf),
}

impl Address {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > MAX_URL || text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(unreadable());
        }
        // What the parser says may quote a piece of a password.
        let url = Url::parse(text).map_err(|_| unreadable())?;
        // `#insecure` is a word of other clients: it switches the check of the certificate off.
        if url.fragment().is_some() {
            return Err(unreadable());
        }
        match url.scheme() {
            "rediss" | "redis" => Self::by_host(&url),
            "redis+unix" | "unix" => Self::by_socket(&url),
            _ => Err(unreadable()),
        }
    }

    fn by_host(url: &Url) -> Result<Self, Error> {
        if url.query().is_some() {
            return Err(Error::invalid(
                "the fleet's address takes no parameters for a Redis at a host: the login and the database stand before them, as in \
                 rediss://USER:PASSWORD@HOST/0",
            ));
        }
        let host = url.host_str().filter(|host| !host.is_empty() && is_plain(host));
        let host = host.ok_or_else(unreadable)?;
        let port = url.port().unwrap_or(DEFAULT_PORT);
        let database = database(url.path().strip_prefix('/').unwrap_or_default())?;
        let shown = match port {
            DEFAULT_PORT => host.to_owned(),
            port => format!("{host}:{port}"),
        };
        let place = format!("{shown}/{database}");
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        let way = if url.scheme() == "rediss" {
            let host = bare.to_owned();
            Way::Encrypted { host, port }
        } else {
            let addresses = loopback(bare).ok_or_else(|| {
                Error::invalid(format!(
                    "the fleet's Redis {place} must be reached with TLS: redis:// is for loopback addresses, rediss:// for all others"
                ))
            })?;
            Way::Loopback { addresses, port }
        };
        let user = decoded(url.username())?;
        let password = url.password().map(decoded).transpose()?.unwrap_or_default();
        Self::new(way, database, user, password, place)
    }

    /// As the crate `redis` takes it: the login and the database are parameters.
    fn by_socket(url: &Url) -> Result<Self, Error> {
        let is_bare = url.host_str().is_none_or(str::is_empty) && url.username().is_empty() && url.password().is_none();
        let path = decoded(url.path())?;
        // A password in the wrong place would end up here, and be shown.
        if !cfg!(unix) || !is_bare || !path.starts_with('/') || path.contains('@') {
            return Err(unreadable());
        }
        let (mut user, mut password, mut number) = (String::new(), String::new(), String::new());
        for (name, value) in url.query_pairs() {
            let parameter = match &*name {
                "user" => &mut user,
                "pass" => &mut password,
                "db" => &mut number,
                _ => {
                    return Err(Error::invalid(
                        "the fleet's address takes user, pass and db as parameters for a Redis at a socket, and no others",
                    ));
                }
            };
            value.as_ref().clone_into(parameter);
        }
        let database = database(&number)?;
        let place = format!("{path}/{database}");
        Self::new(
            Way::Socket(Path::new(&path).to_owned()),
            database,
            user,
            password,
            place,
        )
    }

    fn new(way: Way, database: u16, user: String, password: String, place: String) -> Result<Self, Error> {
        // The driver would leave out a user who has no password, and come as another one.
        if password.is_empty() && !user.is_empty() {
            return Err(Error::invalid(format!(
                "the fleet's address {place} names a user and no password"
            )));
        }
        Ok(Self {
            way,
            database,
            user: Some(user).filter(|user| !user.is_empty()),
            password: Some(password)
                .filter(|password| !password.is_empty())
                .map(Zeroizing::new),
            place,
        })
    }

    /// Host, port and database, for messages.
    pub(crate) fn place(&self) -> &str {
        &self.place
    }

    /// How a connection is set up. It says nothing of this library: a user need not be permitted to.
    pub(super) fn login(&self) -> RedisConnectionInfo {
        let mut login = RedisConnectionInfo::default()
            .set_db(i64::from(self.database))
            .set_protocol(ProtocolVersion::RESP2)
            .set_skip_set_lib_name();
        if let Some(user) = &self.user {
            login = login.set_username(user);
        }
        if let Some(password) = &self.password {
            login = login.set_password(password.as_str());
        }
        login
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

fn unreadable() -> Error {
    Error::invalid(
        "the fleet's address cannot be read: for a Redis it is a URL like rediss://USER:PASSWORD@HOST/0 or \
         redis+unix:///run/redis.sock?pass=PASSWORD, with special characters as %XX",
    )
}

fn is_plain(host: &str) -> bool {
    host.chars().all(|c| c.is_ascii_alphanumeric() || "_-.:[]".contains(c))
}

fn database(number: &str) -> Result<u16, Error> {
    if number.is_empty() {
        return Ok(0);
    }
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    let number = number
        .parse()
        .ok()
        .filter(|number| is_number && *number <= MAX_DATABASE);
    number.ok_or_else(unreadable)
}

/// `None` for another machine. Without TLS a name counts for nothing but the addresses that it stands for.
fn loopback(host: &str) -> Option<Vec<IpAddr>> {
    if host.eq_ignore_ascii_case("localhost") {
        return Some(vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]);
    }
    let address: IpAddr = host.parse().ok()?;
    address.is_loopback().then(|| vec![address])
}

fn decoded(text: &str) -> Result<String, Error> {
    let text = percent_decode_str(text).decode_utf8().map_err(|_| unreadable())?;
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Address {
        Address::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    #[test]
    fn the_way_to_another_host_is_always_encrypted() {
        for (url, host, port) in [
            ("rediss://u:p@db.example/0", "db.example", 6379),
            ("rediss://u:p@db.example:6380", "db.example", 6380),
            ("rediss://u:p@127.0.0.1/", "127.0.0.1", 6379),
            ("rediss://[2001:db8::1]:7000/1", "2001:db8::1", 7000),
        ] {
            let host = host.to_owned();
            assert_eq!(parse(url).way, Way::Encrypted { host, port }, "{url}");
        }
        for host in [
            "db.example",
            "10.0.0.1:6380",
            "localhost.example",
            "[2001:db8::1]",
            "0.0.0.0",
        ] {
            let error = Address::parse(&format!("redis://zoe:s3cret@{host}/7")).expect_err(host);
            let said = error.to_string();
            assert!(
                error.is_invalid_input() && said.contains("must be reached with TLS"),
                "{said}"
            );
            assert!(said.contains(&format!("{host}/7")), "{said}");
            assert!(!said.contains("s3cret") && !said.contains("zoe"), "{said}");
        }
    }

    #[test]
    fn without_tls_a_name_is_a_loopback_address_whatever_it_resolves_to() {
        let (v4, v6) = (Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into());
        for (url, addresses) in [
            ("redis://LOCALHOST:7000", vec![v4, v6]),
            ("redis://u:p@127.0.0.1:7000/3", vec![v4]),
            ("redis://[::1]:7000", vec![v6]),
        ] {
            assert_eq!(parse(url).way, Way::Loopback { addresses, port: 7000 }, "{url}");
        }
    }

    #[test]
    fn a_login_is_taken_as_it_was_encoded_and_never_shown() {
        for url in [
            "rediss://z%6Fe:s3%2F%40cret@db.example:6380/2",
            "redis+unix:///run/redis.sock?user=z%6Fe&pass=s3%2F%40cret&db=2",
            "unix:///run/redis.sock?db=2&pass=s3%2F@cret&user=zoe",
        ] {
            let address = parse(url);
            let login = address.login();
            assert_eq!((login.username(), login.password()), (Some("zoe"), Some("s3/@cret")));
            assert_eq!(login.db(), 2);
            let shown = format!("{address:?} {}", address.place());
            assert!(!shown.contains("zoe") && !shown.contains("s3"), "{shown}");
        }
        assert_eq!(parse("rediss://:p@db.example:6380/2").place(), "db.example:6380/2");
        assert_eq!(parse("unix:///run/redis.sock?pass=p").place(), "/run/redis.sock/0");
        assert_eq!(parse("redis://:p@127.0.0.1").login().username(), None);
    }

    #[test]
    fn what_is_not_known_is_refused_and_not_repeated() {
        for url in [
            "rediss://zoe:s3cret@db.example/0#insecure",
            "rediss://zoe:s3cret@db.example/0?protocol=resp3",
            "rediss://zoe:12?s3cret@db.example/0",
            "rediss://zoe:pass/s3cret@db.example/0",
            "rediss://zoe:12/s3cret@db.example/0",
            "rediss://zoe:s3cret@db.example/s3cret",
            "rediss://zoe:s3cret@db.example/+1",
            "rediss://zoe:s3cret@db.example/70000",
            "rediss://zoe:s3cret@/0",
            "rediss://zoe:s3cret@s3%20cret/0",
            "rediss://zoe@db.example/0",
            "rediss://zoe:s3cret@db.example/0\n",
            "valkeys://zoe:s3cret@db.example/0",
            "unix://zoe:s3cret@/run/redis.sock",
            "unix:///zoe:s3cret@/run/redis.sock",
            "unix:s3cret",
            "unix:///run/redis.sock?password=s3cret&pass=s3cret",
            "unix:///run/redis.sock?pass=s3cret&db=s3cret",
            "rediss:s3cret",
            "s3cret",
            "",
        ] {
            let error = Address::parse(url).expect_err(url);
            assert!(error.is_invalid_input(), "{url}: {error}");
            let said = error.to_string();
            assert!(!said.contains("s3") && !said.contains("zoe"), "{url}: {said}");
        }
        let long = format!("rediss://:{}@db.example", "p".repeat(MAX_URL));
        Address::parse(&long).unwrap_err();
    }
}
