//! What a profile allows of runs: the largest row, the largest run, and above which totals how many other people must approve.

use enkash::Money;
use enkash_ledger::Amount;
use toml::{Spanned, de::DeValue};

use super::toml_text::parse_text;
use crate::exit::CliError;

/// The tables `run_limits` and `approvals` of a profile.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunLimits {
    pub(crate) largest_row: Option<Amount>,
    pub(crate) largest_run: Option<Amount>,
    /// Above the total so many other people must approve.
    pub(crate) approvals: Vec<(Amount, u32)>,
}

impl RunLimits {
    /// Refuses rows to send that are beyond the profile's limits: the largest of them with its line, and what they add up to.
    pub(crate) fn check(&self, file: &str, largest: Option<(u64, Amount)>, total: Amount) -> Result<(), CliError> {
        if let (Some(most), Some((line, amount))) = (self.largest_row, largest)
            && amount > most
        {
            return Err(CliError::bad_input(format!(
                "{file}:{line}: the amount {amount} is more than the profile allows for a row (largest_row = {most}): nothing \
                 was sent"
            )));
        }
        if let Some(most) = self.largest_run
            && total > most
        {
            return Err(CliError::bad_input(format!(
                "{file}: the rows add up to {total}, more than the profile allows for a run (largest_run = {most}): nothing was \
                 sent"
            )));
        }
        Ok(())
    }

    /// Refuses a single payment, or a bulk request, that is beyond the limits, or that others would have to approve: only a run
    /// waits for them.
    pub(crate) fn check_call(&self, largest: Amount, total: Amount) -> Result<(), CliError> {
        if let Some(most) = self.largest_row.filter(|most| largest > *most) {
            return Err(CliError::bad_input(format!(
                "the amount {largest} is more than the profile allows for a row (largest_row = {most}): nothing was sent"
            )));
        }
        if let Some(most) = self.largest_run.filter(|most| total > *most) {
            return Err(CliError::bad_input(format!(
                "the rows add up to {total}, more than the profile allows for a run (largest_run = {most}): nothing was sent"
            )));
        }
        match self.approvals_needed(total) {
            0 => Ok(()),
            _ => Err(CliError::bad_input(format!(
                "the profile wants another person's approval of {total}, which only a run waits for: nothing was sent. Put it \
                 into a file, and use allocate --file."
            ))),
        }
    }

    /// How many other people must approve a run of this total.
    pub(crate) fn approvals_needed(&self, total: Amount) -> u32 {
        let tiers = self.approvals.iter().filter(|(above, _)| total > *above);
        tiers.map(|(_, people)| *people).max().unwrap_or(0)
    }

    pub(super) fn read_limit(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Result<(), String> {
        let limit = match name {
            "largest_row" => &mut self.largest_row,
            "largest_run" => &mut self.largest_run,
            _ => {
                return Err(format!(
                    "there is no limit {name:?}; there are largest_row, largest_run"
                ));
            }
        };
        *limit = Some(parse_amount(name, &parse_text(name, value)?)?);
        Ok(())
    }

    pub(super) fn read_tier(&mut self, above: &str, value: &Spanned<DeValue<'_>>) -> Result<(), String> {
        let above = parse_amount(above, above)?;
        let people = match value.get_ref() {
            DeValue::Integer(number) => number.to_string().parse().ok(),
            _ => None,
        };
        let people = people.filter(|people| (1..=9).contains(people));
        let people = people.ok_or_else(|| format!("approvals above {above} are a number of people, from 1 to 9"))?;
        self.approvals.push((above, people));
        Ok(())
    }
}

fn parse_amount(name: &str, text: &str) -> Result<Amount, String> {
    let money: Option<Money> = text.parse().ok();
    let amount = money.and_then(|money| Amount::try_from(money).ok());
    amount
        .filter(|amount| *amount > Amount::ZERO)
        .ok_or_else(|| format!("{name} is not an amount such as \"100000.00\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_tier_below_the_total_counts() {
        let amount = |text: &str| Amount::try_from(text.parse::<Money>().unwrap()).unwrap();
        let limits = RunLimits {
            approvals: vec![(amount("1000000"), 2), (amount("100000"), 1)],
            ..RunLimits::default()
        };
        for (total, people) in [("100000", 0), ("100000.01", 1), ("1000000", 1), ("1000001", 2)] {
            assert_eq!(limits.approvals_needed(amount(total)), people, "{total}");
        }
    }
}
