//! progenitor's own client for the same spec: without our types, hooks and checks.

use std::sync::Arc;

use self::client::types::{
    AllocatePointsPayload, AllocatePointsRequest, AllocationType, Gender, RewardAccountPayload, RewardAccountRequest,
    Title, TransactionCode, TransactionType,
};
use crate::{Address, Client};

#[allow(warnings, clippy::all, clippy::pedantic, reason = "generated")]
mod client {
    include!("../../target/measure/bare-client/src/lib.rs");
}

#[derive(Clone)]
pub(crate) struct Bare {
    client: Arc<client::Client>,
    address: Address,
}

impl Bare {
    pub(crate) fn new(http: reqwest::Client, address: &Address) -> Self {
        Self {
            client: Arc::new(client::Client::new_with_client(&address.url, http)),
            address: address.clone(),
        }
    }
}

impl Client for Bare {
    async fn read(&self) {
        let body = RewardAccountRequest::builder()
            .company_id(self.address.company.as_str())
            .card_account_id(self.address.account.as_str());
        let call = self.client.get_reward_account();
        let answer = call.partner_id(self.address.partner.as_str()).body(body).send().await;
        let payload = answer.unwrap().into_inner().payload;
        assert!(matches!(payload, Some(RewardAccountPayload::RewardAccount(_))));
    }

    async fn allocate(&self, reference: String) {
        let body = AllocatePointsRequest::builder()
            .company_id(self.address.company.as_str())
            .card_account_id(self.address.account.as_str())
            .transaction_code(TransactionCode::Allocation)
            .transaction_type(TransactionType::Cr)
            .type_(AllocationType::AllocatePoint)
            .load_amount(1.25)
            .unique_reference_number(reference)
            .title(Title::Mr)
            .first_name("Ashwini".to_owned())
            .email("ashwini@example.com".to_owned())
            .mobile("9000000002".to_owned())
            .gender(Gender::M);
        let call = self.client.create_allocate_points();
        let answer = call.partner_id(self.address.partner.as_str()).body(body).send().await;
        let payload = answer.unwrap().into_inner().payload;
        assert!(matches!(payload, Some(AllocatePointsPayload::Card(_))));
    }
}
