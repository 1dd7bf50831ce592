//! Sign-in tokens for card holders (api-9796903). No page shows the response: its envelope and field are the sandbox's own
//! choice, the token has the length of the one in the guide's redirect URL (doc-1038569).

use serde_json::json;

use super::{Call, EnvelopeKind, OperationResponse, OperationResult, Refusal};
use crate::store::Store;

pub(super) fn create(store: &mut Store, call: &Call<'_>) -> OperationResult {
    let account = call.body_account(store)?;
    let card = store
        .cards
        .get(call.fields().required("enkashCardId")?)
        .filter(|card| card.account_id == account);
    if card.is_none() {
        return Err(Refusal::failure("Card not found"));
    }
    let token = store.ids.sign_in_token();
    OperationResponse::new(EnvelopeKind::ResponseCode, &json!({ "access_token": token }))
}
