//! The world that a schedule plays in: a sandbox, and clients that give up soon. Every schedule has its own, with a
//! user name of its own, because strikes are counted for the whole process.

use std::{
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use enkash::{
    Credentials, Enkash, Hosts,
    encryption::Encryption,
    metrics::{LoginEvent, LoginResult, Metrics},
    redemption::Redemption,
    token::{TokenSource, TokenSourceBuilder},
};
use enkash_sandbox::{Sandbox, Seed, Switches};
use reqwest::ClientBuilder;
use rust_decimal::Decimal;
use tokio::sync::OnceCell;

use crate::{
    intent::{NUMBERS, PEOPLE, coins_of, event},
    oracle::Oracle,
    schedule::Schedule,
};

/// What the account opens with, in cents.
pub(crate) const OPENING: i64 = 100_000_000;
/// What the card holder opens with.
pub(crate) const HOLDER_OPENING: i64 = 250_050;

/// Long enough for most calls of a busy machine. What times out all the same is one more fault.
const CONNECT: Duration = Duration::from_millis(200);
const ATTEMPT: Duration = Duration::from_millis(600);
const OPERATION: Duration = Duration::from_millis(1_300);
/// Without a login a schedule shows little.
const LOG_IN: Duration = Duration::from_secs(5);

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) clients: Vec<Client>,
    /// The card holder, as EnKash names them.
    pub(crate) holder: String,
    /// Logins of strangers that ended without a clear no.
    pub(crate) unclear_log_ins: Arc<AtomicU64>,
    is_encrypted: bool,
    oracle: Mutex<Oracle>,
}

pub(crate) struct Client {
    pub(crate) enkash: Enkash,
    pub(crate) partner: Redemption,
    pub(crate) own: Redemption,
}

impl World {
    pub(crate) async fn of(schedule: &Schedule) -> Self {
        static USERS: AtomicU64 = AtomicU64::new(0);
        let user = 9_000_010_000 + USERS.fetch_add(1, Ordering::Relaxed) % 90_000;
        let mut switches = Switches::new().duplicate_reference(schedule.duplicates);
        if schedule.is_encrypted {
            switches.apply("encryption=both").unwrap();
        }
        let sandbox = start(user, switches).await;
        let mut world = Self {
            clients: Vec::new(),
            holder: holder().await.to_owned(),
            unclear_log_ins: Arc::default(),
            is_encrypted: schedule.is_encrypted,
            oracle: Mutex::default(),
            sandbox,
        };
        let (partner, holder) = (
            world.sandbox.credentials(),
            world.sandbox.credentials_of(PEOPLE[0]).unwrap(),
        );
        let sources = || [partner, holder].map(|to| source(to, &to.password).build().unwrap());
        let of_all = sources();
        let clients = (0..schedule.clients).map(|_| {
            let [tokens, of_holder] = if schedule.shares_tokens {
                of_all.clone()
            } else {
                sources()
            };
            let enkash = world.enkash(tokens);
            Client {
                partner: enkash.redemption_as_partner(),
                own: enkash.redemption_with(of_holder).unwrap(),
                enkash,
            }
        });
        world.clients = clients.collect();
        world
    }

    pub(crate) fn client(&self, number: usize) -> &Client {
        &self.clients[number % self.clients.len()]
    }

    pub(crate) fn oracle(&self) -> MutexGuard<'_, Oracle> {
        self.oracle.lock().unwrap()
    }

    /// A client that was built with a password that is not right.
    pub(crate) fn stranger(&self, password: u8) -> Client {
        let tokens = source(self.sandbox.credentials(), &format!("wrong-{password}"));
        let tokens = tokens.metrics(Unclear(Arc::clone(&self.unclear_log_ins)));
        let enkash = self.enkash(tokens.build().unwrap());
        Client {
            partner: enkash.redemption_as_partner(),
            own: enkash.redemption_as_partner(),
            enkash,
        }
    }

    fn enkash(&self, tokens: TokenSource) -> Enkash {
        let to = self.sandbox.credentials();
        let builder = Enkash::builder(Hosts::new(to.url.as_str()))
            .token_source(tokens)
            .configure_http(without_certificates)
            .partner_id(to.partner_id.as_str())
            .connect_timeout(CONNECT)
            .attempt_timeout(ATTEMPT)
            .operation_timeout(OPERATION);
        let builder = if self.is_encrypted {
            builder.encryption(Encryption::with_key(to.client_secret.as_str()))
        } else {
            builder
        };
        builder.build().unwrap()
    }
}

