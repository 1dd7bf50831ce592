use super::journal::{Direction, Movement};
use super::*;
use crate::entry_state::EntryCourse;

#[test]
fn a_card_is_the_sum_of_what_it_carried_and_its_movements_even_when_some_are_forgotten() {
    let mut store = Store::new(
        &Seed::small(),
        1,
        Bounds {
            transactions: 3,
            people: 3,
        },
    );
    let card = store.cards.of_person("CA0SNDBX1", "9000000901").unwrap().id.clone();
    for number in 0..10 {
        let direction = if number % 3 == 2 {
            Direction::Debit
        } else {
            Direction::Credit
        };
        store
            .allocate(
                &card,
                direction,
                Decimal::new(1_005, 2),
                "R",
                EntryCourse::default(),
                Timestamp::UNIX_EPOCH,
            )
            .unwrap();
    }
    assert_eq!(store.journal.all().count(), 3);
    let moved: Decimal = store.journal.of_card(&card).map(Movement::signed).sum();
    let card = store.cards.get(&card).unwrap();
    assert_eq!(card.carried + moved, card.balance);
    assert_eq!(card.balance, Decimal::new(250_050 + 4 * 1_005, 2));
    let account = store.accounts.get("CA0SNDBX1").unwrap();
    assert_eq!(account.available + account.on_cards, Decimal::new(100_250_050, 2));
}
