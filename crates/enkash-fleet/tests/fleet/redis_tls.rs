//! TLS to Redis: who shows a certificate that the machine trusts is told the password, and nobody else.

use std::{
    env,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Command, Stdio},
};

use enkash_fleet::{Error, Fleet, FleetKeys};
use enkash_test_servers::redis::RedisServer;

use crate::place::KEY;

/// Makes the test the process that trusts the certificate: what a process trusts is settled when it starts.
const TRUSTS: &str = "ENKASH_TEST_TRUSTS_REDIS_AT";

async fn check(url: &str) -> Result<(), Error> {
    let fleet = Fleet::new(url, FleetKeys::parse(KEY).unwrap()).unwrap();
    fleet.check().await.map(drop)
}

/// Made anew for each run, because a key that lies in a repository is one that everybody has.
fn make_certificate(folder: &Path) {
    let mut openssl = Command::new("openssl");
    openssl.current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    openssl.args(["req", "-x509", "-newkey", "ed25519", "-nodes", "-days", "2"]);
    openssl.args([
        "-keyout",
        "key.pem",
        "-out",
        "certificate.pem",
        "-subj",
        "/CN=synthetic",
    ]);
    openssl.args([
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-addext",
        "basicConstraints=CA:FALSE",
    ]);
    let made = openssl.status().expect("the program `openssl` is needed for this test");
    assert!(made.success());
}

#[tokio::test]
async fn a_server_is_told_the_password_if_the_machine_trusts_it() {
    if let Ok(url) = env::var(TRUSTS) {
        check(&url).await.unwrap();
        // The certificate is that of the address alone.
        let other_name = check(&url.replace("127.0.0.1", "localhost")).await.unwrap_err();
        assert!(other_name.to_string().contains("certificate"), "{other_name}");
        return;
    }
    let Some(server) = RedisServer::start() else { return };
    // A Redis may have been built without.
    if server.query(&["CONFIG", "GET", "tls-port"]).is_empty() {
        return;
    }
    let folder = server.query(&["CONFIG", "GET", "dir"]);
    let folder = Path::new(folder.lines().nth(1).unwrap());
    make_certificate(folder);
    // Of those that the system gives to no connection on its own, so it stays free until Redis takes it.
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let start = 20_000 + (std::process::id() % 9_000) as u16;
    let free = SocketAddr::from(([127, 0, 0, 1], (start..).find(free).unwrap()));
    let port = free.port().to_string();
    let files = [
        "tls-cert-file",
        "certificate.pem",
        "tls-key-file",
        "key.pem",
        "tls-auth-clients",
        "no",
    ];
    server.query(&[&["CONFIG", "SET"], &files[..], &["tls-port", &port]].concat());
    let url = format!("rediss://:{}@{free}/0", server.password());

    let error = check(&url).await.unwrap_err();
    assert!(
        error.is_unavailable() && error.to_string().contains("certificate"),
        "{error}"
    );
    assert!(!error.to_string().contains(server.password()));

    let mut trusts = Command::new(env::current_exe().unwrap());
    trusts.args([
        "--exact",
        "redis_tls::a_server_is_told_the_password_if_the_machine_trusts_it",
    ]);
    trusts
        .env(TRUSTS, url)
        .env("SSL_CERT_FILE", folder.join("certificate.pem"));
    let output = trusts.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}
