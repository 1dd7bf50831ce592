//! Many processes that log in to one account at once, and one after the other, at a server that takes no login any more. The
//! API locks an account with the third failure in a row; what counts here is how many it could have counted.

use std::{fs, path::PathBuf, process::Command};

use serde_json::Value;

use crate::{
    login_server::{LoginServer, Reply},
    support::{CommandResult, Running, TemporaryFolder, enkash},
};

const AT_ONCE: usize = 20;
const IN_A_ROW: usize = 5;

/// What a password that was changed may be answered with, by the API or by a gateway before it.
const REJECTIONS: [Reply; 16] = [
    Reply(401, "application/json", r#"{"error":"invalid_grant"}"#),
    Reply(401, "application/json", r#"{"message":"Unauthorized"}"#),
    Reply(
        400,
        "application/json",
        r#"{"response_code":1,"response_message":"Bad credentials"}"#,
    ),
    Reply(401, "text/html", "<html>Unauthorized</html>"),
    Reply(401, "text/plain", ""),
    Reply(400, "text/html", "<html>Bad Request</html>"),
    Reply(403, "application/json", r#"{"message":"Forbidden"}"#),
    Reply(403, "application/json", r#"{"error":"invalid_grant"}"#),
    Reply(404, "text/html", "<html>Not Found</html>"),
    Reply(423, "application/json", r#"{"message":"Locked"}"#),
    Reply(302, "text/html", ""),
    Reply(200, "application/json", r#"{"code":1,"message":"Invalid credentials"}"#),
    Reply(200, "application/json", r#"{"error":"Invalid credentials"}"#),
    Reply(
        200,
        "application/json",
        r#"{"response_code":401,"response_message":"FAILURE"}"#,
    ),
    Reply(200, "application/json", "{}"),
    Reply(200, "text/html", "<html>Please sign in</html>"),
];

/// A program that is installed once, and run again and again.
struct Installation {
    folder: TemporaryFolder,
    url: String,
    arguments: &'static [&'static str],
}

impl Installation {
    fn at(server: &LoginServer) -> Self {
        let folder = TemporaryFolder::new();
        folder.write("certificate.pem", CERTIFICATE);
        Self {
            folder,
            url: server.url(),
            arguments: &["token"],
        }
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn command(&self) -> Command {
        let mut command = enkash(self.arguments);
        command.env("ENKASH_STATE_DIR", self.state());
        for name in [
            "PARTNER_ID",
            "CLIENT_ID",
            "CLIENT_SECRET",
            "COMPANY_ID",
            "CARD_ACCOUNT_ID",
        ] {
            command.env(format!("ENKASH_{name}"), "CEK1PU9AOO");
        }
        command
            .env("ENKASH_USERNAME", "9000000001")
            .env("ENKASH_PASSWORD", "a-password")
            .env("ENKASH_BASE_URL", &self.url)
            // Reading the certificates of the machine takes most of the time of a run.
            .env("SSL_CERT_FILE", self.folder.path().join("certificate.pem"))
            .env("SSL_CERT_DIR", self.folder.path());
        command
    }

    fn run(&self) -> CommandResult {
        self.command().output().unwrap().into()
    }

    /// Runs side by side: the server answers when all have been started.
    fn run_at_once(&self, server: &LoginServer, runs: usize) -> Vec<CommandResult> {
        server.hold();
        let running: Vec<_> = (0..runs).map(|_| Running::start(self.command())).collect();
        server.wait_for_a_log_in();
        server.release();
        running.into_iter().map(Running::ended).collect()
    }

    fn forget_token(&self) {
        fs::remove_file(self.state().join("tokens.json")).unwrap();
    }

    /// The pause of the last failure is over: an hour goes by in the ledger.
    fn an_hour_later(&self) {
        fn shift(value: &mut Value) {
            match value {
                Value::Object(fields) => {
                    if let Some(began) = fields.get_mut("began") {
                        *began = (began.as_u64().unwrap() - 3_600_000).into();
                    }
                    fields.values_mut().for_each(shift);
                }
                Value::Array(values) => values.iter_mut().for_each(shift),
                _ => {}
            }
        }
        let path = self.state().join("strikes.json");
        let mut strikes = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        shift(&mut strikes);
        fs::write(&path, strikes.to_string()).unwrap();
    }
}

#[test]
fn credentials_that_worked_spend_two_strikes_at_the_most_however_they_are_rejected() {
    for rejection in REJECTIONS {
        let server = LoginServer::start();
        let installation = Installation::at(&server);
        let ended = installation.run();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        installation.forget_token();
        server.answer(rejection);

        let ended = installation.run_at_once(&server, AT_ONCE);
        assert!(
            ended.iter().all(|ended| matches!(ended.code, Some(5 | 6))),
            "{rejection:?}: {ended:?}"
        );
        for _ in 0..IN_A_ROW {
            assert!(matches!(installation.run().code, Some(5 | 6)), "{rejection:?}");
        }
        assert_eq!(server.rejected(), 1, "{rejection:?}");
        // When the pause is over one more is sent; the third, which would lock the account, never is.
        for _ in 0..3 {
            installation.an_hour_later();
            installation.run();
        }
        assert!(server.rejected() <= 2, "{rejection:?}: {}", server.rejected());
        let ended = installation.run();
        assert_eq!(ended.code, Some(5), "{rejection:?}: {ended:?}");
        assert!(ended.stderr.contains("`enkash token --reset-strikes`"), "{ended:?}");
        assert_eq!(server.most_in_flight(), 1, "{rejection:?}");
    }
}

#[test]
fn a_token_host_in_trouble_pauses_all_runs_and_holds_nobody_back() {
    let server = LoginServer::start();
    let installation = Installation::at(&server);
    assert_eq!(installation.run().code, Some(0));
    installation.forget_token();
    server.answer(Reply(503, "text/html", "<html>Busy</html>"));
    for round in 1..=4 {
        let ended = installation.run_at_once(&server, 5);
        for ended in &ended {
            assert_eq!(ended.code, Some(6), "{ended:?}");
            assert!(
                ended.stderr.contains("HTTP 503") && ended.stderr.contains("; the next one is sent at 20"),
                "{ended:?}"
            );
        }
        assert_eq!(server.rejected(), round);
        installation.an_hour_later();
    }
    server.answer(LoginServer::TOKEN);
    assert_eq!(installation.run().code, Some(0));
    assert_eq!(server.most_in_flight(), 1);
}

#[test]
fn runs_at_once_share_one_log_in_and_without_a_kept_token_take_turns() {
    let server = LoginServer::start();
    let installation = Installation::at(&server);
    let ended = installation.run_at_once(&server, AT_ONCE);
    assert!(ended.iter().all(|ended| ended.code == Some(0)), "{ended:?}");
    assert_eq!(server.log_ins(), 1);

    let server = LoginServer::start();
    let installation = Installation {
        arguments: &["--no-token-cache", "token"],
        ..Installation::at(&server)
    };
    let ended = installation.run_at_once(&server, 4);
    assert!(ended.iter().all(|ended| ended.code == Some(0)), "{ended:?}");
    assert_eq!((server.log_ins(), server.most_in_flight()), (4, 1));
}

/// Of nobody, and good for nothing but to be read.
pub(crate) const CERTIFICATE: &str = "\
-----BEGIN CERTIFICATE-----
MIIBgjCCASmgAwIBAgIUDOz1Mp1ay6wnXyT1CnLkoS/GIYAwCgYIKoZIzj0EAwIw
FjEUMBIGA1UEAwwLZW5rYXNoLXRlc3QwIBcNMjYxMTI0MTgwNDQ1WhgPMjEyNjEw
MzExODA0NDVaMBYxFDASBgNVBAMMC2Vua2FzaC10ZXN0MFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAESngVyYohhWF/52rKMkpBZbmE3JmjucSnkZuowup5RMtzQsD2
iBNx5VXUYQDTLtnvmShT8/zfbekPHMl0cSauwaNTMFEwHQYDVR0OBBYEFOTxbHI/
sFOwmE5UP7m0zJRov2TlMB8GA1UdIwQYMBaAFOTxbHI/sFOwmE5UP7m0zJRov2Tl
MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgCbRRBcUTnmHCN3SV
A6K9p51EfKd4BLXe6xS/9JIFzZACIElLOcYuBPxeU+dX8C1zoqFC9vrcfyfMH/C7
LLPxJOA3
-----END CERTIFICATE-----
";
