//! The race for the ledger's order: 16 writers, of which some are slow and some roll back, three sequencers in processes of their
//! own that are killed and stopped at any moment, and 12 readers that come and go. Whatever becomes of any of them, each reader is
//! told each of its entries once, in the ledger's order. `make torture` runs it at full size.

mod readers;
mod sequencers;
mod writers;

use std::{
    collections::{BTreeSet, HashMap},
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use gerbang::{
    domain::outside::Clock,
    ledger::{Entry, proof::verify_consistency, tree::Hash},
    store::{audit::Flaw, sequence::Sequenced},
};
use tokio::{sync::watch, task::JoinSet, time::timeout};
use uuid::Uuid;

use self::{
    readers::{Read, Reader},
    sequencers::Acts,
    writers::Written,
};
use super::{order, writing::make_counters};
use crate::{
    cast::Cast,
    changes::{self, to_be_told},
    dice::{self, Dice},
    ledger::{checkpoint, consistency},
    trips::Counter,
    world::{self, World, audit_rows},
};

/// The entries of the race that every run of the tests has.
const SIZE: usize = 1_500;
const WRITERS: usize = 16;
const SEQUENCERS: usize = 3;
const READERS: usize = 12;
/// Resources that all writers change. Each writer has one more for itself.
const RESOURCES: usize = 100;
/// Agencies with a system of each, which read and of which entries tell.
const AGENCIES: [(&str, &str); 4] =
    [("lapas-tpi", "sdp"), ("blk-kepri", "jadwal"), ("dkpp-bintan", "jadwal"), ("dkp-kepri", "jadwal")];
/// Batches whose trees are held against the last one.
const SAMPLES: usize = 50;
/// The longest that a race may take, and for each of its entries. A machine that does nothing else takes a fiftieth.
const PATIENCE: Duration = Duration::from_secs(8 * 60);
const PATIENCE_EACH: Duration = Duration::from_millis(50);

/// What all who take part know of the race.
struct Course {
    seed: u64,
    size: usize,
    /// How many entries have committed.
    written: watch::Sender<usize>,
    /// At how many the writers end.
    end: watch::Sender<usize>,
}

impl Course {
    fn drawn() -> Self {
        let size = dice::number("RACE_ENTRIES", SIZE as u64);
        let seed = dice::number("RACE_SEED", 20_260_302);
        println!("RACE_ENTRIES={size} RACE_SEED={seed}");
        let (written, end) = (watch::Sender::new(0), watch::Sender::new(usize::MAX));
        Self { seed, size: size as usize, written, end }
    }

    /// The dice of one who takes part.
    fn dice(&self, who: &str, number: usize) -> Dice {
        let name = who.bytes().fold(number as u64, |name, byte| name << 8 | u64::from(byte));
        Dice(self.seed ^ Dice(name).next())
    }

    fn written(&self) -> usize {
        *self.written.borrow()
    }

    async fn until_written(&self, count: usize) {
        self.written.subscribe().wait_for(|written| *written >= count).await.unwrap();
    }

    /// The entries that are written when no sequencer is left.
    fn tail(&self) -> usize {
        self.size / 20
    }
}

/// What one who took part has to say.
enum Done {
    Sequencer(Acts),
    Writer(Written),
    Reader(Read),
}

/// What all who took part have to say.
#[derive(Default)]
struct Outcome {
    acts: Vec<Acts>,
    written: Vec<Written>,
    read: Vec<Read>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_reader_is_told_each_entry_once_whatever_becomes_of_the_sequencers() {
    let course = Course::drawn();
    let longest = PATIENCE + PATIENCE_EACH * u32::try_from(course.size).unwrap();
    let race = async {
        let mut race = Race::prepare(course).await;
        let taking_part = race.start().await;
        let outcome = race.run(taking_part).await;
        race.judge(outcome).await;
    };
    timeout(longest, race).await.expect("the race comes to no end");
}

struct Race {
    course: Arc<Course>,
    cast: Cast,
    /// Where readers connect, if they can.
    gateway: watch::Sender<Option<SocketAddr>>,
    /// Whether all entries have their places, and there will be no others.
    over: watch::Sender<bool>,
    begun: Instant,
}

impl Race {
    async fn prepare(course: Course) -> Self {
        let cast = Cast::gather().await;
        // The writers tell of resources that there are not.
        cast.world.tampers();
        make_counters(&cast.world, RESOURCES + WRITERS).await;
        let (gateway, over) = (watch::Sender::new(Some(cast.world.address)), watch::Sender::new(false));
        Self { course: Arc::new(course), cast, gateway, over, begun: Instant::now() }
    }

    async fn start(&self) -> JoinSet<Done> {
        let Self { course, cast: Cast { world, .. }, gateway, over, .. } = self;
        let mut taking_part = JoinSet::new();
        for number in 0..WRITERS {
            let write = writers::write(course.clone(), number, world.runtime().await);
            taking_part.spawn(async { Done::Writer(write.await) });
        }
        for number in 0..SEQUENCERS {
            let counter = Counter::named(world, &format!("sequencer-{number}"));
            let url = counter.url(&world::url("gerbang_keeper", &world.database));
            let sequence = sequencers::sequence(course.clone(), number, counter, url);
            taking_part.spawn(async { Done::Sequencer(sequence.await) });
        }
        for number in 0..READERS {
            let read = Reader::new(course, number, world, gateway.subscribe()).read(over.subscribe());
            taking_part.spawn(async { Done::Reader(read.await) });
        }
        taking_part
    }

    /// Waits for all who take part. The sequencers end first, the writers some entries later, and the readers once there is a
    /// sequencer again.
    async fn run(&mut self, mut taking_part: JoinSet<Done>) -> Outcome {
        let mut outcome = Outcome::default();
        while let Some(done) = taking_part.join_next().await {
            match done.unwrap() {
                Done::Sequencer(acts) => {
                    outcome.acts.push(acts);
                    if outcome.acts.len() == SEQUENCERS {
                        self.stop_gateway().await;
                        self.course.end.send_replace(self.course.written() + self.course.tail());
                    }
                }
                Done::Writer(written) => {
                    outcome.written.push(written);
                    if outcome.written.len() == WRITERS {
                        self.start_gateway(&outcome.written).await;
                    }
                }
                Done::Reader(read) => outcome.read.push(read),
            }
        }
        self.says("All are read");
        outcome
    }

    /// Leaves nobody who gives entries their places: a gateway does, too.
    async fn stop_gateway(&mut self) {
        self.gateway.send_replace(None);
        self.cast.world.stop().await;
        self.says("The last sequencer is gone");
    }

    /// Starts one that gives all entries their places.
    async fn start_gateway(&mut self, written: &[Written]) {
        self.says("All entries are written");
        let world = &mut self.cast.world;
        world.start_gateway().await;
        self.gateway.send_replace(Some(world.address));
        until_nothing_is_new(world).await;
        assert_none_is_lost(world, written).await;
        self.says("All have their places");
        self.over.send_replace(true);
    }

    fn says(&self, what: &str) {
        println!("{what}: {} after {:.1?}.", self.course.written(), self.begun.elapsed());
    }

    async fn judge(mut self, outcome: Outcome) {
        let Outcome { acts, written, read } = outcome;
        println!("{:?}\n{}\n{}", Acts::sum(acts), Written::sum(&written), Read::sum(&read));
        let world = &mut self.cast.world;
        assert_proved(world, &mut self.course.dice("proofs", 0)).await;
        world.stop().await;
        assert_ordered(world).await;
        assert_told(&changes::ledger(world).await, &read);
        self.says("All is judged");
    }
}

/// Waits until a turn of the sequencer finds nothing that it could give a place. What it forgot is not waited for.
async fn until_nothing_is_new(world: &World) {
    let keeper = world.keeper();
    let is_all = |turn| matches!(turn, Ok(Sequenced::Placed { entries: 0, more: false, .. }));
    while !is_all(keeper.sequence().await) {}
}

/// All that the writers have committed has its place.
async fn assert_none_is_lost(world: &World, written: &[Written]) {
    let mut owner = world.owner().await;
    let placed = sqlx::query_scalar("SELECT entry FROM ledger_index").fetch_all(&mut owner).await.unwrap();
    let placed: BTreeSet<Uuid> = placed.into_iter().collect();
    let committed = written.iter().flat_map(|writer| &writer.committed);
    let lost: Vec<_> = committed.filter(|entry| !placed.contains(entry)).collect();
    assert!(lost.is_empty(), "{} entries have no place: {:?} …", lost.len(), &lost[..lost.len().min(3)]);
}

/// Sampled batches are the beginning of the tree that the gateway signs.
async fn assert_proved(world: &World, dice: &mut Dice) {
    let admin = world.admin().await;
    let last = checkpoint(world, &admin).await;
    let batches =
        "SELECT tree_size, root FROM ledger_batch WHERE tree_size BETWEEN 1 AND $1 ORDER BY tree_size";
    let batches = sqlx::query_as(batches).bind(last.size as i64);
    let batches: Vec<(i64, Vec<u8>)> = batches.fetch_all(&mut world.owner().await).await.unwrap();
    println!("{} batches, of which {SAMPLES} are held against the last", batches.len());
    for _ in 0..SAMPLES {
        let (size, root) = &batches[dice.below(batches.len())];
        let (size, root): (u64, Hash) = (*size as u64, root.clone().try_into().unwrap());
        let proof = consistency(&admin, size, last.size).await.unwrap();
        assert!(
            verify_consistency((size, &root), (last.size, &last.root), &proof),
            "{size} of {}",
            last.size
        );
    }
}

/// The tree is that of its leaves, without gaps, and the feed says the same.
async fn assert_ordered(world: &World) {
    order(world).await;
    let found = audit_rows(&world.database, &world.keys, world.clock.now()).await;
    let found: Vec<_> =
        found.iter().filter(|found| [Flaw::Feed, Flaw::Order].contains(&found.flaw)).collect();
    assert!(found.is_empty(), "{found:?}");
}

/// The versions of each resource rise by one, and each reader was told what its agency may see, each once and in order.
fn assert_told(entries: &[Entry], read: &[Read]) {
    let mut versions: HashMap<&str, i64> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        for line in entry.lines.iter().filter(|line| line.kind.is_change()) {
            let version = versions.entry(&line.resource).or_default();
            assert_eq!(line.version, *version + 1, "{} in entry {index}", line.resource);
            *version = line.version;
        }
    }
    for (agency, _) in AGENCIES {
        let expected = to_be_told(entries, agency);
        for Read { number, told, .. } in read.iter().filter(|read| read.agency == agency) {
            let place = expected.iter().zip(told).position(|(expected, told)| expected != told);
            let place = place.unwrap_or(expected.len().min(told.len()));
            assert_eq!(told.get(place), expected.get(place), "change {place} of reader {number}, {agency}");
            assert!(told.len() > 100, "{}", told.len());
        }
    }
}
