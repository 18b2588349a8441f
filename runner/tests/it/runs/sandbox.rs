//! SECURITY.md, test 56: what a plan's child cannot reach.

use std::net::TcpListener;

use platform::jobs::{AttemptState, Operation};
use runner::sandbox::{SandboxSettings, warnings};

use super::site::{Site, script};

/// Runs a script as a plan's child; its log.
fn plan_child(site: &Site, run: &str) -> String {
    let one = script(Operation::Check, run);
    site.fake.offer(&one);
    let (finish, seen) = site.fake.finished(one.attempt);
    assert_eq!(finish.state, AttemptState::Succeeded, "{}", seen.lossy());
    seen.lossy()
}

#[test]
fn security_56_files_of_others_and_of_the_worker_are_closed() {
    let site = Site::start();
    let token = site.data.path().join("token");
    std::fs::write(&token, "the worker's token").expect("written");
    let other = script(Operation::Check, "echo mine > mine; sleep 5");
    site.fake.offer(&other);
    site.child(other.attempt);
    let (data, theirs) = (site.data.path().display(), site.folder(other.attempt));
    let theirs = theirs.display();
    let text = plan_child(
        &site,
        &format!(
            "for f in {data}/token {theirs}/work/run {theirs}/sealed {theirs}/assignment.json \
               ../sealed ../private /etc/shadow /root/.bashrc /var/log/dpkg.log; do \
               if cat $f >/dev/null 2>&1 || ls $f/ >/dev/null 2>&1; then echo \"OPEN $f\"; fi; done; \
             for f in {theirs}/work/new {data}/new /tmp/groundcrew-new /usr/new; do \
               if (echo x > $f) 2>/dev/null; then echo \"WRITTEN $f\"; fi; done; \
             echo x > here && cat here >/dev/null && echo y > $TMPDIR/there && echo fine"
        ),
    );
    assert_eq!(text, "fine\n");
}

#[test]
fn security_56_memory_and_environment_of_the_shim_are_closed() {
    let site = Site::start();
    let text = plan_child(
        &site,
        "p=$PPID; cat /proc/$p/environ >/dev/null 2>&1 && echo OPEN environ; \
         head -c 1 /proc/$p/mem >/dev/null 2>&1 && echo OPEN mem; \
         ls /proc/$p/fd >/dev/null 2>&1 && cat /proc/$p/fd/* >/dev/null 2>&1 && echo OPEN fd; \
         kill -9 $p 2>/dev/null && echo KILLED; \
         cat /proc/self/status | grep NoNewPrivs; env | cut -d= -f1 | sort | tr '\\n' ' '",
    );
    assert!(text.contains("NoNewPrivs:\t1"), "{text}");
    assert!(!text.contains("OPEN") && !text.contains("KILLED"), "{text}");
    let names = text.lines().last().unwrap_or_default();
    for name in names.split_whitespace() {
        let ours = name.starts_with("GROUNDCREW_");
        let plain = [
            "HOME", "LANG", "OLDPWD", "PATH", "PWD", "SHLVL", "TMPDIR", "_",
        ];
        assert!(
            ours || plain.contains(&name),
            "{name} is in the environment"
        );
    }
}

#[test]
fn security_56_metadata_and_database_addresses_are_closed() {
    let site = Site::start();
    let database = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = database.local_addr().expect("an address").port();
    let server = site.fake.address.port();
    let text = plan_child(
        &site,
        &format!(
            "for a in 127.0.0.1/{port} 127.0.0.1/5432 169.254.169.254/80; do \
               (exec 3<>/dev/tcp/$a) 2>&1 | grep -q 'Permission denied' || echo \"OPEN $a\"; done; \
             (exec 3<>/dev/tcp/127.0.0.1/{server}) && echo the state is reached"
        ),
    );
    assert_eq!(text, "the state is reached\n");
}

#[test]
fn security_56_what_the_machine_lacks_is_said() {
    let site = Site::start();
    let hello = super::site::wait_for("a hello", || site.fake.hello());
    let here = warnings(&SandboxSettings::default(), site.data.path());
    assert_eq!(
        hello.warnings.len(),
        here.len(),
        "{:?} / {here:?}",
        hello.warnings
    );
    let off = SandboxSettings {
        landlock: false,
        ports: None,
        ..SandboxSettings::default()
    };
    let said = warnings(&off, site.data.path()).join("\n");
    assert!(said.contains("landlock is switched off"), "{said}");
    assert!(said.contains("any port may be called"), "{said}");
}
