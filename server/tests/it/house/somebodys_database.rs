//! A database that is somebody else's: away, back, too new, too powerful.

use std::{
    io,
    net::{Shutdown, TcpStream},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    process::Command,
    str::FromStr as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use sqlx::postgres::PgConnectOptions;

use super::portal::Home;

/// A database of its own on the tester's server; dropped when the test is over.
struct Database {
    name: String,
}

impl Database {
    fn new(options: &str) -> Self {
        let random = platform::secrets::random::<6>();
        let name = format!("gc_house_{}", hex::encode(random));
        let database = Self { name };
        admin(&format!("create database {} {options}", database.name));
        database
    }

    fn run(&self, statement: &str) {
        psql(&self.url(&socket_or_host()), statement);
    }

    /// URL by way of a host or a folder of sockets.
    fn url(&self, host: &str) -> String {
        self.url_as(&user(), host)
    }

    fn url_as(&self, user: &str, host: &str) -> String {
        let host: String = url::form_urlencoded::byte_serialize(host.as_bytes()).collect();
        format!(
            "postgres://{user}@localhost:{}/{}?host={host}",
            port(),
            self.name
        )
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        admin(&format!(
            "drop database if exists {} with (force)",
            self.name
        ));
    }
}

fn server() -> String {
    std::env::var("DATABASE_URL").expect("DATABASE_URL names the server for tests")
}

fn options() -> PgConnectOptions {
    PgConnectOptions::from_str(&server()).expect("DATABASE_URL is a PostgreSQL URL")
}

fn user() -> String {
    options().get_username().to_owned()
}

fn port() -> u16 {
    options().get_port()
}

fn socket_or_host() -> String {
    let options = options();
    match options.get_socket() {
        Some(folder) => folder.display().to_string(),
        None => options.get_host().to_owned(),
    }
}

/// On the server, in no database of ours.
fn admin(statement: &str) {
    psql(&server(), statement);
}

fn psql(url: &str, statement: &str) {
    let output = Command::new("psql")
        .args([
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            url,
            "-c",
            statement,
        ])
        .output()
        .expect("psql runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{statement}: {said}");
}

/// A way to the server that can be cut.
struct Way {
    folder: PathBuf,
    open: Arc<AtomicBool>,
    streams: Arc<Mutex<Vec<UnixStream>>>,
}

impl Way {
    fn file(folder: &Path) -> PathBuf {
        folder.join(format!(".s.PGSQL.{}", port()))
    }

    fn open(folder: PathBuf) -> Self {
        let listener = UnixListener::bind(Self::file(&folder)).expect("a socket");
        listener.set_nonblocking(true).expect("ours");
        let way = Self {
            folder,
            open: Arc::new(AtomicBool::new(true)),
            streams: Arc::default(),
        };
        let (open, streams) = (Arc::clone(&way.open), Arc::clone(&way.streams));
        thread::spawn(move || {
            while open.load(Ordering::SeqCst) {
                match listener.accept() {
                    Ok((client, _)) => {
                        client.set_nonblocking(false).expect("ours");
                        let kept = client.try_clone().expect("ours");
                        streams.lock().expect("sound").push(kept);
                        carry(client);
                    }
                    Err(_) => thread::sleep(Duration::from_millis(20)),
                }
            }
        });
        way
    }

    fn cut(self) -> PathBuf {
        self.open.store(false, Ordering::SeqCst);
        std::fs::remove_file(Self::file(&self.folder)).expect("ours");
        for stream in self.streams.lock().expect("sound").drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.folder
    }
}

/// Carries bytes both ways between a client and the real server.
fn carry(client: UnixStream) {
    if let Some(folder) = options().get_socket() {
        let server = UnixStream::connect(Way::file(folder)).expect("the server is there");
        pump(client.try_clone(), server.try_clone());
        pump(Ok(server), Ok(client));
    } else {
        let address = (options().get_host().to_owned(), port());
        let server = TcpStream::connect(address).expect("the server is there");
        pump(client.try_clone(), server.try_clone());
        pump(Ok(server), Ok(client));
    }
}

fn pump<A, B>(from: io::Result<A>, to: io::Result<B>)
where
    A: io::Read + Send + 'static,
    B: io::Write + Send + 'static,
{
    let (mut from, mut to) = (from.expect("ours"), to.expect("ours"));
    thread::spawn(move || io::copy(&mut from, &mut to));
}

#[test]
fn away_at_start_and_in_between_it_says_503_and_recovers() {
    let database = Database::new("");
    let mut home = Home::new();
    let folder = home.path("way");
    std::fs::create_dir(&folder).expect("writable");
    home.set("DATABASE_URL", database.url(&folder.display().to_string()));
    let mut portal = home.start();
    portal.until_says("waiting for the database");
    let (status, page) = portal.page();
    assert_eq!(status, 503, "{page}");
    assert!(page.to_lowercase().contains("retry-after"), "{page}");

    let way = Way::open(folder);
    portal.until_ready(200);
    assert_ne!(portal.page().0, 503);

    let folder = way.cut();
    portal.until_page(503);
    portal.until_ready(503);

    let way = Way::open(folder);
    portal.until_ready(200);
    assert_ne!(portal.page().0, 503);
    portal.signal("TERM");
    assert_eq!(portal.end(), Some(0), "{}", portal.said());
    drop(way);
}

#[test]
fn a_migration_newer_than_the_binary_is_refused_and_nothing_changes() {
    let database = Database::new("");
    let mut home = Home::new();
    home.set("DATABASE_URL", database.url(&socket_or_host()));
    assert_eq!(home.run(&["migrate"]).0, 0);
    database.run(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (9999, 'from the future', true, '', 0)",
    );
    for command in ["migrate", "serve"] {
        let (code, said) = home.run(&[command]);
        assert_eq!(code, 1, "{command}: {said}");
        assert!(
            said.contains("migration 9999 of the database is newer than this binary"),
            "{said}"
        );
    }
}

#[test]
fn a_database_that_is_not_utf8_is_refused() {
    let database = Database::new("encoding 'LATIN1' locale 'C' template template0");
    let mut home = Home::new();
    home.set("DATABASE_URL", database.url(&socket_or_host()));
    let (code, said) = home.run(&["migrate"]);
    assert_eq!(code, 1);
    assert!(said.contains("encoding is LATIN1"), "{said}");
}

#[test]
fn security_58_59_production_refuses_an_application_that_is_superuser() {
    let database = Database::new("");
    let mut home = Home::new();
    home.write(
        "issuers.yaml",
        "- id: corp\n  issuer: https://127.0.0.1:9\n  client_id: x\n  client_secret_env: \
         TEST_CLIENT_SECRET\n",
    );
    let url = database.url(&socket_or_host());
    home.set("GROUNDCREW_PUBLIC_URL", "https://portal.example.com")
        .set("DATABASE_URL", &url)
        .set("AUDIT_DATABASE_URL", &url)
        .set("MIGRATE_DATABASE_URL", &url);
    let (code, said) = home.run(&["serve"]);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("is a superuser"), "{said}");
    assert!(said.contains("may read audit.event"), "{said}");
    assert!(
        said.contains("grant groundcrew_app to groundcrew_portal;"),
        "{said}"
    );
}

