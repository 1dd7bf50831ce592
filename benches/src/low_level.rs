//! `enkash-api` alone, with a token that is there.

use std::sync::Arc;

use enkash_api::{
    Money, PersonalData, Secret, Transport,
    types::{
        AllocatePointsRequest, AllocationType, Gender, RewardAccountRequest, Title, TransactionCode, TransactionType,
    },
};

use crate::{Address, Client};

#[derive(Clone)]
pub(crate) struct LowLevel {
    client: Arc<enkash_api::Client>,
    address: Address,
    amount: Money,
}

impl LowLevel {
    pub(crate) fn new(http: reqwest::Client, token: &Secret, address: &Address) -> Self {
        let client = enkash_api::Client::with_transport(&address.url, http, Transport::default()).unwrap();
        Self {
            client: Arc::new(client.bearer(token).unwrap()),
            address: address.clone(),
            amount: "1.25".parse().unwrap(),
        }
    }
}

impl Client for LowLevel {
    async fn read(&self) {
        let body = RewardAccountRequest::builder()
            .company_id(self.address.company.as_str())
            .card_account_id(self.address.account.as_str());
        let call = self.client.get_reward_account();
        let answer = call.partner_id(self.address.partner.as_str()).body(body).send().await;
        assert!(answer.unwrap().into_inner().payload.is_some());
    }

    async fn allocate(&self, reference: String) {
        let body = AllocatePointsRequest::builder()
            .company_id(self.address.company.as_str())
            .card_account_id(self.address.account.as_str())
            .transaction_code(TransactionCode::Allocation)
            .transaction_type(TransactionType::Cr)
            .type_(AllocationType::AllocatePoint)
            .load_amount(self.amount)
            .unique_reference_number(reference)
            .title(Title::Mr)
            .first_name(PersonalData::from("Ashwini"))
            .email(PersonalData::from("ashwini@example.com"))
            .mobile(PersonalData::from("9000000002"))
            .gender(Gender::M);
        let call = self.client.create_allocate_points();
        let answer = call.partner_id(self.address.partner.as_str()).body(body).send().await;
        assert!(answer.unwrap().into_inner().payload.is_some());
    }
}
