//! Get Reward Account Details (page: api-9796909). The page's schema is flat and its example has an
//! envelope: both are read.

use enkash_api::{Money, OperationId, types};
use serde::Serialize;

use crate::{
    error::{Error, MissingField, documented_payload},
    model::ids::{CardAccountId, CompanyId},
    response::Response,
    rewards::Rewards,
};

/// What the API says of an account. Every field is optional on the wire.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AccountDetails {
    /// The company's name.
    pub company_name: Option<String>,
    /// The company.
    pub company: Option<CompanyId>,
    /// The account.
    pub account: Option<CardAccountId>,
    /// What can still be allocated, in rupees or points.
    pub available_balance: Option<Money>,
    /// What all cards of the account hold together; in the example of the page, not in its schema.
    pub available_card_balance: Option<Money>,
    /// Cards on the account, active and blocked.
    pub total_cards: Option<i64>,
    /// Active cards.
    pub active_cards: Option<i64>,
    /// Moved from the account to cards so far.
    pub total_allocated: Option<Money>,
    /// Redeemed by card holders so far.
    pub total_redeemed: Option<Money>,
    /// Moved from the account to cards this month.
    pub allocated_this_month: Option<Money>,
    /// Redeemed by card holders this month.
    pub redeemed_this_month: Option<Money>,
}

/// The account from `payload`, or from the top level where there is none.
fn details(answer: types::RewardAccountResponse) -> Result<AccountDetails, MissingField> {
    let flat = types::RewardAccount {
        active_cards: answer.active_cards,
        available_balance: answer.available_balance,
        card_account_id: answer.card_account_id,
        company_id: answer.company_id,
        company_name: answer.company_name,
        current_month_allocation_point: answer.current_month_allocation_point,
        current_month_redemption_point: answer.current_month_redemption_point,
        total_allocation_point: answer.total_allocation_point,
        total_cards: answer.total_cards,
        total_redemption_point: answer.total_redemption_point,
        ..types::RewardAccount::default()
    };
    let account = match answer.payload {
        Some(_) => documented_payload(answer.payload)?,
        None => flat,
    };
    // An account without any of these is none.
    if account.available_balance.is_none() && account.card_account_id.is_none() {
        return Err(MissingField("payload.availableBalance"));
    }
    Ok(AccountDetails {
        company_name: account.company_name,
        company: account.company_id.map(Into::into),
        account: account.card_account_id.map(Into::into),
        available_balance: account.available_balance,
        available_card_balance: account.available_card_balance,
        total_cards: account.total_cards,
        active_cards: account.active_cards,
        total_allocated: account.total_allocation_point,
        total_redeemed: account.total_redemption_point,
        allocated_this_month: account.current_month_allocation_point,
        redeemed_this_month: account.current_month_redemption_point,
    })
}

impl Rewards {
    /// The balance and the totals of the account (page: Get Reward Account Details, api-9796909).
    ///
    /// # Errors
    ///
    /// The API refused, no response came, or it had neither of the documented forms.
    pub async fn account(&self) -> Result<Response<AccountDetails>, Error> {
        let body = types::RewardAccountRequest::builder()
            .company_id(self.company.as_str())
            .card_account_id(self.account.as_str());
        let partner = self.enkash.partner();
        self.enkash
            .call(
                OperationId::GetRewardAccount,
                async move |client| client.get_reward_account().partner_id(partner).body(body).send().await,
                details,
            )
            .await
    }
}
