//! `enkash order`: orders of vouchers.

mod create;
mod list;
mod show;
mod undocumented;
mod voucher_fields;

use crate::command::command_table;

pub(super) const ABOUT: &str = "Orders of vouchers";

pub(super) const HELP: &str = "\
Examples:
  enkash --sandbox order create --product PC0SANDBOXBOOKS1 \\
      --denomination 100 --quantity 2
  enkash --sandbox order list
  enkash order create --product PC0SANDBOXBOOKS1 --denomination 100 \\
      --quantity 1 --reference ORDER-2026-0042
  enkash order show ORDER-2026-0042";

command_table! {
    pub(crate) enum Order {
        Create(create::Create),
        Undocumented(undocumented::Undocumented),
        Show(show::Show),
        List(list::List),
    }
}
