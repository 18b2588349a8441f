//! A whole installation on one machine: PostgreSQL, two servers, three workers, ways between them
//! that can fail, and the ledger.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use platform::{cx::Cx, database, people::Actor, secrets::Keyring};
use sqlx::PgPool;
use tokio::sync::Mutex;

use crate::{
    cluster::Cluster, ledger::Ledger, programs::Program, proxy::Proxy, signals, worker::Worker,
};

/// What to run, and where.
pub(crate) struct Plan {
    /// The product's binary.
    pub(crate) binary: PathBuf,
    /// The example repository.
    pub(crate) repository: PathBuf,
    /// First of a hundred free ports.
    pub(crate) ports: u16,
    /// How many servers.
    pub(crate) servers: u16,
    /// How many workers beside them.
    pub(crate) workers: u16,
    /// Whether servers have workers inside.
    pub(crate) inside: bool,
    /// How many attempts a worker runs at once.
    pub(crate) capacity: u32,
}

/// All of it.
pub(crate) struct World {
    /// Folder of everything; gone at the end.
    pub(crate) base: PathBuf,
    pub(crate) plan: Plan,
    pub(crate) cluster: Mutex<Cluster>,
    pub(crate) database_port: u16,
    pub(crate) pg_dump: PathBuf,
    pub(crate) ledger: Ledger,
    pub(crate) servers: Vec<Mutex<Program>>,
    /// Between each server and the database.
    pub(crate) to_database: Vec<Proxy>,
    pub(crate) workers: Vec<Worker>,
    /// The database as superuser, by no proxy.
    pub(crate) db: PgPool,
    /// For operations of the platform.
    pub(crate) cx: Cx,
}

impl World {
    /// Builds it in `base` and waits until every worker has said hello.
    pub(crate) async fn raise(base: &Path, plan: Plan) -> Result<Arc<Self>> {
        // Another uid runs the database below it.
        fs::set_permissions(base, fs::Permissions::from_mode(0o755))?;
        let base = base.canonicalize()?;
        let port = plan.ports;
        let cluster = Cluster::make(&base, port + 10).await?;
        let database_port = cluster.port;
        let pg_dump = cluster.program("pg_dump");
        let owner = Cluster::url("postgres", database_port, "groundcrew");
        Program::new("migrate", &plan.binary, &base, &["migrate".to_owned()])
            .with("DATABASE_URL", &owner)
            .with(
                "GROUNDCREW_DATA",
                base.join("migrate").display().to_string(),
            )
            .run()
            .await?;
        cluster.grant().await?;
        let ledger = Ledger::open(port + 20).await?;
        let mut to_database = Vec::new();
        for n in 0..plan.servers {
            to_database.push(Proxy::open(port + 11 + n, vec![database_port]).await?);
        }
        fs::write(
            base.join("issuers.yaml"),
            "- id: nobody\n  title: Nobody\n  issuer: http://localhost:9\n  client_id: groundcrew\n",
        )?;
        let mut servers = Vec::new();
        for n in 0..plan.servers {
            let mut server = server(&base, &plan, n);
            server.start()?;
            answers(port + 1 + n, &mut server).await?;
            servers.push(Mutex::new(server));
        }
        let db = pool("postgres", database_port);
        let keys = Arc::new(Keyring::read(&base.join("keys"))?);
        let cx = Cx::new(
            pool("groundcrew_portal", database_port),
            pool("groundcrew_reader", database_port),
            keys,
            Actor::System("faults"),
        );
        let mut world = Self {
            base,
            plan,
            cluster: Mutex::new(cluster),
            database_port,
            pg_dump,
            ledger,
            servers,
            to_database,
            workers: Vec::new(),
            db,
            cx,
        };
        for n in 0..world.plan.workers {
            let name = format!("w{}", n + 1);
            let worker = Worker::begin(&world, &name, port + 31 + n, BTreeMap::new()).await?;
            world.workers.push(worker);
        }
        Ok(Arc::new(world))
    }

    /// Ports of the servers.
    pub(crate) fn server_ports(&self) -> Vec<u16> {
        (1..=self.plan.servers)
            .map(|n| self.plan.ports + n)
            .collect()
    }

