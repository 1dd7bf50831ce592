//! A canary: every secret and every personal value of a client's life carries a mark, and no mark may show in
//! anything that can be printed, logged or said in a panic, on good scenarios and on bad ones.
//!
//! A process of its own, because it listens to the whole process.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod log_capture;

use std::{error::Error as StdError, fmt::Debug, panic::AssertUnwindSafe, time::Duration};

use enkash::{
    ClientReference, Credentials, Enkash, EnkashBuilder, Error, Hosts, Money, Outcome, Person, Response, UnknownReason,
    config::{CallOptions, RetryPolicy},
    encryption::Encryption,
    rewards::{
        Allocation, AllocationReceipt, BulkAllocation, BulkMode, BulkRow, CardSearch, CheckedPerson, TransactionSearch,
        Unallocation,
    },
};
use enkash_sandbox::{
    Fault, FaultRule, Operation, Sandbox, Seed, Switches, When,
    faults::{Mutation, Mutations, RedirectTo},
    switches::Encryption as Wanted,
};

const CLIENT_SECRET: &str = "canary-client-secret";
const USERNAME: &str = "canary-user@example.com";
const PASSWORD: &str = "canary-password";
const WRONG_PASSWORD: &str = "canary-wrong-password";
const WRONG_KEY: &str = "canary-encryption-key";
const NAME: &str = "Canary Kumari";
const EMAIL: &str = "canary.kumari@example.com";
const MOBILE: &str = "9000077177";
const OTHER_MOBILE: &str = "9000077178";

/// What must not show. Tokens and card numbers join it as the sandbox makes them.
struct SecretMarkers(Vec<String>);

impl SecretMarkers {
    fn of_the_client() -> Self {
        let fixed = [
            CLIENT_SECRET,
            USERNAME,
            PASSWORD,
            WRONG_PASSWORD,
            WRONG_KEY,
            NAME,
            EMAIL,
            MOBILE,
            OTHER_MOBILE,
            // The client secret as it travels: the end of a Basic credential.
            "Y2FuYXJ5LWNsaWVudC1zZWNyZXQ",
            "OmNhbmFyeS1jbGllbnQtc2VjcmV0",
            "Y2FuYXJ5LWNsaWVudC1zZWNyZXQ=",
        ];
        Self(fixed.map(str::to_owned).into())
    }

    fn add(&mut self, mark: &str) {
        assert!(mark.len() >= 4, "{mark:?} would be found everywhere");
        self.0.push(mark.to_owned());
    }

    fn check(&self, text: &str, scenario: &str) {
        for line in text.lines() {
            for mark in &self.0 {
                assert!(
                    !line.contains(mark),
                    "on the scenario of {scenario}, {mark:?} shows in: {line}"
                );
            }
        }
    }
}

async fn sandbox(wanted: Wanted) -> Sandbox {
    let mut seed = Seed::small();
    let company = &mut seed.companies[0];
    company.client_secret = CLIENT_SECRET.to_owned();
    company.logins[0].username = USERNAME.to_owned();
    company.logins[0].password = PASSWORD.to_owned();
    let switches = Switches::new().encryption(wanted);
    Sandbox::builder().seed(seed).switches(switches).start().await.unwrap()
}

fn builder(sandbox: &Sandbox, password: &str) -> EnkashBuilder {
    let to = sandbox.credentials();
    Enkash::builder(Hosts::new(to.url.as_str()))
        .credentials(Credentials::new(
            to.client_id.as_str(),
            to.client_secret.as_str(),
            to.username.as_str(),
            password,
        ))
        .partner_id(to.partner_id.as_str())
        .connect_timeout(Duration::from_millis(150))
        .attempt_timeout(Duration::from_secs(20))
        .retries(RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO))
        // It would write every byte to the log.
        .configure_http(|http| http.connection_verbose(true))
}

fn show(value: &impl Debug) {
    log_capture::note(&format!("{value:?} {value:#?}"));
}

/// An error with its sources, in both forms, and as the message of a panic.
fn show_error(error: &Error) {
    let mut next: Option<&dyn StdError> = Some(error);
    while let Some(error) = next {
        log_capture::note(&format!("{error} {error:?} {error:#?}"));
        next = error.source();
    }
    show(&error.attempts());
    let failed: Result<(), _> = std::hint::black_box(Err(error));
    let unwrap = AssertUnwindSafe(|| failed.expect(log_capture::EXPECTED));
    let _ = std::panic::catch_unwind(unwrap);
}