#[test]
fn production_serves_with_three_log_ins_and_an_owner_who_is_no_superuser() {
    let database = Database::new("");
    let name = &database.name;
    let (owner, app, reader) = (
        format!("{name}_o"),
        format!("{name}_a"),
        format!("{name}_r"),
    );
    admin(&format!("create role {owner} login createrole"));
    admin(&format!("alter database {name} owner to {owner}"));
    let host = socket_or_host();
    let mut home = Home::new();
    home.write(
        "issuers.yaml",
        "- id: corp\n  issuer: https://127.0.0.1:9\n  client_id: x\n  client_secret_env: \
         TEST_CLIENT_SECRET\n",
    );
    home.set("MIGRATE_DATABASE_URL", database.url_as(&owner, &host))
        .set("DATABASE_URL", database.url_as(&app, &host))
        .set("AUDIT_DATABASE_URL", database.url_as(&reader, &host));
    let (code, said) = home.run(&["migrate"]);
    let migrated = code == 0;
    admin(&format!("create role {app} login in role groundcrew_app"));
    admin(&format!("create role {reader} login in role audit_reader"));
    home.set("GROUNDCREW_PUBLIC_URL", "https://portal.example.com");
    let served = migrated && {
        let mut portal = home.start();
        portal.until_says("Groundcrew is at https://portal.example.com");
        portal.signal("TERM");
        portal.end() == Some(0)
    };
    database.run(&format!("reassign owned by {owner} to {}", user()));
    database.run(&format!("drop owned by {owner}, {app}, {reader} cascade"));
    admin(&format!("alter database {name} owner to {}", user()));
    admin(&format!("drop role {owner}, {app}, {reader}"));
    assert!(migrated, "{said}");
    assert!(served);
}
