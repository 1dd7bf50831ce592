//! Where the database is, from its URL: which server and database, and whether the way there must be encrypted. Nothing of the
//! URL but hosts and database is ever shown, for the rest of it is a login.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use tokio_postgres::config::{Config, Host, SslMode, TargetSessionAttrs};

use crate::error::Error;

const DEFAULT_PORT: u16 = 5432;
/// How long a connection may take, from its name to its settings.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const KEEPALIVE_IDLE: Duration = Duration::from_secs(15);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_RETRIES: u32 = 3;

/// Where a database is, and how connections to it are made.
pub struct Address {
    pub(crate) config: Config,
    pub(crate) place: String,
}

impl Address {
    /// Reads a URL such as `postgresql://USER:PASSWORD@HOST/DATABASE`. Of its parameters it takes `sslmode`, `sslnegotiation`,
    /// `options`, `application_name` and `load_balance_hosts`, and ignores the others.
    ///
    /// The subject is what the database is for: `ledger` makes messages of "the ledger's address", and the application name
    /// `enkash-ledger` where the URL has none.
    ///
    /// # Errors
    ///
    /// Where it is no such URL, names no host or database, or asks for no TLS to another machine. The error repeats nothing of
    /// the URL but hosts and database.
    pub fn parse(url: &str, subject: &str) -> Result<Self, Error> {
        // What the parser says may quote a piece of a password.
        let given: Config = url.parse().map_err(|_| unreadable(subject))?;
        let missing = |what| Error::invalid(format!("the {subject}'s address names no {what}"));
        let database = given.get_dbname().ok_or_else(|| missing("database"))?;
        let (hosts, ports) = (given.get_hosts(), given.get_ports());
        if hosts.is_empty() {
            return Err(missing("host"));
        }
        // A password with a bare `@` or `/` would end up here, and be shown.
        if !hosts.iter().all(is_plain) || !database.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c)) {
            return Err(unreadable(subject));
        }
        if !given.get_hostaddrs().is_empty() || !(ports.len() <= 1 || ports.len() == hosts.len()) {
            return Err(Error::invalid(format!(
                "the {subject}'s address names hosts as hostaddr, or not as many ports as hosts"
            )));
        }
        let hosts: Vec<_> = hosts
            .iter()
            .enumerate()
            .map(|(n, host)| (host, ports.get(n).or(ports.first()).copied().unwrap_or(DEFAULT_PORT)))
            .collect();
        let names: Vec<_> = hosts.iter().map(|(host, port)| shown(host, *port)).collect();
        let place = format!("{}/{database}", names.join(","));
        let must_encrypt = !hosts.iter().all(|(host, _)| is_local(host));
        let mode = match given.get_ssl_mode() {
            SslMode::Disable if must_encrypt => {
                return Err(Error::invalid(format!(
                    "the {subject} {place} must be reached with TLS: sslmode=disable is for loopback addresses and Unix sockets"
                )));
            }
            SslMode::Require => SslMode::Require,
            _ if must_encrypt => SslMode::Require,
            _ => SslMode::Disable,
        };
        let mut config = settings(&given, subject);
        config.dbname(database).ssl_mode(mode);
        for (host, port) in hosts {
            add_host(&mut config, host, port, mode);
        }
        Ok(Self { config, place })
    }

    /// Hosts and database, for messages.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Address")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

fn unreadable(subject: &str) -> Error {
    Error::invalid(format!(
        "the {subject}'s address cannot be read: it is a URL like postgresql://USER:PASSWORD@HOST/DATABASE, with special characters \
         as %XX and sslmode=disable or sslmode=require, if any"
    ))
}

fn is_plain(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.:".contains(c)),
        #[cfg(unix)]
        Host::Unix(path) => !path.to_string_lossy().contains('@'),
    }
}

/// What else a URL may choose, and the limits of every wait.
fn settings(given: &Config, subject: &str) -> Config {
    let mut config = Config::new();
    if let Some(user) = given.get_user() {
        config.user(user);
    }
    if let Some(password) = given.get_password() {
        config.password(password);
    }
    if let Some(options) = given.get_options() {
        config.options(options);
    }
    match given.get_application_name() {
        Some(name) => config.application_name(name),
        None => config.application_name(format!("enkash-{subject}")),
    };
    config
        .ssl_negotiation(given.get_ssl_negotiation())
        .load_balance_hosts(given.get_load_balance_hosts())
        .target_session_attrs(TargetSessionAttrs::ReadWrite)
        .connect_timeout(CONNECT_TIMEOUT)
        .keepalives(true)
        .keepalives_idle(KEEPALIVE_IDLE)
        .keepalives_interval(KEEPALIVE_INTERVAL)
        .keepalives_retries(KEEPALIVE_RETRIES)
        .tcp_user_timeout(KEEPALIVE_IDLE + KEEPALIVE_INTERVAL * KEEPALIVE_RETRIES);
    config
}

