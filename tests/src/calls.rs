//! From an operation to the generated code that calls it. The rows are written by the build script from
//! generated.rs, so that no operation can be without one; the contract tests run all of them.

use std::{collections::BTreeMap, fmt, future::Future, pin::Pin, str::FromStr};

use enkash_api::{Client, Error, Method, OperationId, PathTemplate, ResponseValue};
use enkash_codegen::spec::Level;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::spec_view::Operation;

/// What a call of the client gives in the end.
pub type CallFuture = Pin<Box<dyn Future<Output = Result<Decoded, Error>>>>;

/// The generated code of one operation.
pub struct Call {
    /// The method of the client.
    pub method: &'static str,
    /// Builds the call from these arguments and sends it.
    pub send: fn(Client, Arguments) -> CallFuture,
    /// Builds the call and prints it instead.
    pub print: fn(&Client, &Arguments) -> Printed,
    /// The type of the body, where there is one.
    pub request: Option<TypeCodec>,
    /// The type of the response.
    pub response: TypeCodec,
}

/// Which type a text is read as, with the type's name gone.
pub struct TypeCodec {
    /// Reads JSON.
    pub from_json: fn(&[u8]) -> Result<Decoded, String>,
    /// Reads an HTML form.
    pub from_form: fn(&[u8]) -> Result<Decoded, String>,
}

/// What is left of a value of a generated type: everything that can be made of it.
pub struct Decoded {
    /// As JSON.
    pub json: Vec<u8>,
    /// As an HTML form, where it has that form.
    pub form: Option<String>,
    /// By `Debug`.
    pub printed: Printed,
}

/// What `{:?}` and `{:#?}` show.
pub struct Printed {
    /// On one line.
    pub debug: String,
    /// Over many.
    pub pretty_debug: String,
}

/// What a call is made of: the parameters by the names of their setters, and the body.
#[derive(Clone, Default)]
pub struct Arguments {
    /// The parameters.
    pub parameters: BTreeMap<String, String>,
    /// The body, where there is one.
    pub body: Option<Value>,
}

impl Arguments {
    /// The examples of an operation: its parameters, and each of its bodies by name.
    #[must_use]
    pub fn examples(operation: &Operation) -> Vec<(&'static str, Self)> {
        let parameters: BTreeMap<_, _> = operation
            .parameters()
            .into_iter()
            .map(|parameter| (parameter.rust_name, parameter.example))
            .collect();
        let with = |body| Self {
            parameters: parameters.clone(),
            body,
        };
        match operation.request_body() {
            None => vec![("no body", with(None))],
            Some(body) => body
                .examples
                .into_iter()
                .map(|(name, body)| (name, with(Some(body.clone()))))
                .collect(),
        }
    }

    /// The first of the examples.
    #[must_use]
    pub fn example(operation: &Operation) -> Self {
        let first = Self::examples(operation).into_iter().next();
        first
            .unwrap_or_else(|| panic!("{} has no example", operation.facts.id))
            .1
    }

    fn parameter<T: FromStr>(&self, setter: &str) -> T {
        let text = self
            .parameters
            .get(setter)
            .unwrap_or_else(|| panic!("spec/ has no parameter for {setter}"));
        text.parse()
            .unwrap_or_else(|_| panic!("the example {text:?} does not fit {setter}"))
    }

    fn body<T: DeserializeOwned>(&self) -> T {
        let body = self.body.as_ref().expect("spec/ has no body here");
        serde_json::from_str(&body.to_string()).unwrap_or_else(|error| panic!("{body}: {error}"))
    }
}

impl Decoded {
    fn new<T: Serialize + fmt::Debug>(value: &T) -> Result<Self, String> {
        Ok(Self {
            json: serde_json::to_vec(value).map_err(|error| error.to_string())?,
            form: serde_urlencoded::to_string(value).ok(),
            printed: Printed::new(value),
        })
    }

    /// As a JSON value.
    #[must_use]
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.json).expect("what serde_json wrote is JSON")
    }
}

impl Printed {
    fn new(value: &impl fmt::Debug) -> Self {
        Self {
            debug: format!("{value:?}"),
            pretty_debug: format!("{value:#?}"),
        }
    }
}

impl TypeCodec {
    fn new<T: Serialize + DeserializeOwned + fmt::Debug>() -> Self {
        Self {
            from_json: |bytes| {
                let read = serde_json::from_slice::<T>(bytes).map_err(|error| error.to_string());
                read.and_then(|value| Decoded::new(&value))
            },
            from_form: |bytes| {
                let read = serde_urlencoded::from_bytes::<T>(bytes).map_err(|error| error.to_string());
                read.and_then(|value| Decoded::new(&value))
            },
        }
    }

    /// The type that a call answers with.
    fn of_response<'c, T, F>(_: impl Fn(&'c Client) -> F) -> Self
    where
        T: Serialize + DeserializeOwned + fmt::Debug,
        F: Future<Output = Result<ResponseValue<T>, Error>>,
    {
        Self::new::<T>()
    }
}

/// The call of an operation.
///
/// # Panics
///
/// The client has no method for it.
#[must_use]
pub fn call_of(operation: &Operation) -> Call {
    let method = &operation.facts.rust_name;
    calls()
        .into_iter()
        .find(|call| call.method == method)
        .unwrap_or_else(|| panic!("the client has no {method}"))
}

/// The id of an operation as a value.
///
/// # Panics
///
/// The table of enkash-api does not have it.
#[must_use]
pub fn id_of(operation: &Operation) -> OperationId {
    let mut table = enkash_api::OPERATIONS.iter();
    let row = table.find(|row| row.name == operation.facts.id);
    row.unwrap_or_else(|| panic!("OPERATIONS has no {}", operation.facts.id))
        .id
}

/// The path that [`with_given_path`] gives.
pub const GIVEN_PATH: &str = "/given/by/the/user";

/// The client, with a path for the operation where the spec knows none.
///
/// # Panics
///
/// The spec has a method that is none.
#[must_use]
pub fn with_given_path(client: Client, operation: &Operation) -> Client {
    if operation.facts.evidence.path.level != Level::Unknown {
        return client;
    }
    let method = operation.facts.method.parse::<Method>().expect("a method");
    let template = PathTemplate::new(method, GIVEN_PATH).expect("a path");
    client.with_path(id_of(operation), template)
}

macro_rules! calls {
    ($($method:ident { $($setter:ident: $value:ty,)* } $(body $body:ty)?;)*) => {
        /// Every method of the client that calls an operation.
        #[must_use]
        pub fn calls() -> Vec<Call> {
            vec![$(Call {
                method: stringify!($method),
                send: |client, arguments| Box::pin(async move {
                    // Some operations take nothing.
                    let _ = &arguments;
                    let call = client.$method()
                        $(.$setter(arguments.parameter::<$value>(stringify!($setter))))*
                        $(.body(arguments.body::<$body>()))?;
                    let answer = call.send().await?.into_inner();
                    Ok(Decoded::new(&answer).expect("an answer can be written again"))
                }),
                print: |client, arguments| {
                    let _ = arguments;
                    Printed::new(&client.$method()
                        $(.$setter(arguments.parameter::<$value>(stringify!($setter))))*
                        $(.body(arguments.body::<$body>()))?)
                },
                request: vec![$(TypeCodec::new::<$body>())?].pop(),
                response: TypeCodec::of_response(|client| client.$method().send()),
            }),*]
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/calls.rs"));
