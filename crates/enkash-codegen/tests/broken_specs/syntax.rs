//! Texts that are not the YAML that the spec allows.

use crate::*;

#[test]
fn bad_indentation() {
    edited(REWARDS, "      operationId: getCart\n", "     operationId: getCart\n").stops_codegen(&[
        "spec/rewards.yaml:57: not YAML: mapping values are not allowed in this context: \
         check the indentation and the quotes of this line and of the one above it",
    ]);
}

#[test]
fn an_open_quote() {
    edited(
        REWARDS,
        "title: A spec that keeps every rule",
        "title: 'A spec that keeps every rule",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:4: not YAML: did not find expected key: check the indentation and \
         the quotes of this line and of the one above it",
    ]);
}

#[test]
fn a_colon_in_a_bare_text() {
    edited(REWARDS, "summary: Read the cart", "summary: Read: the cart").stops_codegen(&[
        "spec/rewards.yaml:58: not YAML: mapping values are not allowed in this context: \
         check the indentation and the quotes of this line and of the one above it",
    ]);
}

#[test]
fn a_tab_in_the_indentation() {
    edited(REWARDS, "      operationId: getCart\n", "	  operationId: getCart\n")
        .stops_codegen(&["spec/rewards.yaml:56: a tab in the indentation: YAML indents with spaces"]);
}

#[test]
fn a_key_that_is_a_number() {
    edited(REWARDS, "        '404':", "        404:")
        .stops_codegen(&["spec/rewards.yaml:127: key 404 is a number to YAML, and keys are texts: write '404'"]);
}

#[test]
fn a_key_that_is_a_list() {
    edited(
        REWARDS,
        "info:\n",
        "? [info]
:
",
    )
    .stops_codegen(&["spec/rewards.yaml:2: a key must be a text, not a mapping, a list or an alias"]);
}

#[test]
fn a_word_that_is_a_boolean_elsewhere() {
    edited(REWARDS, "enum: [CR, DR]", "enum: [YES, NO]").stops_codegen(&[
        "spec/rewards.yaml:214: NO is a boolean to some YAML readers and a text to others: \
         write 'NO'",
        "spec/rewards.yaml:214: YES is a boolean to some YAML readers and a text to others: \
         write 'YES'",
    ]);
}

#[test]
fn a_number_that_json_cannot_keep() {
    edited(
        REWARDS,
        "amount: 11, reference: R1}\n      responses",
        "amount: 1234567890123456.75, reference: R1}\n      responses",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:30: 1234567890123456.75 has more than 15 digits, which a JSON \
         number does not keep: write '1234567890123456.75'",
    ]);
}

#[test]
fn a_tag_with_an_exclamation_mark() {
    edited(REWARDS, "title: A spec that keeps every rule", "title: !upper A spec")
        .stops_codegen(&["spec/rewards.yaml:3: the tag !upper has no meaning here: remove it"]);
}

#[test]
fn an_alias_to_nothing() {
    edited(REWARDS, "<<: *envelope", "<<: *envelop")
        .stops_codegen(&["spec/rewards.yaml:208: not YAML: unknown anchor"]);
}

#[test]
fn two_documents() {
    edited(
        REWARDS,
        "\ncomponents:",
        "
---
components:",
    )
    .stops_codegen(&["spec/rewards.yaml:164: a second document (`---`) in one file: only one is read"]);
}

#[test]
fn a_component_defined_twice() {
    edited(
        REWARDS,
        "    CartRow:\n",
        "    Card:
      type: object
    CartRow:
",
    )
    .stops_codegen(&["spec/rewards.yaml:256: components.schemas.Card is defined twice (first at line 246)"]);
}

#[test]
fn a_path_defined_twice() {
    edited(REWARDS, "  /-unknown-/fetchOrderInfo:\n", "  /api/v0/cart:\n")
        .stops_codegen(&["spec/rewards.yaml:142: path /api/v0/cart is defined twice (first at line 54)"]);
}

#[test]
fn a_property_defined_twice() {
    edited(
        REWARDS,
        "        tags:\n          type: array",
        "        quantity:\n          type: array",
    )
    .stops_codegen(&[
        "spec/rewards.yaml:264: components.schemas.CartRow.properties.quantity is defined \
         twice (first at line 260)",
    ]);
}

#[test]
fn a_field_of_an_operation_defined_twice() {
    edited(
        REWARDS,
        "      summary: Read the cart\n",
        "      summary: Read the cart
      summary: Read it
",
    )
    .stops_codegen(&["spec/rewards.yaml:59: summary of GET /api/v0/cart is defined twice (first at line 58)"]);
}

#[test]
fn an_entry_of_the_policy_defined_twice() {
    edited(POLICY, "  updateCart:", "  addToCart:")
        .stops_codegen(&["spec/policy.yaml:22: operations.addToCart is defined twice (first at line 18)"]);
}
