//! Sign-in tokens for card holders (portal: Single Sign On). Nobody saw the answer of this page, so it is
//! raw JSON with one extractor that tries the places where a token may stand.

use enkash_api::{FreeJson, OperationId, Secret, types::SsoTokenRequest};

use crate::{Answer, CardAccountId, CompanyId, EnKashCardId, Enkash, Error};

/// Sign-in tokens: see [`Enkash::sso`].
#[derive(Clone, Debug)]
pub struct Sso {
    enkash: Enkash,
}

impl Sso {
    pub(crate) fn new(enkash: Enkash) -> Self {
        Self { enkash }
    }

    /// Asks for a sign-in token of one card holder (portal: Single Sign On, api-9796903).
    ///
    /// For a company's administrator, give the administrator's own card, made at onboarding. The form of the
    /// answer is unknown: see [`SsoAnswer::token`] and [`Answer::raw`].
    ///
    /// # Errors
    ///
    /// The portal refused, or no answer came.
    pub async fn token(
        &self,
        company: &CompanyId,
        account: &CardAccountId,
        card: &EnKashCardId,
    ) -> Result<Answer<SsoAnswer>, Error> {
        let body = SsoTokenRequest::builder()
            .company_id(company.as_str())
            .card_account_id(account.as_str())
            .enkash_card_id(card.as_str());
        let partner = self.enkash.partner();
        let answer = self
            .enkash
            .read(OperationId::CreateSsoToken, async move |client| {
                Ok(client
                    .create_sso_token()
                    .partner_id(partner)
                    .body(body)
                    .send()
                    .await?
                    .into_inner())
            })
            .await?;
        answer.try_map(|json| Some(SsoAnswer { json }))
    }
}

/// An answer that nobody saw. `Debug` shows its size only.
#[derive(Clone, Debug)]
pub struct SsoAnswer {
    json: FreeJson,
}

impl SsoAnswer {
    /// The token, if it stands where one may be expected: in `payload` as a text, or in a field named
    /// `access_token`, `accessToken`, `ssoToken`, `sso_token` or `token`, in `payload` or at the top.
    #[must_use]
    pub fn token(&self) -> Option<Secret> {
        let json = self.json.as_value();
        let payload = json.get("payload");
        let field = |object: &serde_json::Value| {
            ["access_token", "accessToken", "ssoToken", "sso_token", "token"]
                .iter()
                .find_map(|name| object.get(name)?.as_str())
                .map(str::to_owned)
        };
        let text = payload
            .and_then(|payload| payload.as_str().map(str::to_owned).or_else(|| field(payload)))
            .or_else(|| field(json))?;
        (!text.is_empty()).then(|| Secret::new(text))
    }
}
