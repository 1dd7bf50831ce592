//! A sandbox and a client of it, as every test here needs them.

use std::time::Duration;

use enkash::{
    ClientReference, Credentials, Enkash, EnkashBuilder, Hosts, Person,
    rewards::{Allocation, Rewards},
    token::MemoryLedger,
};
use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox};

pub(crate) const MOBILE: &str = "9000000004";

pub(crate) struct Fixture {
    pub(crate) sandbox: Sandbox,
    pub(crate) enkash: Enkash,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        Self::of(Sandbox::start().await.unwrap())
    }

    pub(crate) fn of(sandbox: Sandbox) -> Self {
        let enkash = builder(&sandbox).build().unwrap();
        Self { sandbox, enkash }
    }

    pub(crate) fn rewards(&self) -> Rewards {
        let credentials = self.sandbox.credentials();
        self.enkash
            .rewards(credentials.company_id.as_str(), credentials.card_account_id.as_str())
    }

    /// Lets every allocation meet a fault.
    pub(crate) fn fault(&self, fault: Fault) {
        self.sandbox
            .add_fault(FaultRule::on(Operation::CreateAllocatePoints, fault));
    }
}

/// Whatever a test asked for, the sandbox's answers were as described and its books balance.
impl Drop for Fixture {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.sandbox.violations(), Vec::<String>::new());
            assert_eq!(self.sandbox.audit(), Vec::<String>::new());
        }
    }
}

/// Waits until this is so. After a minute it fails: a test that waits for ever does not say for what.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = std::time::Instant::now();
    while !is_so() {
        assert!(started.elapsed().as_secs() < 60, "it never came: {what}");
        tokio::task::yield_now().await;
    }
}

/// A client of the sandbox that waits for a response long enough for a busy machine, and no longer.
pub(crate) fn builder(sandbox: &Sandbox) -> EnkashBuilder {
    builder_of(Hosts::new(sandbox.url()), sandbox)
}

/// A client that may spend strikes. Its ledger is its own: an earlier sandbox of this process may have had the same port, and
/// what was learned there is not true here.
pub(crate) fn builder_with_password(sandbox: &Sandbox, password: &str) -> EnkashBuilder {
    builder_at(Hosts::new(sandbox.url()), sandbox, password).strike_ledger(MemoryLedger::default())
}

/// A client of the sandbox that finds it by these hosts.
pub(crate) fn builder_of(hosts: Hosts, sandbox: &Sandbox) -> EnkashBuilder {
    builder_at(hosts, sandbox, &sandbox.credentials().password)
}

fn builder_at(hosts: Hosts, sandbox: &Sandbox, password: &str) -> EnkashBuilder {
    // Otherwise the first test that meets a span, and does not listen, may switch it off for one that does.
    let _ = tracing::subscriber::set_global_default(tracing_subscriber::registry());
    let to = sandbox.credentials();
    Enkash::builder(hosts)
        .credentials(Credentials::new(
            to.client_id.as_str(),
            to.client_secret.as_str(),
            to.username.as_str(),
            password,
        ))
        .partner_id(to.partner_id.as_str())
        .attempt_timeout(Duration::from_secs(20))
}

pub(crate) fn person() -> Person {
    Person::new("Ms", "Asha", "asha.verma@example.com", MOBILE, "F").unwrap()
}

pub(crate) fn allocation(amount: &str, reference: &str) -> Allocation {
    Allocation::for_person(person(), amount.parse().unwrap(), self::reference(reference))
}

pub(crate) fn reference(reference: &str) -> ClientReference {
    reference.parse().unwrap()
}
