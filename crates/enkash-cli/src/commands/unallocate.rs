//! `enkash unallocate`: takes points back from one person, who is compared with the card first.

use enkash::Unallocation;

use super::move_value::{self, SingleCall};
use crate::{
    cli,
    exit::{Exit, Failure},
    output::Output,
    session::{Session, Target},
};

pub(super) async fn run(target: &Target, arguments: cli::SingleCall, output: &mut Output) -> Result<Exit, Failure> {
    let call = SingleCall::read("unallocate", "from", &arguments)?;
    let session = Session::open(target, output).await?;
    let row = &call.row;
    let person = session.rewards.check_person(row.person.clone()).await?;
    let unallocation = Unallocation::from_person(person, row.amount, row.reference.clone());
    let ticket = session.rewards.ticket_of_unallocation(&unallocation);
    move_value::run(
        &session,
        &call,
        ticket,
        session.rewards.unallocate(unallocation),
        output,
    )
    .await
}
