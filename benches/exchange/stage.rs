//! Everything that a run has started, and that jobs use.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use gerbang::proto::v1;
use sqlx::{AssertSqlSafe, Executor};

use crate::{
    Result, bare,
    cluster::Cluster,
    copies,
    diary::Diary,
    fixture::Fixture,
    founding::Founded,
    gateway, peers,
    pgbench::{BATCH, Scripts, TABLES},
    server::{Server, free_address},
    wire::{Hand, Wire},
};

/// What was pushed last, to be pushed again: agency and number of single sessions, and whole batches.
#[derive(Default)]
pub struct Pushed {
    sessions: Mutex<Vec<(usize, usize)>>,
    batches: Mutex<Vec<(usize, v1::PushScheduleRequest)>>,
}

/// How many batches are kept.
const BATCHES_KEPT: usize = 6;

impl Pushed {
    pub fn session(&self, agency: usize, number: usize) {
        lock(&self.sessions).push((agency, number));
    }

    pub fn batch(&self, agency: usize, request: v1::PushScheduleRequest) {
        let mut batches = lock(&self.batches);
        batches.insert(0, (agency, request));
        batches.truncate(BATCHES_KEPT);
    }

    /// The session that was pushed so many pushes ago, counted round the last two thousand.
    pub fn again(&self, number: usize) -> Option<(usize, usize)> {
        let sessions = lock(&self.sessions);
        let back = number % sessions.len().clamp(1, 2_000);
        sessions.iter().rev().nth(back).copied()
    }

    pub fn batch_again(&self, number: usize) -> Option<(usize, v1::PushScheduleRequest)> {
        let batches = lock(&self.batches);
        batches.get(number % batches.len().max(1)).cloned()
    }
}

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub struct Stage {
    pub folder: PathBuf,
    pub founded: Founded,
    pub gateway: Server,
    pub bare: Server,
    pub go: Option<Server>,
    pub nginx: Option<Server>,
    pub fixture: Fixture,
    pub bare_wires: Vec<Wire>,
    pub go_wires: Vec<Wire>,
    pub hands: Vec<Hand>,
    pub scripts: Scripts,
    pub pushed: Arc<Pushed>,
    /// Tokens of pages in the prison's list.
    pub tokens: Arc<Vec<String>>,
    // Last, so that it ends last.
    pub cluster: Cluster,
}

impl Stage {
    /// Starts everything over a fixture of so many sessions.
    pub async fn set(folder: &Path, sessions: usize) -> Result<Self> {
        let cluster = Cluster::start(folder).await?;
        let founded = Founded::found(folder, &cluster).await?;
        let mut db = cluster.superuser().await?;
        let gateway = gateway::start(folder, &cluster, &founded, "gateway").await?;
        let fixture = Fixture::make(&mut db, &founded, &gateway).await?;
        let push = push_entry(&fixture, 1).await?;
        let batch = push_entry(&fixture, BATCH).await?;
        let scripts = Scripts::write(&mut db, folder, fixture.diary.first, &push, &batch).await?;
        copies::fill(&mut db, &fixture.diary, sessions).await?;
        db.execute(bare::TABLE).await?;
        db.execute("VACUUM ANALYZE").await?;
        let bare = start_bare(folder, &cluster).await?;
        let go = peers::start_go(folder, &cluster).await?;
        let nginx = peers::start_nginx(folder).await?;
        let bare_wires = wires(&bare, &fixture).await?;
        let go_wires = match &go {
            Some(server) => wires(server, &fixture).await?,
            None => Vec::new(),
        };
        let hands = fixture.hands.iter().map(Hand::new).collect::<Result<_>>()?;
        let tokens = Arc::new(tokens(&fixture.prison).await?);
        let (folder, pushed) = (folder.to_owned(), Arc::default());
        Ok(Self {
            folder,
            founded,
            gateway,
            bare,
            go,
            nginx,
            fixture,
            bare_wires,
            go_wires,
            hands,
            scripts,
            pushed,
            tokens,
            cluster,
        })
    }

    pub fn diary(&self) -> Arc<Diary> {
        self.fixture.diary.clone()
    }

    /// Ends what is over, the database last.
    pub fn strike(self) -> Result<()> {
        let Self { folder, gateway, bare, go, nginx, cluster, .. } = self;
        drop((gateway, bare, go, nginx));
        cluster.stop(&folder)
    }

    /// The rows that a single push leaves, table by table, for the report.
    pub async fn rows_written(&self) -> Result<String> {
        let mut db = self.cluster.superuser().await?;
        let entry = push_entry(&self.fixture, 1).await?;
        let mut written = Vec::new();
        for table in TABLES {
            // What its transaction wrote; the gateway's own work writes entries too.
            let ask = format!(
                "SELECT count(*) FROM {table} WHERE xmin = (SELECT xmin FROM ledger_entry WHERE id = $1::uuid)"
            );
            let count: i64 = sqlx::query_scalar(AssertSqlSafe(ask)).bind(&entry).fetch_one(&mut db).await?;
            written.push(format!("{count} {table}"));
        }
        Ok(written.join(", "))
    }
}

/// Pushes so many new sessions of the first agency in one call; its ledger entry.
async fn push_entry(fixture: &Fixture, sessions: usize) -> Result<String> {
    let first = fixture.diary.take(0, sessions);
    let request = fixture.diary.push(0, "p-0", first..first + sessions);
    Ok(fixture.leads[0].schedule().push_schedule(request).await?.into_inner().entry)
}

async fn start_bare(folder: &Path, cluster: &Cluster) -> Result<Server> {
    let address = free_address()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("bare").arg(address.to_string()).arg(folder).arg(cluster.superuser_url());
    Server::start(command, address, folder, "bare").await
}

/// As many connections as there are lead agencies, all with one certificate.
async fn wires(server: &Server, fixture: &Fixture) -> Result<Vec<Wire>> {
    let mut wires = Vec::new();
    for _ in &fixture.leads {
        wires.push(Wire::connect(server.address, &fixture.credential).await?);
    }
    Ok(wires)
}

/// The tokens of the first twenty pages.
async fn tokens(prison: &Wire) -> Result<Vec<String>> {
    let mut tokens: Vec<String> = Vec::new();
    while tokens.len() < 20 {
        let page_token = tokens.last().cloned().unwrap_or_default();
        let request = v1::ListTrainerAssignmentsRequest { page_size: 100, page_token, ..Default::default() };
        let answer = prison.assignment().list_trainer_assignments(request).await?.into_inner();
        if answer.next_page_token.is_empty() {
            return Err("the prison has fewer than twenty pages".into());
        }
        tokens.push(answer.next_page_token);
    }
    Ok(tokens)
}
