//! The bare handler: the same bytes from memory, with as many workers as tollgate.

use actix_web::{App, HttpResponse, HttpServer, web};

pub(crate) fn serve(body: &str) {
    let body: &'static str = body.to_owned().leak();
    let handler = move || async move { HttpResponse::Ok().content_type("application/json").body(body) };
    let server = HttpServer::new(move || App::new().default_service(web::to(handler))).bind("127.0.0.1:0").unwrap();
    println!("listening on {}: open it", server.addrs().first().unwrap());
    actix_web::rt::System::new().block_on(server.run()).unwrap();
}