/// Reading the certificates of the machine for each client would take longer than the schedules.
fn without_certificates(http: ClientBuilder) -> ClientBuilder {
    http.tls_certs_only([])
}

fn source(to: &enkash_sandbox::Credentials, password: &str) -> TokenSourceBuilder {
    let (id, secret, user) = (to.client_id.as_str(), to.client_secret.as_str(), to.username.as_str());
    TokenSource::builder(to.url.as_str())
        .credentials(Credentials::new(id, secret, user, password))
        .configure_http(without_certificates)
        .connect_timeout(CONNECT)
        .timeout(LOG_IN)
}

/// Counts logins that may have been a strike, as far as their client can tell.
struct Unclear(Arc<AtomicU64>);

impl Metrics for Unclear {
    fn login(&self, login: &LoginEvent) {
        if login.result == LoginResult::Failed {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn start(user: u64, switches: Switches) -> Sandbox {
    let holder = PEOPLE[0];
    let (opening, holder_opening) = (Decimal::new(OPENING, 2), Decimal::new(HOLDER_OPENING, 2));
    let mut seed = format!(
        "
companies:
  - id: CEK0SANDBX
    name: Sandbox Traders
    partner_id: CRM0SNDBX
    logins:
      - {{username: '{user}', password: sandbox-password}}
      - {{username: '{holder}', password: sandbox-password, person: '{holder}'}}
    accounts:
      - id: CA0SNDBX1
        balance: '{opening}'
        primary: {{mobile: '9000000900', email: asha@example.com}}
        people:
          - {{mobile: '{holder}', email: ravi@example.com, balance: '{holder_opening}'}}
catalogue:
  - id: PC0SANDBOXBOOKS1
    brand: Paper Moon Oracle
    category: Oracle
    denominations:
      - {{id: PCN0SANDBOXBK0100, mrp: 100, discount: 2, max_quantity: 5}}
coin_events:
"
    );
    for number in 0..NUMBERS {
        let (event, coins) = (event(number), coins_of(number));
        seed += &format!("  - {{company: CEK0SANDBX, event: {event}, amount: {coins}}}\n");
    }
    Sandbox::builder()
        .seed(Seed::from_yaml(&seed).unwrap())
        .switches(switches)
        .check_responses(true)
        .start()
        .await
        .unwrap()
}

/// The sandbox's ids follow from its seed, so this is the same in every world.
async fn holder() -> &'static str {
    static HOLDER: OnceCell<String> = OnceCell::const_new();
    HOLDER
        .get_or_init(|| async {
            let sandbox = start(9_000_009_999, Switches::new()).await;
            let to = sandbox.credentials();
            let enkash = Enkash::builder(Hosts::new(to.url.as_str()))
                .token_source(source(to, &to.password).build().unwrap())
                .partner_id(to.partner_id.as_str())
                .build()
                .unwrap();
            let rewards = enkash.rewards(to.company_id.as_str(), to.card_account_id.as_str());
            let cards = rewards.cards(enkash::rewards::CardSearch::all()).await.unwrap();
            let is_holder =
                |card: &&enkash::rewards::Card| card.mobile.as_ref().is_some_and(|mobile| mobile.expose() == PEOPLE[0]);
            let user = cards.value().iter().find(is_holder).and_then(|card| card.user.clone());
            user.unwrap().as_str().to_owned()
        })
        .await
}