fn add_host(config: &mut Config, host: &Host, port: u16, mode: SslMode) {
    match host {
        // Without TLS the name counts for nothing but the addresses that it stands for.
        Host::Tcp(name) if is_localhost(name) && mode == SslMode::Disable => {
            for address in [Ipv4Addr::LOCALHOST.to_string(), Ipv6Addr::LOCALHOST.to_string()] {
                config.host(address).port(port);
            }
        }
        Host::Tcp(name) => {
            config.host(name).port(port);
        }
        #[cfg(unix)]
        Host::Unix(path) => {
            config.host_path(path).port(port);
        }
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => is_localhost(name) || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

fn is_localhost(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost")
}

fn shown(host: &Host, port: u16) -> String {
    let name = match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(path) => path.display().to_string(),
    };
    match port {
        DEFAULT_PORT => name,
        port => format!("{name}:{port}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_another_host_is_always_encrypted() {
        for (url, mode) in [
            ("postgresql://u:p@db.example/money", SslMode::Require),
            ("postgresql://u:p@db.example/money?sslmode=prefer", SslMode::Require),
            ("postgresql://u:p@127.0.0.1,db.example/money", SslMode::Require),
            ("postgresql://u:p@localhost.example/money", SslMode::Require),
            ("postgresql://u:p@10.0.0.1/money", SslMode::Require),
            ("postgresql://u:p@127.0.0.2/money", SslMode::Disable),
            ("postgresql://u:p@[::1]/money", SslMode::Disable),
            ("postgresql://u:p@LOCALHOST/money", SslMode::Disable),
            #[cfg(unix)]
            ("postgresql://u:p@%2Frun%2Fpostgresql/money", SslMode::Disable),
            ("postgresql://u:p@127.0.0.1/money?sslmode=require", SslMode::Require),
        ] {
            let address = Address::parse(url, "ledger").unwrap_or_else(|error| panic!("{url}: {error}"));
            assert_eq!(address.config.get_ssl_mode(), mode, "{url}");
        }
    }

    #[test]
    fn tls_cannot_be_switched_off_for_another_host() {
        for host in ["db.example", "127.0.0.1,db.example", "192.168.0.4"] {
            let error = Address::parse(
                &format!("postgresql://zoe:s3cret@{host}/money?sslmode=disable"),
                "ledger",
            )
            .err();
            let error = error.expect("it is refused").to_string();
            assert!(error.contains("must be reached with TLS"), "{error}");
            assert!(!error.contains("s3cret") && !error.contains("zoe"), "{error}");
        }
    }

    #[test]
    fn localhost_without_tls_is_a_loopback_address_whatever_it_resolves_to() {
        let address = Address::parse("postgresql://localhost:5433/money", "ledger").unwrap();
        let hosts = address.config.get_hosts();
        assert_eq!(hosts, [Host::Tcp("127.0.0.1".to_owned()), Host::Tcp("::1".to_owned())]);
        assert_eq!(address.config.get_ports(), [5433, 5433]);
    }

    #[test]
    fn an_address_shows_its_host_and_database_and_nothing_else() {
        let address = Address::parse(
            "postgresql://zoe:s3cret@db.example:6000,other.example:5432/money",
            "ledger",
        )
        .unwrap();
        assert_eq!(address.place, "db.example:6000,other.example/money");
    }

    #[test]
    fn an_address_that_cannot_be_read_is_not_repeated() {
        for url in [
            "postgresql://zoe:pass@s3word@db.example/money",
            "postgresql://zoe:pass@s3word/rest@db.example/money",
            "postgresql://zoe:pass@/s3word@db.example/money",
            "postgresql://zoe:s3cret@db.example",
            "postgresql://zoe:s3cret@/money",
            "postgresql://zoe:s3cret@db.example/money?sslmode=s3cret",
            "s3cret",
            "",
        ] {
            let error = Address::parse(url, "ledger").expect_err(url);
            assert!(error.is_invalid_input(), "{url}: {error}");
            assert!(
                !error.to_string().contains("s3") && !error.to_string().contains("zoe"),
                "{error}"
            );
        }
    }
}
