//! The attribute of tests that run on SQLite and on PostgreSQL.

use proc_macro::{TokenStream, TokenTree};

/// Turns `async fn name(database: TestDatabase)` into two tests, `name::sqlite` and `name::postgres`.
///
/// The function itself is left as it is, so that compiler errors point into it. The tests are in a module of the same
/// name, because modules and functions have different namespaces.
#[proc_macro_attribute]
pub fn test(_arguments: TokenStream, function: TokenStream) -> TokenStream {
    let name = name_of(&function).expect("#[both_databases::test] is for functions");
    let tests = format!(
        "mod {name} {{
            use crate::support::database::{{Kind, run_on}};

            #[actix_web::test]
            async fn sqlite() {{
                run_on(Kind::Sqlite, super::{name}).await;
            }}

            #[actix_web::test]
            async fn postgres() {{
                run_on(Kind::Postgres, super::{name}).await;
            }}
        }}"
    );
    let tests: TokenStream = tests.parse().expect("the generated code is valid Rust");
    function.into_iter().chain(tests).collect()
}

fn name_of(function: &TokenStream) -> Option<TokenTree> {
    let is_fn = |token: &TokenTree| matches!(token, TokenTree::Ident(ident) if ident.to_string() == "fn");
    function.clone().into_iter().skip_while(|token| !is_fn(token)).nth(1)
}
