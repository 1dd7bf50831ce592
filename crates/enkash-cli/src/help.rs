//! The texts below the options of `--help`: examples that run as they stand, and the exit codes. The command
//! line puts them in place; a test runs every example that begins with `enkash --sandbox`.

/// The narrowest terminal that people use.
const WIDTH: usize = 79;

/// Ends the help of every command that can end in more than one way.
macro_rules! exit_codes {
    () => {
        "\
Exit codes:
  0    done
  1    the program, the machine or the portal failed; no value is in doubt
  2    the input or the usage is wrong; nothing was sent
  3    the portal refused; nothing moved in the calls that it refused
  4    unknown or not finished: value may have moved, look before you repeat
  5    the credentials were not accepted
  6    not sent
  130  ended by Ctrl-C or another signal; nothing is unknown
  141  the reader of standard output went away
Where several apply, it is the first of 4, 130, 3, 5, 6, 141, 1.

What standard output does not take of a call that moves value goes to standard
error, and the code says what became of the value (0: it moved)."
    };
}

pub(crate) const TOP: &str = concat!(
    "\
Examples:
  enkash --sandbox allocate --file examples/allocations.csv
  enkash --sandbox account
  enkash --profile hrms doctor
  enkash sandbox --port 4010

Live calls take their settings from the environment: ENKASH_BASE_URL,
ENKASH_TOKEN_URL (if tokens are issued elsewhere), ENKASH_PARTNER_ID,
ENKASH_CLIENT_ID, ENKASH_CLIENT_SECRET, ENKASH_USERNAME, ENKASH_PASSWORD,
ENKASH_COMPANY_ID, ENKASH_CARD_ACCOUNT_ID. What is not there comes from the
profile that --profile or ENKASH_PROFILE names: see enkash profile --help.

",
    exit_codes!(),
    "\n\nUnofficial: not made, approved or supported by EnKash."
);

pub(crate) const ALLOCATE: &str = concat!(
    "\
Examples:
  enkash --sandbox allocate --file examples/allocations.csv
  enkash --sandbox allocate --title Ms --name Meera --email meera@example.com \\
      --mobile 9000000004 --gender F --amount 250.50
  enkash --sandbox --json allocate --file examples/allocations.csv
  enkash --sandbox allocate --file examples/allocations.csv --output csv
  enkash allocate --title Ms --name Meera --email meera@example.com \\
      --mobile 9000000004 --gender F --amount 250.50 --reference BONUS-2026-0042
  enkash --profile hrms allocate --dry-run --title Ms --name Meera \\
      --email meera@example.com --mobile 9000000004 --gender F --amount 250.50

The file is CSV in UTF-8 with the header
title,name,email,mobile,gender,amount,reference (in any order), and has at most
100,000 rows. Its mistakes are shown as FILE:LINE:COLUMN before anything is
sent: the first hundred, and how many more there are.

A live run asks once for the whole file. Before each call its ticket is written
into the new file that --tickets names; enkash settle --file reads it. Without
--tickets it is shown, and kept in the state folder until its outcome was told
(see enkash help settle). The run stops at the first row that is unknown or that
cannot log in, unless --keep-going is there, and before a row whose ticket or
whose result could not be written. The first Ctrl-C lets the call in flight
finish, and so do SIGTERM, SIGQUIT and a terminal that closes; a second one
gives up on it. With nohup a terminal that closes stops nothing.

--dry-run shows the request, with amount and reference and without the person,
and sends nothing, not even a log-in; it needs no password.

",
    exit_codes!()
);

pub(crate) const UNALLOCATE: &str = concat!(
    "\
Examples:
  enkash --sandbox unallocate --title Mr --name Ravi --email ravi@example.com \\
      --mobile 9000000901 --gender M --amount 100
  enkash unallocate --title Mr --name Ravi --email ravi@example.com \\
      --mobile 9000000901 --gender M --amount 100 --reference UNDO-2026-0042

Before the call the person is compared with the card that has this mobile
number: the portal finds people by nothing else. Another name or e-mail address
ends the command. --person-checked leaves the comparison out.

",
    exit_codes!()
);

