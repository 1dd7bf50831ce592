//! Where the API's lists stand: a count and `data` in `payload`, or a list in its place. Every wrapper that gives a list, and
//! settlement, reads it here, so that a response without one is never taken for an empty list.

use serde_json::Value;

use crate::envelope::Envelope;

/// The rows of a response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct List<'a> {
    pub(crate) rows: &'a [Value],
    /// How many rows there are in all, where the response says it in a number.
    pub(crate) total_count: Option<u64>,
    /// Whether a single row stands in place of the list.
    pub(crate) is_single: bool,
}

impl<'a> List<'a> {
    /// `None` where no list stands: that is not an empty one.
    pub(crate) fn from_response(answer: &'a Value) -> Option<Self> {
        Self::from_payload(Envelope::new(answer).payload()?)
    }

    /// The same, where a single row may stand in place of the list: an object that has this field.
    pub(crate) fn from_response_or_single(answer: &'a Value, field: &str) -> Option<Self> {
        let payload = Envelope::new(answer).payload()?;
        let single = || {
            payload.get(field).map(|_| Self {
                rows: std::slice::from_ref(payload),
                total_count: None,
                is_single: true,
            })
        };
        Self::from_payload(payload).or_else(single)
    }

    fn from_payload(payload: &'a Value) -> Option<Self> {
        let total_count = payload.get("recordsCount").and_then(Value::as_u64);
        let rows = match payload.get("data") {
            Some(Value::Array(rows)) => rows,
            // Nothing was found, and the API says so.
            None | Some(Value::Null) if total_count == Some(0) => &[][..],
            None => payload.as_array()?,
            Some(_) => return None,
        };
        Some(Self {
            rows,
            total_count,
            is_single: false,
        })
    }

    /// Whether rows are said to be there, and none is shown.
    pub(crate) fn lacks_all_rows(&self) -> bool {
        self.rows.is_empty() && self.total_count.is_some_and(|count| count > 0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_is_empty_only_where_the_answer_says_so() {
        for (payload, rows) in [
            (json!({"recordsCount": 2, "data": [1, 2]}), Some(2)),
            (json!({"data": []}), Some(0)),
            (json!([1]), Some(1)),
            (json!([]), Some(0)),
            (json!({"recordsCount": 0, "data": null}), Some(0)),
            (json!({"recordsCount": 0}), Some(0)),
            (json!({"recordsCount": 28}), None),
            (json!({"recordsCount": 28, "data": null}), None),
            (json!({"recordsCount": "0"}), None),
            (json!({"recordsCount": 0, "data": {}}), None),
            (json!({}), None),
            (json!(null), None),
            (json!("Success"), None),
        ] {
            let answer = json!({"code": 0, "payload": payload});
            assert_eq!(
                List::from_response(&answer).map(|list| list.rows.len()),
                rows,
                "{answer}"
            );
        }
        assert!(List::from_response(&json!({"code": 0})).is_none());
        let hidden = json!({"payload": {"recordsCount": 28, "data": []}});
        assert!(List::from_response(&hidden).unwrap().lacks_all_rows());
    }

    #[test]
    fn a_single_row_is_known_by_its_field() {
        let rows =
            |payload| List::from_response_or_single(&json!({"payload": payload}), "id").map(|list| list.rows.len());
        assert_eq!(rows(json!({"id": 1})), Some(1));
        assert_eq!(rows(json!({"total": 28})), None);
        assert_eq!(rows(json!({"recordsCount": 28})), None);
        assert_eq!(rows(json!([])), Some(0));
    }
}
