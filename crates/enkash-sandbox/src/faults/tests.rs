use super::*;

#[test]
fn the_nth_call_of_an_operation_is_met_and_no_other() {
    let mut plan = FaultPlan::new(1);
    plan.add(FaultRule::on(Operation::GetCart, Fault::TornBody).nth(2));
    assert!(plan.next(Operation::GetCart).is_empty());
    assert!(plan.next(Operation::AddToCart).is_empty());
    assert_eq!(plan.next(Operation::GetCart), [Fault::TornBody]);
    assert!(plan.next(Operation::GetCart).is_empty());
}

#[test]
fn times_bounds_a_rule_and_probability_is_repeatable() {
    let mut plan = FaultPlan::new(1);
    plan.add(FaultRule::everywhere(Fault::IdleClose).times(2));
    let fired: usize = (0..5).map(|_| plan.next(Operation::GetCart).len()).sum();
    assert_eq!(fired, 2);
    let run = || {
        let mut plan = FaultPlan::new(9);
        plan.add(FaultRule::everywhere(Fault::TornBody).probability(0.3));
        (0..1_000)
            .map(|_| plan.next(Operation::GetCart).len())
            .collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
    let fired: usize = run().iter().sum();
    assert!((200..400).contains(&fired), "{fired}");
}

#[test]
fn a_burst_begins_at_a_call_and_ends_after_its_times() {
    let mut plan = FaultPlan::new(1);
    plan.add(
        FaultRule::on(Operation::GetCart, Fault::TornBody)
            .starting_at(3)
            .times(2),
    );
    let fired: Vec<_> = (0..6).map(|_| plan.next(Operation::GetCart).len()).collect();
    assert_eq!(fired, [0, 0, 1, 1, 0, 0]);
}

#[test]
fn a_list_has_no_more_rules_than_a_call_can_look_at() {
    let list = |count| "- {kind: torn-body}\n".repeat(count);
    assert_eq!(FaultRule::list_from_yaml(&list(1_000)).unwrap().len(), 1_000);
    let error = FaultRule::list_from_yaml(&list(1_001)).unwrap_err().to_string();
    assert!(error.contains("more than 1000 rules"), "{error}");
}
