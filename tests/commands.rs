//! Transcripts of the host's commands: what is typed, what is printed, which exit code.
//!
//! `TRYCMD=overwrite cargo test --release -p synkiosk-host --test commands` writes what is printed now.

#[test]
fn transcripts() {
    let home = tempfile::tempdir().unwrap();
    trycmd::TestCases::new()
        .env("XDG_CONFIG_HOME", home.path().to_str().unwrap())
        .case("../tests/commands/*.trycmd");
}