    /// `kill -9` of a server, and its start after a while.
    pub(crate) async fn kill_server(&self, n: usize, away: Duration) -> Result<()> {
        self.servers[n].lock().await.kill().await?;
        tokio::time::sleep(away).await;
        self.servers[n].lock().await.start()
    }

    /// `kill -9` of PostgreSQL, and its start after a while.
    pub(crate) async fn kill_database(&self, away: Duration) -> Result<()> {
        let mut cluster = self.cluster.lock().await;
        cluster.kill().await?;
        tokio::time::sleep(away).await;
        cluster.start().await
    }

    /// What `groundcrew audit verify` says is wrong, by the checkpoints of each server.
    pub(crate) async fn verify_audit(&self) -> Vec<String> {
        let url = Cluster::url("groundcrew_reader", self.database_port, "groundcrew");
        let mut wrong = Vec::new();
        for n in 1..=self.plan.servers {
            let audit = self.base.join(format!("s{n}")).join("audit");
            let at = |file: &str| audit.join(file).display().to_string();
            let (checkpoints, key) = (at("checkpoints"), at("keys.pub"));
            let arguments = [
                "audit",
                "verify",
                "--checkpoints",
                &checkpoints,
                "--key",
                &key,
            ];
            let arguments = arguments.map(str::to_owned);
            let verify = Program::new("audit", &self.plan.binary, &self.base, &arguments)
                .with("AUDIT_DATABASE_URL", &url);
            wrong.extend(verify.run().await.err().map(|why| format!("{why:#}")));
        }
        wrong
    }

    /// Ends everything, in the order that makes the least noise.
    pub(crate) async fn end(&self) {
        self.ledger.release_all();
        for worker in &self.workers {
            worker.program.lock().await.stop().await;
        }
        for server in &self.servers {
            server.lock().await.stop().await;
        }
        // Shims outlive their workers, tools outlive a killed shim: all of them work below our folder.
        for pid in signals::inside(&self.base.join("workers")) {
            signals::kill_hard(pid);
        }
        self.db.close().await;
        self.cx.db.close().await;
        self.cx.audit_db.close().await;
        self.cluster.lock().await.stop().await;
    }
}

fn pool(login: &str, port: u16) -> PgPool {
    let url = Cluster::url(login, port, "groundcrew");
    let options = url.parse().expect("we wrote it");
    database::pool(&database::Login::new(options), 10)
}

fn server(base: &Path, plan: &Plan, n: u16) -> Program {
    let name = format!("s{}", n + 1);
    let database = plan.ports + 11 + n;
    let at = |file: &str| base.join(file).display().to_string();
    let mut arguments = vec!["serve".to_owned()];
    if plan.inside {
        let capacity = plan.capacity.to_string();
        arguments.extend(["--worker-capacity".to_owned(), capacity]);
    } else {
        arguments.push("--no-worker".to_owned());
    }
    Program::new(&name, &plan.binary, base, &arguments)
        .with(
            "GROUNDCREW_PUBLIC_URL",
            format!("http://localhost:{}", plan.ports),
        )
        .with(
            "GROUNDCREW_LISTEN",
            format!("127.0.0.1:{}", plan.ports + 1 + n),
        )
        .with("GROUNDCREW_DATA", at(&name))
        .with("GROUNDCREW_KEY_FILE", at("keys"))
        .with("GROUNDCREW_ISSUERS", at("issuers.yaml"))
        .with(
            "GROUNDCREW_REPOSITORY",
            plan.repository.display().to_string(),
        )
        .with(
            "DATABASE_URL",
            Cluster::url("groundcrew_portal", database, "groundcrew"),
        )
        .with(
            "AUDIT_DATABASE_URL",
            Cluster::url("groundcrew_reader", database, "groundcrew"),
        )
}

/// Waits until a server says it is ready.
async fn answers(port: u16, server: &mut Program) -> Result<()> {
    for _ in 0..300 {
        if is_ready(port).await.unwrap_or(false) {
            return Ok(());
        }
        if !server.lives() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("{} is not ready:\n{}", server.name, server.last_words())
}

async fn is_ready(port: u16) -> Result<bool> {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
    let request = "GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let line = answer.get(..12).context("a status line")?;
    Ok(line.ends_with(b"200"))
}
