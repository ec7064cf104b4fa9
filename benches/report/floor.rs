//! Handlers that do nothing: the same bytes from memory, with as many workers as tollgate.

use std::{collections::HashMap, env, fmt, net::SocketAddr, process::Command, sync::Arc};

use actix_session::{
    Session, SessionMiddleware,
    config::CookieContentSecurity,
    storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError},
};
use actix_web::{
    App, HttpResponse, HttpServer,
    cookie::time::Duration,
    rt::{System, SystemRunner},
    web,
};

use crate::population;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Floor {
    /// A bare handler.
    Bare,
    /// Behind actix-session, which an application with signed cookies and sessions on the server pays for in any case. The
    /// sessions are in memory.
    BehindSessions,
}

impl fmt::Display for Floor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bare => "the floor",
            Self::BehindSessions => "the floor behind actix-session",
        })
    }
}

impl Floor {
    pub(crate) const ALL: [Self; 2] = [Self::Bare, Self::BehindSessions];

    /// This program, as the server that returns `body`.
    pub(crate) fn command(self, body: &str) -> Command {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["floor", &self.to_string(), body]);
        command
    }

    /// Which of them this program was started as, and the body.
    pub(crate) fn requested() -> Option<(Self, String)> {
        let mut arguments = env::args().skip_while(|argument| argument != "floor").skip(1);
        let (name, body) = (arguments.next()?, arguments.next()?);
        Some((Self::ALL.into_iter().find(|floor| floor.to_string() == name)?, body))
    }

    pub(crate) fn serve(self, body: String) {
        let body: &'static str = body.leak();
        match self {
            Self::Bare => {
                let handler = move || async move { respond(body) };
                let server = HttpServer::new(move || App::new().default_service(web::to(handler)));
                let server = server.bind("127.0.0.1:0").unwrap();
                system(&server.addrs()).block_on(server.run()).unwrap();
            }
            Self::BehindSessions => {
                let handler = move |session: Session| async move {
                    if session.contains_key(USER) { respond(body) } else { HttpResponse::Unauthorized().finish() }
                };
                let (key, sessions) = (population::session_key(), Sessions::known());
                let server = HttpServer::new(move || {
                    let middleware = SessionMiddleware::builder(sessions.clone(), key.clone());
                    let middleware = middleware.cookie_name("session".to_owned()).cookie_secure(false);
                    let middleware = middleware.cookie_content_security(CookieContentSecurity::Signed).build();
                    App::new().default_service(web::to(handler)).wrap(middleware)
                });
                let server = server.bind("127.0.0.1:0").unwrap();
                system(&server.addrs()).block_on(server.run()).unwrap();
            }
        }
    }
}

fn respond(body: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(body)
}

fn system(addresses: &[SocketAddr]) -> SystemRunner {
    println!("listening on {}: open it", addresses.first().unwrap());
    System::new()
}

/// What a session says.
const USER: &str = "user_id";

type State = HashMap<String, String>;

/// Sessions in memory, which nothing changes.
#[derive(Clone)]
struct Sessions(Arc<HashMap<String, State>>);

impl Sessions {
    /// Those whose cookies the benchmark knows.
    fn known() -> Self {
        let session = |number: usize| (population::token(number), [(USER.to_owned(), number.to_string())].into());
        Self(Arc::new((1..=population::MOST_KNOWN).map(session).collect()))
    }
}

impl SessionStore for Sessions {
    async fn load(&self, session_key: &SessionKey) -> Result<Option<State>, LoadError> {
        Ok(self.0.get(session_key.as_ref()).cloned())
    }

    async fn save(&self, _: State, _: &Duration) -> Result<SessionKey, SaveError> {
        Err(SaveError::Other(anyhow::anyhow!("no handler starts a session")))
    }

    async fn update(&self, session_key: SessionKey, _: State, _: &Duration) -> Result<SessionKey, UpdateError> {
        Ok(session_key)
    }

    async fn update_ttl(&self, _: &SessionKey, _: &Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, _: &SessionKey) -> Result<(), anyhow::Error> {
        Ok(())
    }
}