pub(crate) const BULK: &str = concat!(
    "\
Examples:
  enkash --sandbox bulk --file examples/bulk.csv --mode existing-and-new
  enkash --sandbox --json bulk --file examples/bulk.csv --mode new-only
  enkash bulk --file examples/bulk.csv --mode existing-and-new

The file is CSV in UTF-8 with the header
title,name,email,mobile,amount,reference, and remarks if you like. All rows go
out in one request. The portal's answer names what succeeded by mobile number
and amount, and has no form for what failed: a row that it does not name beyond
doubt is unknown. Before the request all tickets are written into the new file
that --tickets names, or shown and kept in the state folder; enkash settle
--file reads them.

",
    exit_codes!()
);

pub(crate) const INCENTIVES: &str = concat!(
    "\
Examples:
  enkash --sandbox incentives allocate --title Mr --name Vikram \\
      --email vikram@example.com --mobile 9000000007 --gender M --amount 1200
  enkash --sandbox incentives unallocate --title Mr --name Ravi \\
      --email ravi@example.com --mobile 9000000901 --gender M --amount 100

The flags are those of allocate and unallocate. The account is the one of the
settings: ENKASH_CARD_ACCOUNT_ID must name an incentive account.

",
    exit_codes!()
);

pub(crate) const ORDER: &str = concat!(
    "\
Examples:
  enkash --sandbox order create --product PC0SANDBOXBOOKS1 \\
      --denomination 100 --quantity 2
  enkash --sandbox order create --product PC0SANDBOXTEA001 \\
      --denomination 250 --quantity 1 --as-user --reveal
  enkash --sandbox order undocumented --body examples/order.json \\
      --reference GIFT-2026-0007
  enkash order create --product PC0SANDBOXBOOKS1 --denomination 100 \\
      --quantity 1 --reference ORDER-2026-0042

No page says whose token orders want. The partner's is used; --as-user uses the
log-in of ENKASH_REDEMPTION_USERNAME and ENKASH_REDEMPTION_PASSWORD.

",
    exit_codes!()
);

pub(crate) const POINTS: &str = concat!(
    "\
Examples:
  enkash --sandbox points allocate --user EK3FLBHN --event REFERRAL_EVENT

The event's configuration says how many coins it is worth. No page documents a
look-up of an allocation: what is unknown stays so until EnKash says.

",
    exit_codes!()
);

pub(crate) const SETTLE: &str = "\
Examples:
  enkash settle --file examples/tickets.jsonl
  enkash settle --file examples/tickets.jsonl --within 0s --output csv

A ticket is the JSON that stood on standard error before the call, or a line of
the file that --tickets named. The ticket of a live call without --tickets is in
tickets.jsonl of the state folder (ENKASH_STATE_DIR, or the platform's: enkash
doctor names it) from before the call until its outcome was told: after a crash
or a closed terminal, look there. What is found is taken out of that file; when
EnKash has cleared the rest, delete it.

A ticket is looked up again and again until it is found or the time has passed;
nothing that moves value is sent. It may hold a phone number, and arguments can
be seen by others: prefer - or --file. A file has at most
100,000 lines.

  0    all were found: the value moved
  4    not found in the time, or not finished: keep the ticket
  6    did not happen; only a look-up that is verified can say so
  5    the credentials were not accepted
  2    a ticket cannot be read

With --sandbox there is nothing to look up, for it ends with the command: use
enkash sandbox, which stays.";

pub(crate) const TOKEN: &str = "\
Examples:
  enkash --sandbox token
  enkash --sandbox token --output json
  enkash token --reset-strikes
  enkash token --as-user

The token is kept for the next run, and so is the count of failed log-ins, in
files that only you can read: in the platform's state folder, or in
ENKASH_STATE_DIR. The third failure in a row locks the account, so the first
that the portal rejects stops all further log-ins with the same credentials.
--no-token-cache keeps no token; failures are counted all the same.";

pub(crate) const ACCOUNT: &str = "\
Examples:
  enkash --sandbox account
  enkash --sandbox account --output json
  enkash --profile hrms account --output csv";

