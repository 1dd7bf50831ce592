//! A test of your own code against a sandbox in a container.

use std::error::Error;

use enkash::{ClientReference, Credentials, Enkash, Hosts, Person, rewards::Allocation};
use serde_json::Value;
use testcontainers::{
    GenericImage, ImageExt,
    core::{IntoContainerPort, WaitFor},
    runners::AsyncRunner,
};

/// The port inside of the container.
const PORT: u16 = 4010;

#[tokio::test]
async fn a_bonus_reaches_its_person() -> Result<(), Box<dyn Error>> {
    let container = GenericImage::new("enkash-sandbox", "latest")
        .with_exposed_port(PORT.tcp())
        .with_wait_for(WaitFor::message_on_stdout("card_account_id"))
        .with_cmd(["sandbox", "--port", "4010", "--expose", "localhost"])
        .start()
        .await?;
    // Its one line of output has all that a client needs. The address in it is the one inside of the container.
    let line = container.stdout_to_vec().await?;
    let announced: Value = serde_json::from_slice(&line)?;
    let text = |name: &str| announced[name].as_str().unwrap_or_default();
    let port = container.get_host_port_ipv4(PORT).await?;

    let enkash = Enkash::builder(Hosts::new(format!("http://localhost:{port}").as_str()))
        .credentials(Credentials::new(
            text("client_id"),
            text("client_secret"),
            text("username"),
            text("password"),
        ))
        .partner_id(text("partner_id"))
        .build()?;
    let person = Person::new("Ms", "Meera", "meera@example.com", "9000000004", "F")?;
    let bonus = Allocation::for_person(person, "100".parse()?, ClientReference::generate());
    let rewards = enkash.rewards(text("company_id"), text("card_account_id"));
    assert_eq!(rewards.allocate(bonus).await.as_str(), "done");
    Ok(())
}