fn show_outcome<T: Debug>(outcome: &Outcome<T>) {
    show(outcome);
    match outcome {
        Outcome::Refused(error) | Outcome::NotSent(error) => show_error(error),
        Outcome::Unknown(unknown) => {
            show(&unknown.ticket);
            show(&unknown.attempts());
            if let UnknownReason::NoAnswer(error) | UnknownReason::UnclearAnswer(error) = &unknown.reason {
                show_error(error);
            }
        }
        _ => {}
    }
}

fn show_read<T: Debug>(read: Result<Response<T>, Error>) {
    match read {
        Ok(answer) => show(&answer),
        Err(error) => show_error(&error),
    }
}

fn money(text: &str) -> Money {
    text.parse().unwrap()
}

fn person() -> Person {
    Person::new("Ms", NAME, EMAIL, MOBILE, "F").unwrap()
}

fn reference(text: String) -> ClientReference {
    text.parse().unwrap()
}

/// Everything that a client can do, on one scenario. Returns what the person got, where that is known.
async fn live(sandbox: &Sandbox, enkash: &Enkash, scenario: usize) -> Option<AllocationReceipt> {
    let to = sandbox.credentials();
    let rewards = enkash.rewards(to.company_id.as_str(), to.card_account_id.as_str());
    show(enkash);
    show(&rewards);
    show(enkash.token_source());
    if let Err(error) = enkash.token().await {
        show_error(&error);
    }
    show_read(rewards.account().await);

    let allocation = Allocation::for_person(person(), money("5"), reference(format!("A{scenario}")));
    show(&allocation);
    show(&rewards.ticket(&allocation));
    let outcome = rewards.allocate(allocation).await;
    show_outcome(&outcome);
    let given = outcome.done().map(|done| done.value().clone());

    let unallocation = Unallocation::from_person(
        CheckedPerson::assume_checked(person()),
        money("1"),
        reference(format!("U{scenario}")),
    );
    show(&unallocation);
    show_outcome(&rewards.unallocate(unallocation).await);

    let row = BulkRow::new(
        "Mr",
        NAME,
        EMAIL,
        OTHER_MOBILE,
        money("1"),
        reference(format!("B{scenario}")),
    );
    let bulk = BulkAllocation::new(vec![row], BulkMode::ExistingAndNew).unwrap();
    show(&bulk);
    for outcome in rewards.allocate_bulk(bulk).await.rows {
        show_outcome(&outcome);
    }
    show_read(rewards.cards(CardSearch::all()).await);
    show_read(rewards.transactions(TransactionSearch::all()).await);
    if let Some(card) = given.as_ref().and_then(|given| given.card.as_ref()) {
        show_read(enkash.sso().token(rewards.company(), rewards.account_id(), card).await);
    }
    given
}

/// What the sandbox made on a good scenario, and must not show either.
async fn collect(marks: &mut SecretMarkers, sandbox: &Sandbox, enkash: &Enkash, given: &AllocationReceipt) {
    let to = sandbox.credentials();
    let rewards = enkash.rewards(to.company_id.as_str(), to.card_account_id.as_str());
    marks.add(enkash.token_source().access_token().await.unwrap().expose());
    let card = given.card.as_ref().unwrap();
    let sso = enkash
        .sso()
        .token(rewards.company(), rewards.account_id(), card)
        .await
        .unwrap();
    marks.add(sso.value().token().unwrap().expose());
    marks.add(given.masked_number.as_ref().unwrap().expose());
}

const MONEY_MOVED: When = When::After;

fn mutated(mutations: impl IntoIterator<Item = Mutation>) -> Fault {
    Fault::MutatedResponse(Mutations::new(mutations).unwrap(), When::After)
}

/// The API's own words, which name people.
fn own_words() -> impl Iterator<Item = Mutation> {
    let words = format!("\"no account for {NAME}, mobile {MOBILE} or {OTHER_MOBILE}, {EMAIL}\"");
    ["message", "response_message", "payload"]
        .into_iter()
        .map(move |at| Mutation::set(at, words.clone()))
}

/// A person where a code should be.
fn own_codes() -> impl Iterator<Item = Mutation> {
    [("code", NAME), ("response_code", MOBILE)]
        .into_iter()
        .map(|(at, person)| Mutation::set(at, format!("\"{person}\"")))
}

