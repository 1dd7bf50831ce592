//! `enkash`, as its user has it.

use enkash::{
    ClientReference, Enkash, Gender, Hosts, Money, Outcome, Person, Title,
    rewards::{Allocation, Rewards},
};

use crate::{Address, Client};

#[derive(Clone)]
pub(crate) struct HighLevel {
    rewards: Rewards,
    amount: Money,
}

impl HighLevel {
    pub(crate) fn new(address: &Address) -> Self {
        let enkash = Enkash::builder(Hosts::new(address.url.as_str()))
            .credentials(address.credentials.clone())
            .partner_id(address.partner.as_str())
            .build()
            .unwrap();
        Self {
            rewards: enkash.rewards(address.company.as_str(), address.account.as_str()),
            amount: "1.25".parse().unwrap(),
        }
    }
}

impl Client for HighLevel {
    async fn read(&self) {
        assert!(
            self.rewards
                .account()
                .await
                .unwrap()
                .value()
                .available_balance
                .is_some()
        );
    }

    async fn allocate(&self, reference: String) {
        let person = Person::new(Title::Mr, "Ashwini", "ashwini@example.com", "9000000002", Gender::M);
        let reference = ClientReference::try_from(reference).unwrap();
        let allocation = Allocation::for_person(person.unwrap(), self.amount, reference);
        let outcome = self.rewards.allocate(allocation).await;
        assert!(matches!(outcome, Outcome::Done(_)), "{outcome:?}");
    }
}
