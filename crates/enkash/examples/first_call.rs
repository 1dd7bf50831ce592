//! The first call: a client of a sandbox that runs in this process, the balance of the account, and points for one person.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use enkash::{ClientReference, Enkash, Outcome, Person, rewards::Allocation};
use enkash_sandbox::Sandbox;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?; // in place of the API
    let to = sandbox.credentials();
    let enkash = Enkash::from_settings(to.settings())?;
    let rewards = enkash.rewards(&to.company_id, &to.card_account_id);
    println!("left: {:?}", rewards.account().await?.value().available_balance);

    let person = Person::new("Ms", "Asha", "asha@example.com", "9000000004", "F")?;
    let allocation = Allocation::for_person(person, "250.50".parse()?, ClientReference::generate());
    let ticket = rewards.ticket(&allocation); // store it before the call
    match rewards.allocate(allocation).await {
        Outcome::Done(done) => println!("the card holds {:?}", done.value().card_balance),
        other => println!("{}: {other}", ticket.reference),
    }
    Ok(())
}
