//! A lost response: the points move, nobody hears of it, and a settlement finds out. The call is not repeated.

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use enkash::{ClientReference, Enkash, Outcome, Person, rewards::Allocation};
use enkash_sandbox::{Fault, FaultRule, Operation, Sandbox, When};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sandbox = Sandbox::start().await?;
    let to = sandbox.credentials();
    let enkash = Enkash::from_settings(to.settings())?;
    let rewards = enkash.rewards(&to.company_id, &to.card_account_id);

    let person = Person::new("Ms", "Asha", "asha@example.com", "9000000004", "F")?;
    let allocation = Allocation::for_person(person, "250.50".parse()?, ClientReference::generate());
    let stored = serde_json::to_string(&rewards.ticket(&allocation))?; // before the call

    // The connection breaks after the points moved.
    let lost = Fault::Reset(When::After);
    sandbox.add_fault(FaultRule::on(Operation::CreateAllocatePoints, lost));
    let outcome = rewards.allocate(allocation).await;
    println!("{outcome}");

    // Later, or in another process: the ticket is enough.
    match enkash.settle(serde_json::from_str(&stored)?).await {
        Outcome::Done(settled) => println!("it happened: {}", settled.proof),
        still => println!("{still}: keep the ticket {stored}"),
    }
    Ok(())
}
