//! The arguments of the commands that move value, and of `settle`.

use std::{path::PathBuf, time::Duration};

use clap::{Args, ValueEnum};

use crate::allocations_file::Column;

#[derive(Args, Debug)]
pub(crate) struct Allocate {
    /// Allocate every row of this CSV file, one call after the other
    #[arg(
        long,
        conflicts_with_all = ["title", "name", "email", "mobile", "gender", "amount", "reference"]
    )]
    pub(crate) file: Option<PathBuf>,
    /// Write each ticket into this new file before its call, not to standard error
    #[arg(long, value_name = "FILE", requires = "file")]
    pub(crate) tickets: Option<PathBuf>,
    /// Go on after a row that is unknown, or that could not log in
    #[arg(long, requires = "file")]
    pub(crate) keep_going: bool,
    #[command(flatten)]
    pub(crate) call: SingleCall,
}

#[derive(Args, Debug)]
pub(crate) struct Unallocate {
    /// Do not compare the person with the card of this mobile number: you have checked it
    #[arg(long)]
    pub(crate) person_checked: bool,
    #[command(flatten)]
    pub(crate) call: SingleCall,
}

/// One call that moves value. All but the reference are required, which is checked with the values: with
/// `--file` they must not be there.
#[derive(Args, Debug)]
pub(crate) struct SingleCall {
    /// Mr, Mrs or Ms
    #[arg(long)]
    title: Option<String>,
    /// The person's name
    #[arg(long)]
    name: Option<String>,
    /// The person's e-mail address
    #[arg(long)]
    email: Option<String>,
    /// The person's mobile number, 10 digits: the portal finds the person by it
    #[arg(long)]
    mobile: Option<String>,
    /// M, F, Male or Female
    #[arg(long)]
    gender: Option<String>,
    /// Rupees or points, with at most two decimals
    #[arg(long, allow_negative_numbers = true)]
    amount: Option<String>,
    /// Your own reference, new for each intent; one is made and shown if it is left out
    #[arg(long)]
    reference: Option<String>,
    /// Send a live call without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

impl SingleCall {
    /// The value of a flag by the name of its column.
    pub(crate) fn value(&self, column: Column) -> Option<&str> {
        match column {
            Column::Title => self.title.as_deref(),
            Column::Name => self.name.as_deref(),
            Column::Email => self.email.as_deref(),
            Column::Mobile => self.mobile.as_deref(),
            Column::Gender => self.gender.as_deref(),
            Column::Amount => self.amount.as_deref(),
            Column::Reference => self.reference.as_deref(),
            Column::Remarks => None,
        }
    }
}

#[derive(Args, Debug)]
pub(crate) struct Bulk {
    /// The CSV file, all rows of which go out in one request
    #[arg(long)]
    pub(crate) file: PathBuf,
    /// What happens to people that the portal knows already
    #[arg(long, value_enum)]
    pub(crate) mode: BulkMode,
    /// Write the tickets into this new file before the request, not to standard error
    #[arg(long, value_name = "FILE")]
    pub(crate) tickets: Option<PathBuf>,
    /// Send a live request without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

/// The page's two choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BulkMode {
    /// Load points for people that exist and for new ones
    ExistingAndNew,
    /// Create new people and load points for those only
    NewOnly,
}

#[derive(Args, Debug)]
pub(crate) struct OrderCreate {
    /// The product, as the catalogue names it
    #[arg(long, value_name = "ID")]
    pub(crate) product: String,
    /// The face value of one voucher, in whole rupees
    #[arg(long, value_name = "RUPEES", allow_negative_numbers = true)]
    pub(crate) denomination: i64,
    /// How many vouchers
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) quantity: i64,
    /// Your own reference, new for each order; one is made and shown if it is left out
    #[arg(long)]
    pub(crate) reference: Option<String>,
    #[command(flatten)]
    pub(crate) how: OrderHow,
}

#[derive(Args, Debug)]
pub(crate) struct OrderUndocumented {
    /// The JSON that your portal wants
    #[arg(long, value_name = "FILE")]
    pub(crate) body: PathBuf,
    /// Your own reference, for your ledger; put it into the body where your portal wants it
    #[arg(long)]
    pub(crate) reference: String,
    #[command(flatten)]
    pub(crate) how: OrderHow,
}

#[derive(Args, Debug)]
pub(crate) struct OrderHow {
    /// Use the log-in of the redemption user, not the partner's
    #[arg(long)]
    pub(crate) as_user: bool,
    /// Show codes and pins of vouchers: whoever has them can spend them
    #[arg(long)]
    pub(crate) reveal: bool,
    /// Send a live call without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Args, Debug)]
pub(crate) struct PointsAllocate {
    /// The person, as EnKash names them (`enkash cards --output json` has the ids)
    #[arg(long, value_name = "ID")]
    pub(crate) user: String,
    /// The event, whose configuration says how many coins it is worth
    #[arg(long, value_name = "NAME")]
    pub(crate) event: String,
    /// The company of the person; that of the settings if it is left out
    #[arg(long, value_name = "ID")]
    pub(crate) company: Option<String>,
    /// Your own reference, new for each allocation; one is made and shown if it is left out
    #[arg(long)]
    pub(crate) reference: Option<String>,
    /// Send a live call without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Settle {
    /// A ticket, the JSON that stood on standard error before the call; - reads it from standard input
    #[arg(required_unless_present = "file", conflicts_with = "file")]
    pub(crate) ticket: Option<String>,
    /// A file of tickets, one a line
    #[arg(long)]
    pub(crate) file: Option<PathBuf>,
    /// How long to look for each: 30s, 2m, 1h; 0s looks once
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = duration)]
    pub(crate) within: Duration,
    /// Look orders up with the log-in of the redemption user, not the partner's
    #[arg(long)]
    pub(crate) as_user: bool,
}

/// A number with its unit.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "not a duration such as 30s, 2m or 1h".to_owned();
    let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];
    let number = |unit: &str| text.strip_suffix(unit)?.parse::<u64>().ok();
    let millis = units
        .iter()
        .find_map(|(unit, millis)| number(unit)?.checked_mul(*millis))
        .ok_or_else(wrong)?;
    Ok(Duration::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_with_a_unit() {
        for (text, millis) in [
            ("0s", 0),
            ("30s", 30_000),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("250ms", 250),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in [
            "",
            "s",
            "30",
            "-1s",
            "1.5s",
            "1d",
            "99999999999999999999s",
            "9999999999999999h",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
