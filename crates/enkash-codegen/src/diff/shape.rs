//! Schemas by their meaning: references stay names, and `allOf` becomes the one object that it stands for, whose fields know
//! the component that they come from. Words for people are left out. What is not understood is kept, so that the rules can say
//! that it differs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::tree::{Node, Tree};
use crate::spec::pointer::Pointer;

/// What a schema says.
#[derive(Clone, Debug)]
pub(super) struct Shape<'a> {
    pub(super) at: Pointer,
    pub(super) kind: Kind<'a>,
    pub(super) is_nullable: bool,
    pub(super) title: Option<&'a str>,
    /// `default`, `deprecated`, `readOnly`, `writeOnly`.
    pub(super) marks: BTreeMap<&'a str, &'a Value>,
    /// Limits of the value.
    pub(super) bounds: BTreeMap<&'a str, &'a Value>,
    /// Keys that no rule knows, and known ones with a value of the wrong kind.
    pub(super) others: BTreeMap<&'a str, &'a Value>,
}

/// The kind of a value.
#[derive(Clone, Debug)]
pub(super) enum Kind<'a> {
    Any,
    Reference(&'a str),
    Scalar {
        name: &'a str,
        format: Option<&'a str>,
    },
    Words(Vec<&'a str>),
    List(Box<Shape<'a>>),
    Map(Box<Shape<'a>>),
    Object(Object<'a>),
    Variants {
        keyword: &'static str,
        list: Vec<Shape<'a>>,
    },
}

/// An object, with the fields of all of its parts.
#[derive(Clone, Debug, Default)]
pub(super) struct Object<'a> {
    pub(super) fields: BTreeMap<&'a str, Field<'a>>,
    /// The components that it is made of, also of those inside of them.
    pub(super) parts: BTreeSet<&'a str>,
    /// Names that are required and are no field.
    pub(super) dangling: BTreeSet<&'a str>,
    pub(super) refuses_others: bool,
}

/// A field of an object.
#[derive(Clone, Debug)]
pub(super) struct Field<'a> {
    pub(super) shape: Shape<'a>,
    pub(super) description: Option<&'a str>,
    pub(super) is_required: bool,
    /// The component that it stands in, where that is a part of the object and not the object itself.
    pub(super) origin: Option<&'a str>,
}

const BOUNDS: [&str; 13] = [
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];
const MARKS: [&str; 4] = ["default", "deprecated", "readOnly", "writeOnly"];
const WORDS_FOR_PEOPLE: [&str; 4] = ["description", "example", "externalDocs", "title"];
/// Deeper parts are a circle.
const MAX_DEPTH: usize = 16;

impl<'a> Shape<'a> {
    /// What a schema says. References to other components are not followed, except by `allOf`.
    pub(super) fn new(tree: &'a Tree, node: &Node<'a>) -> Self {
        Self::at_depth(tree, node, 0)
    }

    fn at_depth(tree: &'a Tree, node: &Node<'a>, depth: usize) -> Self {
        let mut shape = Self {
            at: node.at.clone(),
            kind: Kind::Any,
            is_nullable: node.flag("nullable"),
            title: node.text("title"),
            marks: BTreeMap::new(),
            bounds: BTreeMap::new(),
            others: BTreeMap::new(),
        };
        if let Some(reference) = node.reference() {
            shape.kind = match reference.strip_prefix("#/components/schemas/") {
                Some(name) => Kind::Reference(name),
                None => shape.not_understood("$ref", node),
            };
            // The standard lets nothing else stand beside a reference.
            return shape;
        }
        shape.read_keys(node);
        shape.kind = match kind(tree, node, depth) {
            Some(kind) => kind,
            None => shape.not_understood("allOf", node),
        };
        // What a part says of the whole, beside its fields.
        for part in node
            .below("allOf")
            .items()
            .iter()
            .filter(|part| part.reference().is_none())
        {
            let part = Self::at_depth(tree, part, depth + 1);
            shape.is_nullable |= part.is_nullable;
            shape.marks.extend(part.marks);
            shape.bounds.extend(part.bounds);
            shape.others.extend(part.others);
        }
        shape
    }

    fn not_understood(&mut self, key: &'a str, node: &Node<'a>) -> Kind<'a> {
        self.others.insert(key, node.value);
        Kind::Any
    }

    fn read_keys(&mut self, node: &Node<'a>) {
        if !node.value.is_object() {
            self.others.insert("a schema", node.value);
        }
        for (key, value) in node.entries() {
            let value = value.value;
            if let Some(bound) = BOUNDS.iter().find(|bound| **bound == key) {
                self.bounds.insert(bound, value);
            } else if let Some(mark) = MARKS.iter().find(|mark| **mark == key) {
                self.marks.insert(mark, value);
            } else if !is_understood(key, node) && !WORDS_FOR_PEOPLE.contains(&key) {
                self.others.insert(key, value);
            }
        }
        // What is not said is the same as what is said in its usual form.
        for key in ["exclusiveMinimum", "exclusiveMaximum", "uniqueItems"] {
            self.bounds
                .retain(|name, value| *name != key || **value != Value::Bool(false));
        }
        self.marks.retain(|_, value| **value != Value::Bool(false));
    }

    /// The component's shape behind a reference, through as many as there are.
    pub(super) fn resolved(self, tree: &'a Tree) -> Self {
        let mut shape = self;
        for _ in 0..MAX_DEPTH {
            let Kind::Reference(name) = shape.kind else { break };
            let Some(node) = tree.component("schemas", name) else {
                break;
            };
            let is_nullable = shape.is_nullable;
            shape = Self::new(tree, &node);
            shape.is_nullable |= is_nullable;
        }
        shape
    }
}

/// Whether a key has a rule that reads it in this schema, and a value that the rule can read.
fn is_understood(key: &str, node: &Node<'_>) -> bool {
    let value = &node.value[key];
    let has = |key| node.child(key).is_some();
    let is_composed = has("allOf") || has("oneOf") || has("anyOf");
    let type_name = node.text("type");
    let is_object = matches!(type_name, None | Some("object"));
    match key {
        "nullable" => value.is_boolean(),
        "oneOf" => are_objects(value) && !has("allOf"),
        "anyOf" => are_objects(value) && !has("allOf") && !has("oneOf"),
        "allOf" => are_objects(value),
        "type" => value.is_string() && (!is_composed || (type_name == Some("object") && has("allOf"))),
        "format" => value.is_string() && !is_composed && !matches!(type_name, None | Some("object" | "array")),
        "enum" => all_texts(value) && !is_composed && type_name == Some("string"),
        "items" => value.is_object() && !is_composed && type_name == Some("array"),
        "properties" => is_object && !has("oneOf") && !has("anyOf") && are_objects_by_name(value),
        "required" => is_object && !has("oneOf") && !has("anyOf") && all_texts(value),
        "additionalProperties" if value.is_boolean() => is_object && !has("oneOf") && !has("anyOf"),
        "additionalProperties" => {
            value.is_object() && type_name == Some("object") && !is_composed && !has("properties")
        }
        _ => false,
    }
}

fn are_objects(value: &Value) -> bool {
    value.as_array().is_some_and(|all| all.iter().all(Value::is_object))
}

fn are_objects_by_name(value: &Value) -> bool {
    value.as_object().is_some_and(|all| all.values().all(Value::is_object))
}

fn all_texts(value: &Value) -> bool {
    value.as_array().is_some_and(|all| all.iter().all(Value::is_string))
}

fn kind<'a>(tree: &'a Tree, node: &Node<'a>, depth: usize) -> Option<Kind<'a>> {
    let below = |node: &Node<'a>| Shape::at_depth(tree, node, depth + 1);
    if depth > MAX_DEPTH {
        return Some(Kind::Any);
    }
    let parts = node.below("allOf").items();
    if let [part] = parts.as_slice()
        && node.child("properties").is_none()
    {
        return Some(below(part).kind);
    }
    if !parts.is_empty() {
        return merged(tree, node, &parts, depth).map(Kind::Object);
    }
    for keyword in ["oneOf", "anyOf"] {
        if let Some(variants) = node.child(keyword) {
            let list = variants.items().iter().map(below).collect();
            return Some(Kind::Variants { keyword, list });
        }
    }
    Some(match node.text("type") {
        Some("string") if node.child("enum").is_some_and(|words| all_texts(words.value)) => {
            Kind::Words(node.below("enum").texts())
        }
        Some("array") => Kind::List(Box::new(below(&node.below("items")))),
        Some("integer") => Kind::Scalar {
            name: "integer",
            // The generator makes the same of a whole number without a format.
            format: node.text("format").or(Some("int64")),
        },
        Some(name @ ("string" | "number" | "boolean")) => Kind::Scalar {
            name,
            format: node.text("format"),
        },
        Some("object") | None if node.child("properties").is_some() => Kind::Object(own_fields(tree, node, depth)),
        Some("object") => match node.child("additionalProperties") {
            Some(values) if values.value.is_object() => Kind::Map(Box::new(below(&values))),
            _ => Kind::Object(own_fields(tree, node, depth)),
        },
        Some(name) => Kind::Scalar {
            name,
            format: node.text("format"),
        },
        None => Kind::Any,
    })
}

/// The fields that stand in the schema itself.
fn own_fields<'a>(tree: &'a Tree, node: &Node<'a>, depth: usize) -> Object<'a> {
    let required = node.below("required").texts();
    let fields = node.below("properties").entries().into_iter().map(|(name, property)| {
        let field = Field {
            shape: Shape::at_depth(tree, &property, depth + 1),
            description: property.text("description"),
            is_required: required.contains(&name),
            origin: None,
        };
        (name, field)
    });
    let fields: BTreeMap<_, _> = fields.collect();
    Object {
        dangling: required.into_iter().filter(|name| !fields.contains_key(name)).collect(),
        fields,
        parts: BTreeSet::new(),
        refuses_others: node.value.get("additionalProperties") == Some(&Value::Bool(false)),
    }
}

/// The one object that all parts make; `None` where one of them is no object.
fn merged<'a>(tree: &'a Tree, node: &Node<'a>, parts: &[Node<'a>], depth: usize) -> Option<Object<'a>> {
    let mut whole = own_fields(tree, node, depth);
    for part in parts {
        let mut shape = Shape::at_depth(tree, part, depth + 1);
        let mut name = None;
        // A reference to a reference is made of both.
        while let Kind::Reference(next) = shape.kind {
            if !whole.parts.insert(next) {
                return None;
            }
            name = Some(next);
            shape = Shape::at_depth(tree, &tree.component("schemas", next)?, depth + 1);
        }
        let Kind::Object(object) = shape.kind else { return None };
        whole.parts.extend(object.parts);
        whole.refuses_others |= object.refuses_others;
        whole.dangling.extend(object.dangling);
        for (key, mut field) in object.fields {
            field.origin = field.origin.or(name);
            whole.fields.entry(key).or_insert(field);
        }
    }
    // A part may require what stands in another one.
    for key in std::mem::take(&mut whole.dangling) {
        match whole.fields.get_mut(key) {
            Some(field) => field.is_required = true,
            None => _ = whole.dangling.insert(key),
        }
    }
    Some(whole)
}
