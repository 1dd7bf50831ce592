//! Redemption: a person's cart, the voucher catalogue, and orders (page: Redemption). The calls go out with the token of the
//! person that the handle was made for, or with the partner's: no page says which of them a path wants.

pub(crate) mod cart;
pub(crate) mod catalogue;
pub(crate) mod order;
pub(crate) mod order_search;

pub use crate::redemption::{
    cart::{CartItem, CartLineInput, CartRow},
    catalogue::{CatalogueAnswer, Denomination, Product},
    order::{Order, OrderReceipt, Voucher, VoucherOrder},
    order_search::{OrderPage, OrderPages, OrderRows, OrderSearch},
};

use crate::{
    auth::token::TokenState,
    client::Enkash,
    error::Error,
    model::{credentials::Credentials, ticket::Ticket},
    outcome::settlement::Settlement,
    token_source::TokenSource,
    transport::options::CallOptions,
};

/// Vouchers and the cart of one person: see [`Enkash::redemption`].
///
/// ```
/// use enkash::{ClientReference, Credentials, Outcome, redemption::VoucherOrder};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = enkash_sandbox::Sandbox::start().await?;
/// # let c = sandbox.credentials().clone();
/// # let user = sandbox.credentials_of("9000000901").ok_or("no such login")?.clone();
/// # let enkash = enkash::Enkash::from_settings(c.settings())?;
/// # let (client_id, client_secret) = (c.client_id.as_str(), c.client_secret.as_str());
/// // The person's own user name and password, with the client's id and secret.
/// let person = Credentials::new(client_id, client_secret, user.username.as_str(), user.password.as_str());
/// let redemption = enkash.redemption(person)?;
///
/// let product = redemption.product(&"PC0SANDBOXBOOKS1".into()).await?;
/// println!("{:?} sells {} denominations", product.value().brand, product.value().denominations.len());
///
/// let order = VoucherOrder::new("PC0SANDBOXBOOKS1", 100, 2, ClientReference::generate())?;
/// println!("ordering under {}", order.reference()); // store it before the call
/// match redemption.order(order).await {
///     Outcome::Done(done) => println!("order {:?}", done.value().order_id()),
///     Outcome::Unknown(unknown) => println!("{}", unknown.settle().await.as_str()),
///     other => println!("{}", other.as_str()),
/// }
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Redemption {
    pub(crate) enkash: Enkash,
}

/// The only product family that a page shows.
const PRODUCT: &str = "VOUCHER";

impl Enkash {
    /// Vouchers and the cart of one person, who logs in with credentials of their own (page: Redemption, User
    /// Authentication). Sends nothing yet.
    ///
    /// The person's login goes to this client's token host and counts strikes of its own; limits and the retry budget are
    /// this client's. For strikes that survive a restart, see [`redemption_with`](Self::redemption_with).
    ///
    /// # Errors
    ///
    /// Credentials may not go to the token host, because it is plain http.
    pub fn redemption(&self, user: Credentials) -> Result<Redemption, Error> {
        let tokens = self.token_source_for(user)?;
        self.redemption_with(tokens)
    }

    /// As [`redemption`](Self::redemption), with tokens from a source of your own.
    ///
    /// # Errors
    ///
    /// A base URL cannot be used.
    pub fn redemption_with(&self, tokens: TokenSource) -> Result<Redemption, Error> {
        Ok(Redemption {
            enkash: self.with_tokens(tokens)?,
        })
    }

    /// Vouchers, called with this client's own token. No page says which token the catalogue and order pages want: their
    /// paths are the partner's, so this is likely what they want, while the cart is a person's. **Inferred**.
    #[must_use]
    pub fn redemption_as_partner(&self) -> Redemption {
        Redemption { enkash: self.clone() }
    }
}

impl Redemption {
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

    /// Makes sure that the person is logged in, and says what is known of the token (page: User Authentication,
    /// api-9820863).
    ///
    /// # Errors
    ///
    /// The login gave no token: see [`Error::is_credentials_rejected`] and [`Error::is_account_at_risk`].
    pub async fn token(&self) -> Result<TokenState, Error> {
        self.enkash.token().await
    }

    /// Where the person's tokens come from.
    #[must_use]
    pub fn token_source(&self) -> &TokenSource {
        self.enkash.token_source()
    }

    /// Looks up what became of an order with this person's token, from the ticket that was stored before it.
    pub fn settle(&self, ticket: Ticket) -> Settlement {
        self.enkash.settle(ticket)
    }
}

#[cfg(test)]
mod tests;
