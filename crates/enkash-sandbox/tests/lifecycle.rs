//! Starting and ending: ports, shutting down, dropping, refusing connections, and what the builder refuses.

mod client;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use client::{ACCOUNT, ALLOCATE, Client, TRANSACTIONS, assert_sound, until};
use enkash_sandbox::{
    Operation, Sandbox, SandboxError, Seed,
    seed::{AccountSeed, CompanySeed, LoginSeed, PersonSeed},
};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_dropped_sandbox_is_gone() {
    let sandbox = Sandbox::start().await.unwrap();
    let address = sandbox.address();
    assert!(address.ip().is_loopback());
    TcpStream::connect(address).await.unwrap();
    drop(sandbox);
    let started = std::time::Instant::now();
    while TcpStream::connect(address).await.is_ok() {
        assert!(started.elapsed().as_secs() < 60, "it never went");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn shutting_down_lets_a_call_finish() {
    use enkash_sandbox::{Fault, FaultRule, When};
    let delay = Fault::Delay(Duration::from_millis(200), When::After);
    let sandbox = Sandbox::builder()
        .fault(FaultRule::on(Operation::CreateAllocatePoints, delay))
        .start()
        .await
        .unwrap();
    let address = sandbox.address();
    let client = Client::partner(&sandbox).await;
    let body = client.credit("9000001234", &json!(5), "A");
    let call = tokio::spawn(async move { client.post(ALLOCATE, &body).await });
    until("the call", || sandbox.credits("A") == 1).await;
    sandbox.shutdown().await;
    let (status, body) = call.await.unwrap();
    assert_eq!(
        (status.as_u16(), &body["payload"]["pgReferenceNumber"]),
        (200, &json!("A"))
    );
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn connections_are_refused_until_they_are_accepted_again() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = Client::partner(&sandbox).await;
    let mut open = TcpStream::connect(sandbox.address()).await.unwrap();
    open.write_all(b"GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    let mut answer = [0; 4_096];
    assert_ne!(open.read(&mut answer).await.unwrap(), 0);
    sandbox.refuse_connections().await;
    sandbox.refuse_connections().await;
    // Long before the sandbox gives up an idle connection of its own accord.
    let end = tokio::time::timeout(Duration::from_secs(10), open.read(&mut answer));
    assert_eq!(end.await.expect("an open connection is closed").unwrap(), 0);
    let error = TcpStream::connect(sandbox.address()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    sandbox.accept_connections().await;
    sandbox.accept_connections().await;
    assert_eq!(client.post(ACCOUNT, &client.account()).await.0, 200);
    assert_sound(&sandbox);
}

#[tokio::test]
async fn a_port_can_be_chosen_and_is_refused_when_it_is_taken() {
    let first = Sandbox::start().await.unwrap();
    let error = Sandbox::builder()
        .port(first.address().port())
        .start()
        .await
        .unwrap_err();
    assert!(matches!(error, SandboxError::Bind { .. }), "{error}");
}

#[tokio::test]
async fn other_machines_are_let_in_only_where_that_is_said() {
    let everywhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let error = Sandbox::builder().bind(everywhere).start().await.unwrap_err();
    assert!(matches!(error, SandboxError::NotLoopback(_)), "{error}");
    let sandbox = Sandbox::builder()
        .bind_beyond_loopback(everywhere, ["sandbox.example".to_owned()])
        .start()
        .await
        .unwrap();
    let port = sandbox.address().port();
    let http = enkash_api::http_client_builder().no_proxy().build().unwrap();
    for (host, status) in [("sandbox.example", 200), ("other.example", 403)] {
        let request = http
            .get(format!("http://127.0.0.1:{port}/_sandbox/clock"))
            .header("host", format!("{host}:{port}"));
        assert_eq!(request.send().await.unwrap().status(), status, "{host}");
    }
}

#[tokio::test]
async fn the_same_number_gives_the_same_ids_and_two_sandboxes_share_nothing() {
    let (one, two) = (Sandbox::start().await.unwrap(), Sandbox::start().await.unwrap());
    let (client_one, client_two) = (Client::partner(&one).await, Client::partner(&two).await);
    let card_one = client_one.give("9000001234", 1.0, "A").await.1["payload"].clone();
    assert_eq!(two.credits("A"), 0);
    let card_two = client_two.give("9000001234", 1.0, "A").await.1["payload"].clone();
    assert_eq!(card_one, card_two);
    let other = Sandbox::builder().rng_seed(2).start().await.unwrap();
    let card_other = Client::partner(&other).await.give("9000001234", 1.0, "A").await.1["payload"].clone();
    assert_ne!(card_one["enKashCardId"], card_other["enKashCardId"]);
}

#[tokio::test]
async fn the_seed_is_the_world() {
    let seed = Seed::small()
        .account_balance(7)
        .person(PersonSeed::new("9000004321").first_name("Isha").balance(3));
    let sandbox = Sandbox::builder().seed(seed).start().await.unwrap();
    assert_eq!(sandbox.account_balance(), 7.into());
    let client = Client::partner(&sandbox).await;
    assert_eq!(
        client.take("9000004321", 3.0, "A").await.1["payload"]["firstName"],
        "Isha"
    );
    assert_eq!(sandbox.account_balance(), 10.into());
    assert_sound(&sandbox);

    let company = CompanySeed::new("CEK0OTHER0", "Others", "CRM0OTHER")
        .login(LoginSeed::partner("9000000800", "other-password"))
        .login(LoginSeed::holder("9000000801", "other-password", "9000000801"))
        .account(AccountSeed::new("CA0OTHER1", 50).person(PersonSeed::new("9000000801").balance(5)));
    let sandbox = Sandbox::builder()
        .seed(Seed::small().company(company))
        .start()
        .await
        .unwrap();
    let mut client = Client::new(&sandbox);
    client.to = sandbox.credentials_of("9000000800").unwrap().clone();
    let (_, token) = client.login("9000000800", "other-password").await;
    client.token = token["access_token"].as_str().unwrap().to_owned();
    assert_eq!(client.take("9000000801", 5.0, "A").await.1["payload"]["otbBalance"], 0);
    client.to.card_account_id = sandbox.credentials().card_account_id.clone();
    assert_eq!(
        client.take("9000000801", 5.0, "B").await.0,
        404,
        "another company's account is not there"
    );
    assert_sound(&sandbox);

    let twice = Seed::small().person(PersonSeed::new(client::HOLDER));
    let error = Sandbox::builder().seed(twice).start().await.unwrap_err();
    assert!(matches!(error, SandboxError::Seed(_)), "{error}");
}

#[tokio::test]
async fn what_is_kept_is_bounded_and_the_sums_stay_right() {
    let sandbox = Sandbox::builder()
        .max_transactions(3)
        .max_calls(2)
        .start()
        .await
        .unwrap();
    let client = Client::partner(&sandbox).await;
    for number in 0..8 {
        client.give("9000001234", 1.5, &format!("R{number}")).await;
    }
    assert_eq!((sandbox.transactions().len(), sandbox.log().len()), (3, 2));
    assert_eq!((sandbox.credits("R4"), sandbox.credits("R5")), (0, 1));
    assert_eq!(
        sandbox.calls(Operation::CreateAllocatePoints),
        8,
        "calls are counted all the same"
    );
    assert_eq!(
        client.post(TRANSACTIONS, &client.account()).await.1["payload"]["recordsCount"],
        3
    );
    assert_eq!(sandbox.card_balance("9000001234"), Some(12.into()));
    assert_sound(&sandbox);
}

#[test]
fn credentials_serialise_whole_and_print_without_secrets() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let sandbox = runtime.block_on(Sandbox::start()).unwrap();
    let to = sandbox.credentials();
    let line = serde_json::to_value(to).unwrap();
    let names = [
        "url",
        "client_id",
        "client_secret",
        "username",
        "password",
        "partner_id",
        "company_id",
        "card_account_id",
    ];
    assert_eq!(line.as_object().unwrap().len(), names.len());
    assert!(
        names
            .iter()
            .all(|name| line[name].as_str().is_some_and(|value| !value.is_empty())),
        "{line}"
    );
    assert_eq!(to.client_secret.len(), 40);
    assert_eq!(sandbox.credentials_of(&to.username), Some(to));
    assert_eq!(sandbox.credentials_of(client::HOLDER).unwrap().username, client::HOLDER);
    assert_eq!(sandbox.credentials_of("nobody"), None);
    let announced: serde_json::Value = serde_json::from_str(&sandbox.announcement()).unwrap();
    assert!(names.iter().all(|name| announced[name] == line[name]), "{announced}");
    assert_eq!(
        announced["stated_paths"]["searchCatalog"],
        "POST /api/v0/sandbox/search-catalog"
    );
    let shown = format!("{to:?}");
    assert!(
        !shown.contains(&to.client_secret) && !shown.contains(&to.password),
        "{shown}"
    );
}

/// Until a process that is being started runs its own program, it has a copy of the socket that listens.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_that_closes_while_processes_are_started_is_not_lost() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let sandbox = Sandbox::start().await.unwrap();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    assert!(std::process::Command::new("true").status().unwrap().success());
                }
            });
        }
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                for _ in 0..500 {
                    sandbox.refuse_connections().await;
                    sandbox.accept_connections().await;
                }
            });
        });
        is_over.store(true, Ordering::Relaxed);
    });
    TcpStream::connect(sandbox.address()).await.unwrap();
}
