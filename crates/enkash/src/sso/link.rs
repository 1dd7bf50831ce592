//! The link that signs a card holder in. Its two forms and its two hosts are those that the guides print (pages:
//! doc-1038569, doc-650021); how long one works, and whether it works twice, no page says.

use std::fmt;

use enkash_api::Secret;
use reqwest::Url;
use serde::{Serialize, Serializer};

use crate::error::Error;

/// The web hosts of sign-in links that the guides name. They are not hosts of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SsoHost {
    /// `invoice-uat.enkash.in`.
    Uat,
    /// `home.enkash.com`.
    Production,
}

impl SsoHost {
    fn base(self) -> &'static str {
        match self {
            Self::Uat => "https://invoice-uat.enkash.in",
            Self::Production => "https://home.enkash.com",
        }
    }
}

/// What the person is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SsoView {
    /// An employee's rewards.
    Employee,
    /// The reward account, for an administrator of the company: the token must be that of the administrator's own card.
    Admin,
}

impl SsoView {
    fn segment(self) -> &'static str {
        match self {
            Self::Employee => "employee_rewards",
            Self::Admin => "reward_account",
        }
    }
}

/// A link that signs a person in. `Debug` and `Display` redact the token in it.
#[derive(Clone, PartialEq, Eq)]
pub struct SsoLink {
    host: SsoHost,
    view: SsoView,
    partner: String,
    token: Secret,
}

impl SsoLink {
    /// The link of one person's sign-in token. `partner` is the last part of the link, such as `hrms`; no list of allowed
    /// values is published.
    ///
    /// # Errors
    ///
    /// The partner's name or the token is empty, or a step such as `..`.
    pub fn new(host: SsoHost, view: SsoView, partner: &str, token: &Secret) -> Result<Self, Error> {
        for (field, segment) in [("partner", partner), ("token", token.expose())] {
            if segment.is_empty() || segment == "." || segment == ".." {
                return Err(Error::input(field, "cannot stand in a link"));
            }
        }
        Ok(Self {
            host,
            view,
            partner: partner.to_owned(),
            token: token.clone(),
        })
    }

    /// The link itself. Whoever has it is signed in as the person: keep it out of logs.
    #[must_use]
    pub fn reveal(&self) -> String {
        self.with_token(self.token.expose())
    }

    fn with_token(&self, token: &str) -> String {
        let base = self.host.base();
        let Ok(mut url) = Url::parse(base) else {
            return base.to_owned();
        };
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(["sso", token, self.view.segment(), &self.partner]);
        }
        url.into()
    }
}

impl fmt::Display for SsoLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.with_token("REDACTED").replace("/REDACTED/", "/[redacted]/"))
    }
}

/// As `Display`: without the token.
impl Serialize for SsoLink {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Debug for SsoLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(view: SsoView, partner: &str, token: &str) -> Result<SsoLink, Error> {
        SsoLink::new(SsoHost::Production, view, partner, &Secret::new(token))
    }

    #[test]
    fn the_links_are_those_of_the_guides() {
        let employee = link(SsoView::Employee, "hrms", "SsOtOkEn").unwrap();
        assert_eq!(
            employee.reveal(),
            "https://home.enkash.com/sso/SsOtOkEn/employee_rewards/hrms"
        );
        let admin = link(SsoView::Admin, "HRMS", "SsOtOkEn").unwrap();
        assert_eq!(
            admin.reveal(),
            "https://home.enkash.com/sso/SsOtOkEn/reward_account/HRMS"
        );
    }

    #[test]
    fn the_token_is_shown_by_name_only() {
        let link = link(SsoView::Employee, "hrms", "SsOtOkEn").unwrap();
        assert_eq!(
            format!("{link:?}"),
            "https://home.enkash.com/sso/[redacted]/employee_rewards/hrms"
        );
        assert_eq!(link.to_string(), format!("{link:?}"));
        assert_eq!(serde_json::to_value(&link).unwrap(), link.to_string());
    }

    #[test]
    fn segments_are_percent_encoded() {
        let odd = link(SsoView::Employee, "a/b?c", "t/../o\\k#").unwrap().reveal();
        assert_eq!(
            odd,
            "https://home.enkash.com/sso/t%2F..%2Fo%5Ck%23/employee_rewards/a%2Fb%3Fc"
        );
        for (partner, token) in [("", "t"), ("hrms", ""), ("..", "t"), ("hrms", "."), (".", "t")] {
            assert!(link(SsoView::Employee, partner, token).is_err());
        }
    }
}
