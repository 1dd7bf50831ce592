//! An operation whose path nobody saw is never sent to its artificial path: without a path of the
//! user's the call is refused and says which page is meant, and with one it goes exactly there.

use std::sync::Arc;

use enkash_api::{
    Call, Client, Executor, ExecutorFuture, Method, OPERATIONS, PathTemplate, Transport, UnknownPath, reqwest,
};
use enkash_codegen::spec::Level;
use enkash_tests::{
    calls::{Arguments, call_of, id_of},
    loopback::{CannedResponse, Loopback},
    spec_view::{Operation, operations},
};

fn unknown() -> impl Iterator<Item = Operation> {
    operations().filter(|operation| operation.facts.evidence.path.level == Level::Unknown)
}

#[tokio::test]
async fn without_a_path_the_call_is_refused_and_names_the_page() {
    assert!(unknown().next().is_some(), "spec/ has no operation of unknown path");
    for operation in unknown() {
        let mut server = Loopback::answering(CannedResponse::json(200, "{}")).await;
        let client = Client::unauthenticated(server.base_url()).unwrap();
        let answer = (call_of(&operation).send)(client, Arguments::example(&operation)).await;

        let error = answer.err().expect("the call is refused");
        assert!(error.is_unknown_path(), "{}: {error:?}", operation.facts.id);
        assert_eq!(error.find::<UnknownPath>().unwrap().operation, id_of(&operation));
        let printed = format!("{error:?}");
        for page in &operation.facts.pages {
            assert!(
                printed.contains(&page.title),
                "{printed} does not name the page {}",
                page.title
            );
        }
        assert!(printed.contains("with_path"), "{printed} does not say what to do");
        assert!(server.received().is_empty(), "{} was sent", operation.facts.id);
    }
}

#[tokio::test]
async fn an_executor_does_not_see_it_either() {
    struct Never;
    impl Executor for Never {
        fn execute<'a>(&'a self, _: &'a reqwest::Client, request: reqwest::Request, _: Call<'a>) -> ExecutorFuture<'a> {
            panic!("{} reached the executor", request.url())
        }
    }
    for operation in unknown() {
        let client = Client::with_transport(
            "http://127.0.0.1:9",
            enkash_api::http_client_builder().build().unwrap(),
            Transport::new(Never),
        )
        .unwrap();
        let client = client.for_call(Arc::new("context"));
        let answer = (call_of(&operation).send)(client, Arguments::example(&operation)).await;
        assert!(
            answer.err().is_some_and(|error| error.is_unknown_path()),
            "{}",
            operation.facts.id
        );
    }
}

#[tokio::test]
async fn with_a_path_of_the_users_it_goes_exactly_there() {
    for operation in unknown() {
        let mut server = Loopback::answering(CannedResponse::json(200, "{}")).await;
        let template = PathTemplate::new(Method::PUT, "/api/v7/{what}/list").unwrap();
        let template = template.fill("what", "a b/c").unwrap().query("page", "2&3");
        let client = Client::unauthenticated(server.base_url())
            .unwrap()
            .with_path(id_of(&operation), template);
        (call_of(&operation).send)(client, Arguments::example(&operation))
            .await
            .unwrap();

        let request = server.only_request();
        assert_eq!(
            (&*request.method, &*request.path),
            ("PUT", "/api/v7/a%20b%2Fc/list"),
            "{}",
            operation.facts.id
        );
        assert_eq!(request.query, [("page".to_owned(), "2&3".to_owned())]);
    }
}

#[tokio::test]
async fn a_path_for_one_operation_is_not_one_for_another() {
    let template = || PathTemplate::new(Method::POST, "/api/v7/list").unwrap();
    for operation in unknown() {
        let mut server = Loopback::answering(CannedResponse::json(200, "{}")).await;
        let others = OPERATIONS.iter().filter(|row| row.id != id_of(&operation));
        let client = others.fold(Client::unauthenticated(server.base_url()).unwrap(), |client, row| {
            client.with_path(row.id, template())
        });
        let answer = (call_of(&operation).send)(client, Arguments::example(&operation)).await;
        assert!(
            answer.err().is_some_and(|error| error.is_unknown_path()),
            "{}",
            operation.facts.id
        );
        assert!(server.received().is_empty());
    }
}
