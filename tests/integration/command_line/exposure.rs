//! Settings that would let strangers guess passwords.

use serde_json::json;

use super::text;
use crate::support::{
    log::warnings_of_stopped,
    process::{self, Process},
};

const TESTING: &str = "ALLOW_INSECURE_TESTING is true";

#[test]
fn a_public_server_refuses_to_start_with_settings_for_tests() {
    let folder = tempfile::tempdir().unwrap();
    let exposed = [
        (("HOST", "0.0.0.0"), "HOST is not loopback"),
        (("TRUSTED_PROXIES", "127.0.0.1"), "TRUSTED_PROXIES is set"),
        (("PUBLIC_URL", "https://blog.example"), "PUBLIC_URL is not loopback"),
    ];
    for (setting, reason) in exposed {
        let settings = [setting, ("COOKIE_SECURE", "true"), ("PORT", "0"), ("THROTTLE", "off"), ("BCRYPT_COST", "9")];
        let output = process::command(folder.path(), &settings).output().unwrap();
        let because = format!(
            "because {reason}, so that others may reach the server (ALLOW_INSECURE_TESTING=true allows it for tests)"
        );
        let expected =
            format!("tollgate: BCRYPT_COST must be at least 10 {because}\ntollgate: THROTTLE must be on {because}\n");
        assert_eq!(text(&output.stderr), expected);
        assert_eq!(output.status.code(), Some(78));
        assert_eq!(folder.path().read_dir().unwrap().count(), 0, "nothing is made");
    }
}

#[test]
fn server_and_doctor_warn_about_settings_for_tests() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [("TRUSTED_PROXIES", "127.0.0.1"), ("COOKIE_SECURE", "true"), ("ALLOW_INSECURE_TESTING", "true")];
    for _ in 0..2 {
        let warnings = warnings_of_stopped(Process::start(folder.path(), &settings));
        let warning =
            warnings.iter().find(|warning| warning["message"].as_str().unwrap().starts_with(TESTING)).unwrap();
        assert_eq!((&warning["throttle"], &warning["bcrypt_cost"]), (&json!(false), &json!(4)));
    }
    let doctor = process::command(folder.path(), &settings).arg("doctor").output().unwrap();
    let found = text(&doctor.stdout);
    assert!(
        found.contains("warning  ALLOW_INSECURE_TESTING  is true, and TRUSTED_PROXIES is set: THROTTLE=off"),
        "{found}"
    );

    let plain = warnings_of_stopped(Process::start(folder.path(), &[]));
    assert!(!plain.iter().any(|warning| warning["message"].as_str().unwrap().starts_with(TESTING)), "{plain:?}");
}
