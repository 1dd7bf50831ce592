//! `enkash profile`: which profiles there are, and which settings a command would use.

mod list;
mod path;
mod show;

use crate::command::command_table;

pub(super) const ABOUT: &str = "The named settings of live calls";

pub(super) const HELP: &str = "\
Examples:
  enkash profile list
  enkash profile show hrms
  enkash --profile hrms profile show --output json
  enkash profile path
  enkash --profile hrms account

The file is TOML, with one table for each profile:

  [profile.hrms]
  base_url = \"https://pay-en-uat.enkash.in\"
  token_url = \"https://pay-en-uat.enkash.in\"   # if it is another host
  partner_id = \"CRMXWB3ZM\"
  company_id = \"CEK1PU9AOO\"
  card_account_id = \"CAQL8YCV3\"
  client_id = \"CEK1PU9AOO\"
  username = \"9000000001\"
  client_secret_file = \"hrms.client-secret\"    # beside this file
  password_file = \"~/.secrets/enkash-hrms\"
  redemption_username = \"9000000901\"           # for --as-user
  redemption_password_file = \"hrms.redemption\"
  encryption = \"off\"                           # or requests, or both
  policy_overlay = \"our-policy.yaml\"           # what your contract adds
  allow_loosening = [\"createOrder\"]            # what it may loosen
  allow_plain_http = [\"stub.internal\"]

  [profile.hrms.hosts]                         # of a tag that differs
  Redemption = \"https://marketplace-uat.enkash.in\"

  [profile.hrms.paths]                         # see enkash help paths
  searchCatalog = \"POST /the/path/that/you/were/given\"

  [profile.hrms.response_limits]               # in bytes; more is not read
  list = 33554432                              # also money, bulk_row, other

  [profile.hrms.run_limits]                    # of files of allocations
  largest_row = \"50000\"
  largest_run = \"5000000\"

  [profile.hrms.approvals]                     # above a total, so many others
  \"100000\" = 1

A ledger in PostgreSQL is named by ledger_url_file, or by ENKASH_LEDGER_URL.

A fleet is many machines that log in once and count failed logins together:

  fleet_url_file = \"fleet.url\"                # in PostgreSQL or Redis
  fleet_key_file = \"fleet.key\"                # openssl rand -base64 32
  fleet_token_url_file = \"fleet-tokens.url\"   # if the token is elsewhere

or ENKASH_FLEET_URL, ENKASH_FLEET_KEY_FILE (the key is only ever in a file) and
ENKASH_FLEET_TOKEN_URL. An address is postgresql://USER:PASSWORD@HOST/DATABASE
or rediss://USER:PASSWORD@HOST/0. All machines have the same key; what the
database holds is sealed with it. --sandbox has a world of its own, and uses no
fleet.

It never holds a secret. Those come from ENKASH_CLIENT_SECRET, ENKASH_PASSWORD
and ENKASH_REDEMPTION_PASSWORD, from files that only you can read (chmod 600) or
that root lets your group read, or from the terminal, which asks for what is
missing. The environment goes before the profile; where it sets
ENKASH_BASE_URL, the other hosts of the profile are not used either.
ENKASH_CONFIG names another file.";

command_table! {
    pub(crate) enum Profile {
        List(list::List),
        Show(show::Show),
        Path(path::Path),
    }
}
