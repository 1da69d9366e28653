//! What a look finds, and what follows for streams and connections; with a registry and a boot clock that a test sets.

use tokio::sync::watch;

use super::*;

/// A registry and a boot clock that a test sets.
#[derive(Clone, Default)]
pub struct Registry(watch::Sender<State>);

#[derive(Default)]
struct State {
    /// How often it was asked, and the clock read.
    asked: usize,
    read: u64,
    away: bool,
    good: HashSet<Fingerprint>,
    /// Everybody but these, where there is no list of the good ones.
    bad: HashSet<Fingerprint>,
    asleep: Duration,
}

impl Registry {
    /// Every certificate is good until it is revoked.
    pub fn find_good(&self) -> FindGood {
        let state = self.0.clone();
        Arc::new(move |asked| {
            state.send_modify(|state| state.asked += 1);
            let state = state.borrow();
            let good = |one: &Fingerprint| {
                (state.good.is_empty() || state.good.contains(one)) && !state.bad.contains(one)
            };
            let answer = (!state.away).then(|| asked.into_iter().filter(good).collect());
            Box::pin(async move { answer })
        })
    }

    /// Moves by what the machine is said to have slept, and by a microsecond each time it is read.
    pub fn boot(&self) -> BootClock {
        let state = self.0.clone();
        Arc::new(move || {
            let mut now = Duration::ZERO;
            state.send_modify(|state| {
                state.read += 1;
                now = Duration::from_micros(state.read) + state.asleep;
            });
            now
        })
    }

    /// What this comes to; a defect if the registry is asked so many times before.
    pub async fn within<T>(&self, asks: usize, what: impl Future<Output = T>) -> T {
        let end = self.0.borrow().asked + asks;
        let mut state = self.0.subscribe();
        tokio::select! {
            biased;
            come = what => come,
            _ = state.wait_for(|state| state.asked >= end) => panic!("not while the gateway looked {asks} times"),
        }
    }

    pub fn revoke(&self, fingerprint: Fingerprint) {
        self.0.send_modify(|state| state.bad.extend([fingerprint]));
    }

    pub fn only(&self, fingerprint: Fingerprint) {
        self.0.send_modify(|state| state.good.extend([fingerprint]));
    }

    pub fn set_away(&self, away: bool) {
        self.0.send_modify(|state| state.away = away);
    }

    pub fn sleep(&self, time: Duration) {
        self.0.send_modify(|state| state.asleep += time);
    }
}

const ONE: Fingerprint = [1; 32];

fn trust(registry: &Registry) -> Trust {
    Trust::new(registry.find_good(), registry.boot(), CancellationToken::new())
}

#[tokio::test]
async fn a_stream_goes_on_while_the_last_look_is_fresh() {
    let registry = Registry::default();
    let trust = trust(&registry);
    let live = trust.connect(ONE);
    let known = trust.known(&ONE);
    assert_eq!(trust.is_good(ONE, &known).await, Some(true));
    trust.check_stream(&known).unwrap();
    registry.sleep(FRESH);
    assert_eq!(trust.check_stream(&known), Err(Reason::DatabaseAway));
    assert!(trust.look().await);
    trust.check_stream(&known).unwrap();
    registry.set_away(true);
    assert!(!trust.look().await);
    trust.check_stream(&known).unwrap();
    registry.sleep(FRESH);
    assert_eq!(trust.check_stream(&known), Err(Reason::DatabaseAway));
    assert_eq!(trust.is_good(ONE, &known).await, None);
    drop(live);
    assert!(trust.live().is_empty());
}

/// A boot clock that stands still until it is moved.
fn by_hand(registry: &Registry) -> (Trust, Arc<AtomicU64>) {
    let millis = Arc::new(AtomicU64::new(1_000));
    let read = millis.clone();
    let boot: BootClock = Arc::new(move || Duration::from_millis(read.load(Ordering::SeqCst)));
    (Trust::new(registry.find_good(), boot, CancellationToken::new()), millis)
}

/// How many looks begin at so many turns, a quarter of a second apart.
async fn looks(trust: &Trust, millis: &AtomicU64, turns: usize) -> usize {
    let mut looks = 0;
    let mut watch = Watch { trust: trust.clone(), health: Health::new().await };
    for _ in 0..turns {
        let before = trust.0.looked.get();
        watch.turn().await.unwrap();
        looks += usize::from(trust.0.looked.get() > before);
        millis.fetch_add(250, Ordering::SeqCst);
    }
    looks
}

#[tokio::test]
async fn looks_come_every_turn_while_a_stream_is_open_and_every_fourth_without() {
    let registry = Registry::default();
    let (trust, millis) = by_hand(&registry);
    let _live = trust.connect(ONE);
    assert_eq!(looks(&trust, &millis, 40).await, 10);
    let (stream, other) = (trust.stream(), trust.stream());
    assert_eq!(looks(&trust, &millis, 40).await, 40);
    drop(stream);
    assert_eq!(looks(&trust, &millis, 40).await, 40, "there is another");
    drop(other);
    // The first three turns find the look before them young enough.
    assert_eq!(looks(&trust, &millis, 43).await, 10);
}

#[tokio::test]
async fn a_look_that_failed_is_due_again_at_once() {
    let registry = Registry::default();
    let (trust, millis) = by_hand(&registry);
    assert_eq!(looks(&trust, &millis, 4).await, 1);
    registry.set_away(true);
    let mut watch = Watch { trust: trust.clone(), health: Health::new().await };
    assert!(watch.turn().await.is_err());
    registry.set_away(false);
    assert_eq!(looks(&trust, &millis, 1).await, 1);
}

#[tokio::test]
async fn who_was_good_and_is_no_more_is_cut_a_moment_later() {
    let registry = Registry::default();
    let trust = trust(&registry);
    let (live, known) = (trust.connect(ONE), trust.known(&ONE));
    assert!(trust.look().await);
    registry.revoke(ONE);
    assert!(trust.look().await);
    assert_eq!(trust.check_stream(&known), Err(Reason::CertificateNotRegistered));
    assert!(!live.cut().is_cancelled());
    registry.sleep(CUT_AFTER);
    assert!(trust.look().await);
    assert!(live.cut().is_cancelled());
    // A new connection of the same certificate is not cut for what its calls say anyway.
    let again = trust.connect(ONE);
    drop(live);
    for _ in 0..3 {
        registry.sleep(CUT_AFTER);
        assert!(trust.look().await);
    }
    assert!(!again.cut().is_cancelled());
    assert_eq!(trust.live().len(), 1);
}

#[tokio::test]
async fn who_was_never_good_is_left_to_its_calls() {
    let registry = Registry::default();
    registry.only([2; 32]);
    let trust = trust(&registry);
    let live = trust.connect(ONE);
    for _ in 0..3 {
        registry.sleep(CUT_AFTER);
        assert!(trust.look().await);
    }
    assert!(!live.cut().is_cancelled());
    assert_eq!(trust.is_good(ONE, &trust.known(&ONE)).await, Some(false));
}