#[tokio::test]
async fn no_secret_or_pii_is_ever_printed() {
    log_capture::open();
    let mut marks = SecretMarkers::of_the_client();
    show(&Credentials::new("CEK1PU9AOO", CLIENT_SECRET, USERNAME, PASSWORD));
    show(&person());
    show(&Encryption::with_key(WRONG_KEY));

    let impatient = CallOptions::new()
        .attempt_timeout(Duration::from_millis(300))
        .attempts(1);
    let faults = [
        None,
        Some(Fault::Reset(When::Before)),
        Some(Fault::Reset(MONEY_MOVED)),
        Some(Fault::TornBody),
        Some(Fault::StalledBody),
        Some(Fault::WrongContentType),
        Some(Fault::BadGateway(MONEY_MOVED)),
        Some(Fault::ServerError(MONEY_MOVED)),
        Some(Fault::Unauthorized(MONEY_MOVED)),
        Some(Fault::Forbidden(When::Before)),
        Some(Fault::TooManyRequests(0)),
        Some(Fault::Redirect(302, RedirectTo::DeadHost, MONEY_MOVED)),
        Some(Fault::OtherReference),
        Some(Fault::DuplicateAnswer),
        Some(Fault::IdleClose),
        Some(mutated([Mutation::text("payload"), Mutation::set("code", "1")])),
        Some(mutated([
            Mutation::text("payload"),
            Mutation::drop("message"),
            Mutation::set("code", "1"),
        ])),
        Some(mutated([
            Mutation::copy("payload", "message"),
            Mutation::set("response_code", "1"),
        ])),
        Some(mutated([
            Mutation::Status(422),
            Mutation::text("payload"),
            Mutation::drop("message"),
        ])),
        Some(mutated([
            Mutation::text("payload"),
            Mutation::drop("code"),
            Mutation::shift("payload", "code"),
        ])),
        Some(mutated([
            Mutation::text("payload"),
            Mutation::drop("message"),
            Mutation::set("code", "1"),
            Mutation::shift("payload", "message"),
        ])),
        Some(mutated([Mutation::shift("payload", "errorResponse")])),
        Some(mutated(
            [("code", "1"), ("response_code", "1")]
                .map(|(code, value)| Mutation::set(code, value))
                .into_iter()
                .chain(own_words()),
        )),
        Some(mutated([Mutation::Status(422)].into_iter().chain(own_words()))),
        Some(mutated([Mutation::Status(422)].into_iter().chain(own_codes()))),
        Some(mutated(own_codes())),
        Some(mutated([Mutation::set(
            "payload.pgReferenceNumber",
            format!("\"{NAME} {MOBILE}\""),
        )])),
    ];
    for wanted in [Wanted::Off, Wanted::Both] {
        let sandbox = sandbox(wanted).await;
        let mut builder = builder(&sandbox, PASSWORD);
        if wanted == Wanted::Both {
            builder = builder.encryption(Encryption::with_client_secret());
        }
        show(&builder);
        let enkash = builder.build().unwrap();
        for (scenario, fault) in faults.iter().enumerate() {
            // A login that fails may be a strike, so the bad scenarios begin after it.
            if let Some(fault) = fault {
                for operation in [
                    Operation::CreateAllocatePoints,
                    Operation::BulkCreateAllocateRewards,
                    Operation::GetRewardAccount,
                    Operation::SearchCards,
                    Operation::SearchTransactions,
                    Operation::CreateSsoToken,
                ] {
                    sandbox.add_fault(FaultRule::on(operation, fault.clone()));
                }
            }
            let today = match fault {
                Some(Fault::StalledBody) => enkash.with_options(impatient).unwrap(),
                _ => enkash.clone(),
            };
            let given = live(&sandbox, &today, scenario).await;
            sandbox.clear_faults();
            if fault.is_none() {
                collect(&mut marks, &sandbox, &enkash, &given.unwrap()).await;
            }
            let heard = log_capture::heard();
            assert!(
                heard.contains("enkash.call") && heard.contains("enkash.attempt"),
                "{heard}"
            );
            marks.check(&heard, &format!("{fault:?} with encryption {wanted}"));
        }
    }

    let wrong_key = sandbox(Wanted::Both).await;
    let enkash = builder(&wrong_key, PASSWORD).encryption(Encryption::with_key(WRONG_KEY));
    live(&wrong_key, &enkash.build().unwrap(), 0).await;
    marks.check(&log_capture::heard(), "the wrong key");

    let wrong_password = sandbox(Wanted::Off).await;
    let enkash = builder(&wrong_password, WRONG_PASSWORD).build().unwrap();
    live(&wrong_password, &enkash, 0).await;
    marks.check(&log_capture::heard(), "the wrong password");

    let nobody = sandbox(Wanted::Off).await;
    nobody.refuse_connections().await;
    live(&nobody, &builder(&nobody, PASSWORD).build().unwrap(), 0).await;
    let heard = log_capture::heard();
    marks.check(&heard, "no connection");

    // The ear is open, and the canary sings.
    log::trace!("{PASSWORD}");
    let _ = std::panic::catch_unwind(|| panic!("{}: {MOBILE}", log_capture::EXPECTED));
    let heard = log_capture::heard();
    assert!(heard.contains(PASSWORD) && heard.contains(MOBILE), "{heard}");
}