pub(crate) const CARDS: &str = "\
Examples:
  enkash --sandbox cards
  enkash --sandbox cards --output json
  enkash --profile hrms cards --output csv

In CSV a text that a spreadsheet would run as a formula has an apostrophe in
front; allocate --file takes it off again.";

pub(crate) const TRANSACTIONS: &str = "\
Examples:
  enkash --sandbox transactions
  enkash --sandbox transactions --reference BONUS-2026-0042
  enkash --sandbox transactions --output json
  enkash --profile hrms transactions --output csv";

pub(crate) const SSO: &str = "\
Examples:
  enkash --sandbox sso token --card EKCUQWZ8SX --reveal
  enkash --profile hrms sso token --card EKCUQWZ8SX";

pub(crate) const PROFILE: &str = "\
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

It never holds a secret. Those come from ENKASH_CLIENT_SECRET, ENKASH_PASSWORD
and ENKASH_REDEMPTION_PASSWORD, from files that only you can read (chmod 600),
or from the terminal, which asks for what is missing. The environment goes
before the profile; where it sets ENKASH_BASE_URL, the other hosts of the
profile are not used either. ENKASH_CONFIG names another file.";

pub(crate) const DOCTOR: &str = "\
Examples:
  enkash doctor
  enkash --profile hrms doctor --login
  enkash --sandbox doctor --output json

Each host gets one HEAD request for /, without credentials. Exit code 0 when no
check failed, 1 otherwise; a note or a warning is no failure.";

pub(crate) const PATHS: &str = "\
Examples:
  enkash paths
  enkash --profile hrms paths --output json

The portal names these operations and shows no path, or none for this product.
An inferred path is that of a sibling page: it is used, with a note. An unknown
one is never guessed: a call that needs it is not sent until you give method and
path, as EnKash told you or your own traffic shows them:

  [profile.hrms.paths]
  searchCatalog = \"POST /the/path/that/you/were/given\"

The method is GET, POST, PUT, PATCH or DELETE. A path begins with one slash. It
cannot name a host, a query or a fragment; {NAME} takes the operation's own
parameter of that name. It may not be the path of another operation that moves
value, nor a read's that of one that is never repeated. On a path of yours
nothing is repeated by itself.";

pub(crate) const SCHEMA: &str = "\
Examples:
  enkash schema --list
  enkash schema AllocatePointsRequest";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  enkash completions bash
  enkash completions zsh
  enkash completions fish

For bash, in ~/.bashrc:  source <(enkash completions bash)
For zsh, in a folder of $fpath:  enkash completions zsh > _enkash
For fish:  enkash completions fish > ~/.config/fish/completions/enkash.fish";

const SANDBOX: &str = "\
Examples:
  enkash sandbox
  enkash sandbox --port 4010 --switch duplicate_reference=refuse
  enkash sandbox --faults examples/faults.yaml --token-ttl 60
  enkash sandbox --port 4010 --expose enkash

The line has: url, client_id, client_secret, username, password, partner_id,
company_id, card_account_id, and stated_paths: where the operations are served
whose path no page shows. All of it is synthetic. Clock, switches, faults, log
and ledger are under /_sandbox of the same address.

Switches, the default first:";

/// The help of the sandbox, with every switch that it has.
pub(crate) fn sandbox() -> String {
    let mut text = SANDBOX.to_owned();
    for switch in enkash_sandbox::Switches::TABLE {
        text.push('\n');
        wrap(&mut text, 2, &format!("{}: {}", switch.name, switch.about));
        for (value, meaning) in switch.values {
            wrap(&mut text, 6, &format!("{value}: {meaning}"));
        }
    }
    text
}

/// Adds a text in lines that a terminal shows whole.
fn wrap(text: &mut String, indent: usize, words: &str) {
    let mut column = WIDTH;
    for word in words.split_whitespace() {
        let width = word.chars().count();
        if column + 1 + width > WIDTH {
            text.push('\n');
            text.extend(std::iter::repeat_n(' ', indent));
            column = indent;
        } else {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += width;
    }
}
