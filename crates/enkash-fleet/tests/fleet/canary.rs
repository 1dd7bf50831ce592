//! A canary: nothing secret and nobody's name is in what a database keeps, in what can be printed, or in a log.

use std::{
    fmt::Write as _,
    io,
    sync::{Arc, Mutex},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use enkash::token::TokenStore;
use enkash_fleet::{Fleet, FleetKeys};
use tracing_subscriber::{filter::LevelFilter, fmt::MakeWriter};

use crate::{
    login_server::{LoginServer, PASSWORD, Rejection},
    on_servers_of_their_own,
    place::{
        Account, CLIENT_ID, CLIENT_SECRET, KEY, NEXT_KEY, OTHER_KEY, Place, Server, USERNAME, WRONG_PASSWORD, builder,
        fleet_at,
    },
};

on_servers_of_their_own!(no_secret_is_kept_printed_or_logged);

/// In the address of a database, which lets everybody in.
const DATABASE_PASSWORD: &str = "database-password-5671432904";

/// What must not be found, in whatever case: as it is, in hexadecimal digits, and in Base64 wherever in a text it begins.
struct Needles(Vec<(String, Vec<u8>)>);

impl Needles {
    fn of(secrets: &[Vec<u8>]) -> Self {
        let forms = secrets.iter().flat_map(|secret| {
            let name = String::from_utf8_lossy(secret).into_owned();
            forms_of(secret)
                .into_iter()
                .map(move |form| (name.clone(), form.to_ascii_lowercase()))
        });
        Self(forms.collect())
    }

    /// The first one in these bytes.
    fn find_in(&self, content: &[u8]) -> Option<&str> {
        let mut beginnings = vec![false; 1 << 16];
        let beginning =
            |bytes: &[u8]| usize::from(bytes[0].to_ascii_lowercase()) << 8 | usize::from(bytes[1].to_ascii_lowercase());
        for (_, form) in &self.0 {
            beginnings[beginning(form)] = true;
        }
        for (at, pair) in content.windows(2).enumerate() {
            if !beginnings[beginning(pair)] {
                continue;
            }
            let is_here = |form: &Vec<u8>| {
                content
                    .get(at..at + form.len())
                    .is_some_and(|here| here.eq_ignore_ascii_case(form))
            };
            if let Some((name, _)) = self.0.iter().find(|(_, form)| is_here(form)) {
                return Some(name);
            }
        }
        None
    }
}

fn forms_of(secret: &[u8]) -> Vec<Vec<u8>> {
    let hex = secret.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let base64 = |skipped: usize| {
        let whole = (secret.len() - skipped) / 3 * 3;
        BASE64_STANDARD.encode(&secret[skipped..skipped + whole]).into_bytes()
    };
    vec![secret.to_vec(), hex.into_bytes(), base64(0), base64(1), base64(2)]
}

/// All that is kept: what the server says of its content, and its files.
fn kept(place: &Place) -> Vec<Vec<u8>> {
    match &place.server {
        #[cfg(feature = "postgres")]
        Server::Postgres { database, own } => {
            let files = own.as_ref().unwrap().files().map(|file| file.content);
            std::iter::once(database.dump()).chain(files).collect()
        }
        #[cfg(feature = "redis")]
        Server::Redis(server) => vec![server.dump()],
    }
}

/// Writes a text into the database, as the canary fears it.
fn plant(place: &Place, text: &str) {
    match &place.server {
        #[cfg(feature = "postgres")]
        Server::Postgres { database, .. } => {
            database.query(&format!("INSERT INTO enkash.fleet VALUES ('planted', '{text}'::bytea)"));
            database.query("DELETE FROM enkash.fleet WHERE name = 'planted'");
        }
        #[cfg(feature = "redis")]
        Server::Redis(server) => {
            server.query(&["SET", "planted", text]);
            server.query(&["DEL", "planted"]);
        }
    }
}

/// All that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

async fn no_secret_is_kept_printed_or_logged(place: Place) {
    let server = LoginServer::start();
    let (log, url) = (Log::default(), with_password(&place));
    let logged = log.clone();
    let printed = std::thread::scope(|scope| {
        let life = scope.spawn(|| {
            let subscriber = tracing_subscriber::fmt()
                .with_max_level(LevelFilter::TRACE)
                .with_writer(logged)
                .finish();
            let _guard = tracing::subscriber::set_default(subscriber);
            // All of it runs on this thread, and so into this log.
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(life_of_a_fleet(&url, &server))
        });
        life.join().unwrap()
    });
    let logged = log.0.lock().unwrap().clone();
    assert!(String::from_utf8_lossy(&logged).contains("enkash"), "nothing is logged");

    let needles = Needles::of(&secrets(&server));
    assert_eq!(needles.find_in(printed.as_bytes()), None, "{printed}");
    assert_eq!(needles.find_in(&logged), None, "{}", String::from_utf8_lossy(&logged));
    for content in kept(&place) {
        assert_eq!(needles.find_in(&content), None);
    }

    // It would have found them, in every form.
    for form in forms_of(PASSWORD.as_bytes()) {
        for text in [form.to_ascii_uppercase(), form.to_ascii_lowercase()] {
            let text = String::from_utf8(text).unwrap();
            assert_eq!(needles.find_in(format!("before{text}after").as_bytes()), Some(PASSWORD));
        }
    }
    plant(&place, &format!("a {PASSWORD}"));
    assert!(
        kept(&place)
            .iter()
            .any(|content| needles.find_in(content) == Some(PASSWORD))
    );
}

fn with_password(place: &Place) -> String {
    match &place.server {
        #[cfg(feature = "postgres")]
        Server::Postgres { .. } => place
            .url
            .replace("postgres@", &format!("postgres:{DATABASE_PASSWORD}@")),
        #[cfg(feature = "redis")]
        Server::Redis(_) => place.url.clone(),
    }
}

fn secrets(server: &LoginServer) -> Vec<Vec<u8>> {
    let texts = [
        PASSWORD,
        WRONG_PASSWORD,
        USERNAME,
        CLIENT_ID,
        CLIENT_SECRET,
        DATABASE_PASSWORD,
    ];
    let keys = [KEY, NEXT_KEY, OTHER_KEY];
    let mut secrets: Vec<_> = texts.iter().chain(&keys).map(|text| text.as_bytes().to_vec()).collect();
    secrets.extend(keys.iter().map(|key| BASE64_STANDARD.decode(key).unwrap()));
    assert_eq!(server.tokens().len(), 3);
    secrets.extend(server.tokens().into_iter().map(String::into_bytes));
    secrets
}

/// Logins, a token that is given up, rejections of both kinds, a change of the key, and everything that goes wrong. Returns what a
/// program could print of it.
async fn life_of_a_fleet(url: &str, server: &LoginServer) -> String {
    let mut printed = String::new();
    let account = Account::at(server);
    let wrong = account.clone().with_password(WRONG_PASSWORD);
    let in_doubt = account
        .clone()
        .with_password("another-wrong-password")
        .of_user("another");
    for keys in [KEY.to_owned(), format!("{NEXT_KEY}\n{KEY}")] {
        let fleet = fleet_at(url, &keys);
        let client = builder(&fleet, &account).build().unwrap();
        client.access_token().await.unwrap();
        client.refresh_now().await.unwrap();
        server.reject_by(Rejection::NO);
        let rejected = builder(&fleet, &wrong).build().unwrap();
        note(&mut printed, &rejected.access_token().await.unwrap_err());
        server.reject_by(Rejection::FORBIDDEN);
        let refused = builder(&fleet, &in_doubt).build().unwrap();
        note(&mut printed, &refused.access_token().await.unwrap_err());
        let kept = fleet.token_store().load(client.identity()).await.unwrap();
        let types = (
            &fleet,
            fleet.strike_ledger(),
            fleet.token_store(),
            fleet.check().await.unwrap(),
        );
        write!(
            printed,
            "{types:?} {kept:?} {client:?} {:?} {}",
            client.identity(),
            fleet.place()
        )
        .unwrap();
        write!(printed, "{:?}", FleetKeys::parse(&keys).unwrap()).unwrap();
    }

    let other = fleet_at(url, OTHER_KEY);
    note(&mut printed, &other.check().await.unwrap_err());
    let client = builder(&other, &account).build().unwrap();
    note(&mut printed, &client.access_token().await.unwrap_err());
    note(&mut printed, &client.query_state().await.unwrap_err());
    note(
        &mut printed,
        &other.token_store().load(client.identity()).await.unwrap_err(),
    );
    for wrong_url in [
        format!("http://user:{DATABASE_PASSWORD}@127.0.0.1/x"),
        format!("{url}?sslmode={DATABASE_PASSWORD}"),
        DATABASE_PASSWORD.to_owned(),
    ] {
        note(
            &mut printed,
            &Fleet::new(&wrong_url, FleetKeys::parse(KEY).unwrap()).unwrap_err(),
        );
    }
    for wrong_keys in [PASSWORD.to_owned(), format!("{KEY}\n{KEY}"), format!("{KEY}{NEXT_KEY}")] {
        note(&mut printed, &FleetKeys::parse(&wrong_keys).unwrap_err());
    }
    // Where nobody is.
    let away = format!("postgresql://user:{DATABASE_PASSWORD}@127.0.0.1:1/x");
    if let Ok(fleet) = Fleet::new(&away, FleetKeys::parse(KEY).unwrap()) {
        note(&mut printed, &fleet.check().await.unwrap_err());
    }
    printed
}

/// An error, with all that is behind it.
fn note(printed: &mut String, error: &dyn std::error::Error) {
    write!(printed, "{error} {error:?}").unwrap();
    let mut source = error.source();
    while let Some(error) = source {
        write!(printed, " {error}").unwrap();
        source = error.source();
    }
    printed.push('\n');
}
