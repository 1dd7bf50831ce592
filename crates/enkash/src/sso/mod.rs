//! Sign-in tokens and links for card holders (page: Single Sign On). Nobody saw the response of this page, so it is
//! raw JSON with one extractor that tries the places where a token may stand. The links are those that the guides print.

mod link;

use enkash_api::{OperationId, Secret, UndocumentedJson, types::SsoTokenRequest};

pub use crate::sso::link::{SsoHost, SsoLink, SsoView};

use crate::{
    client::Enkash,
    envelope::Envelope,
    error::Error,
    model::ids::{CardAccountId, CompanyId, EnKashCardId},
    response::Response,
    transport::options::CallOptions,
};

/// Sign-in tokens and links: see [`Enkash::sso`].
///
/// A link signs a person in without a password: whoever has it is that person. It is never shown by `Debug`; reveal it
/// only to send it to its owner.
///
/// ```
/// use enkash::sso::{SsoHost, SsoView};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = enkash_sandbox::Sandbox::start().await?;
/// # let c = sandbox.credentials();
/// # let enkash = enkash::Enkash::from_settings(c.settings())?;
/// # let (company, account) = (c.company_id.as_str(), c.card_account_id.as_str());
/// # let cards = enkash.rewards(company, account).cards(enkash::rewards::CardSearch::all()).await?;
/// # let card = cards.value().iter().find_map(|card| card.id.clone()).ok_or("no card")?;
/// let answer = enkash.sso().token(&company.into(), &account.into(), &card).await?;
/// let link = answer.value().link(SsoHost::Uat, SsoView::Employee, "hrms")?;
/// println!("{link:?}"); // https://invoice-uat.enkash.in/sso/[redacted]/employee_rewards/hrms
/// assert!(link.reveal().starts_with("https://invoice-uat.enkash.in/sso/"));
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Sso {
    pub(crate) enkash: Enkash,
}

impl Enkash {
    /// Sign-in links for card holders (page: Single Sign On).
    #[must_use]
    pub fn sso(&self) -> Sso {
        Sso { enkash: self.clone() }
    }
}

impl Sso {
    /// The same handle with other times or attempts for its calls: see [`Enkash::with_options`].
    ///
    /// # Errors
    ///
    /// As [`Enkash::with_options`].
    pub fn with_options(&self, options: CallOptions) -> Result<Self, Error> {
        Ok(Self {
            enkash: self.enkash.with_options(options)?,
        })
    }

    /// Asks for a sign-in token of one card holder (page: Single Sign On, api-9796903).
    ///
    /// For a company's administrator, give the administrator's own card, made at onboarding. The form of the
    /// answer is unknown: see [`SsoAnswer::token`] and [`Response::raw`].
    ///
    /// # Errors
    ///
    /// The API refused, or no response came.
    pub async fn token(
        &self,
        company: &CompanyId,
        account: &CardAccountId,
        card: &EnKashCardId,
    ) -> Result<Response<SsoAnswer>, Error> {
        let body = SsoTokenRequest::builder()
            .company_id(company.as_str())
            .card_account_id(account.as_str())
            .enkash_card_id(card.as_str());
        let partner = self.enkash.partner();
        self.enkash
            .call(
                OperationId::CreateSsoToken,
                async move |client| client.create_sso_token().partner_id(partner).body(body).send().await,
                |json| Ok(SsoAnswer { json }),
            )
            .await
    }
}

/// A response that nobody saw. `Debug` shows its size only.
#[derive(Clone, Debug)]
pub struct SsoAnswer {
    json: UndocumentedJson,
}

impl SsoAnswer {
    /// The token, if it stands where one may be expected: in `payload` as a text, or in a field named
    /// `access_token`, `accessToken`, `ssoToken`, `sso_token` or `token`, in `payload` or at the top.
    #[must_use]
    pub fn token(&self) -> Option<Secret> {
        let json = self.json.as_value();
        let payload = Envelope::new(json).payload();
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

    /// The link that signs the person in, with the token of this response: see [`SsoLink::new`].
    ///
    /// # Errors
    ///
    /// No token is found in the response, or the partner's name cannot stand in a link.
    pub fn link(&self, host: SsoHost, view: SsoView, partner: &str) -> Result<SsoLink, Error> {
        let unreadable = || Error::unreadable(OperationId::CreateSsoToken, http::StatusCode::OK);
        SsoLink::new(host, view, partner, &self.token().ok_or_else(unreadable)?)
    }
}
