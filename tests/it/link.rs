//! A link to the database that a test can make stand still: what a client sends stays on the way, and neither side
//! hears that the other is away. As a frozen gateway, a database that hangs behind TCP, or a switch that is rebooted.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use gerbang::server::Running;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{UnixListener, UnixStream},
    sync::watch,
};

use crate::world::World;

/// A socket before the cluster's.
pub struct Link {
    folder: String,
    /// What is held back: whatever is sent together with these bytes, and after it on the same connection.
    needle: Arc<Mutex<Option<&'static str>>>,
    held: watch::Sender<usize>,
    /// How often everything was let through.
    released: watch::Sender<usize>,
}

impl Link {
    /// Listens in a folder of its own below `folder`.
    pub fn new(folder: &Path) -> Self {
        let folder = folder.join("link");
        std::fs::create_dir_all(&folder).unwrap();
        let listener = UnixListener::bind(folder.join(".s.PGSQL.5432")).unwrap();
        let it = Self {
            folder: folder.to_str().unwrap().to_owned(),
            needle: Arc::default(),
            held: watch::channel(0).0,
            released: watch::channel(0).0,
        };
        let (needle, held, released) = (it.needle.clone(), it.held.clone(), it.released.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, needle.clone(), held.clone(), released.subscribe()));
            }
        });
        it
    }

    /// A second gateway of the world, which reaches the database by a link. The first goes on until what this answers with
    /// beside the link is dropped.
    pub async fn before_a_gateway(world: &mut World) -> (Self, Option<Running>) {
        let link = Self::new(&world.folder);
        let first = world.gateway.take();
        world.config.database_url = link.url(&world.config.database_url);
        world.start_gateway().await;
        (link, first)
    }

    /// The same URL by this link.
    pub fn url(&self, url: &str) -> String {
        let (base, _) = url.split_once("?host=").unwrap();
        format!("{base}?host={}", self.folder.replace('/', "%2F"))
    }

    /// From now on, a connection on which `needle` is sent stands still.
    pub fn hold(&self, needle: &'static str) {
        *self.needle.lock().unwrap() = Some(needle);
    }

    /// Waits until so many connections have stood still.
    pub async fn until_held(&self, count: usize) {
        self.held.subscribe().wait_for(|held| *held >= count).await.unwrap();
    }

    /// Lets everything through again.
    pub fn release(&self) {
        *self.needle.lock().unwrap() = None;
        self.released.send_modify(|released| *released += 1);
    }
}

async fn carry(
    client: UnixStream,
    needle: Arc<Mutex<Option<&'static str>>>,
    held: watch::Sender<usize>,
    mut released: watch::Receiver<usize>,
) {
    let socket = std::env::var("GERBANG_TEST_SOCKET").unwrap();
    let server = UnixStream::connect(format!("{socket}/.s.PGSQL.5432")).await.unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let back = tokio::spawn(async move {
        let _ = copy(&mut from_server, &mut to_client).await;
    });
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from_client.read(&mut bytes).await {
        let sent = &bytes[..count];
        let needle = *needle.lock().unwrap();
        if needle.is_some_and(|needle| sent.windows(needle.len()).any(|some| some == needle.as_bytes())) {
            let before = *released.borrow_and_update();
            held.send_modify(|held| *held += 1);
            released.wait_for(|released| *released > before).await.unwrap();
        }
        if to_server.write_all(sent).await.is_err() {
            break;
        }
    }
    drop(to_server);
    back.abort();
}
