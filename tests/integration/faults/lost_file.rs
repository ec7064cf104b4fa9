//! A SQLite file that is renamed, deleted or replaced while the server serves.

use std::fs;

use serde_json::json;

use crate::support::{
    log,
    process::{Process, command},
    refusals::{assert_refused, refused_writes},
};

#[actix_web::test]
async fn a_missing_file_is_noticed_and_used_again_once_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let server = Process::start(folder.path(), &[]);
    let ada = server.client();
    ada.register("ada").await;
    ada.login("ada").await;
    assert_eq!(ada.get("/blog/1").await.status, 200);

    let (name, elsewhere) = (folder.path().join("tollgate.db"), folder.path().join("elsewhere"));
    fs::rename(&name, &elsewhere).unwrap();
    let mut refused = refused_writes(&server.client(), &ada).await;
    for path in ["/blog", "/meter", "/readyz"] {
        refused.push(assert_refused(ada.get(path).await));
    }
    assert!(!name.exists(), "no other file is made");
    let cause = "database unavailable: tollgate.db: No such file or directory (os error 2)";
    let logged: Vec<_> = refused.into_iter().map(|id| (id, cause.to_owned())).collect();
    assert_eq!(log::errors(&server).await, logged);

    fs::rename(&elsewhere, &name).unwrap();
    assert_eq!(ada.get("/blog/2").await.status, 200);
    assert_eq!(ada.get("/meter").await.body["used"], json!(2), "what was refused is not counted");
}

#[actix_web::test]
async fn a_replaced_file_is_not_written_before_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    let mut server = Process::start(folder.path(), &[]);
    let ada = server.client();
    ada.register("ada").await;
    ada.login("ada").await;
    let made = command(folder.path(), &[]).arg("backup").arg(&backup).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let before = fs::read(&backup).unwrap();

    let name = folder.path().join("tollgate.db");
    fs::rename(&backup, &name).unwrap();
    let refused = refused_writes(&server.client(), &ada).await;
    assert_eq!(fs::read(&name).unwrap(), before);
    let cause = "database unavailable: tollgate.db: the file was replaced while it was open: stop the server, and move \
                 the old -wal and -shm files away before you start it again";
    let logged: Vec<_> = refused.into_iter().map(|id| (id, cause.to_owned())).collect();
    assert_eq!(log::errors(&server).await, logged);

    server.signal(rustix::process::Signal::TERM);
    assert!(server.wait().success());
    for name in ["tollgate.db-wal", "tollgate.db-shm"] {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    let again = Process::start(folder.path(), &[]);
    again.client().login("ada").await;
}
