//! How a call changes many things: the context is loaded, under locks where it is a [`Batch`], each item is judged by
//! itself and then with the others, the verdicts come to an outcome, what is good is stored, or nothing, and each item is
//! answered.
//!
//! This file owns those steps, ATOMIC and BEST_EFFORT, `DUPLICATE_IN_BATCH`, NOT_STORED and UNCHANGED, etags, and the
//! answer as replays remember it. It knows no noun: a [`Judge`] has its items and says how to judge
//! them, a [`Batch`] how to load and store.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Display,
    future::{Future, ready},
    hash::Hash,
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Bench, Error, Tx, Work, tx};
use crate::domain::{
    Fault, Reason, Violation,
    batch::{BatchMode, BatchOutcome, ItemOutcome},
    name::SessionName,
    roster::RosterPlaces,
};

/// The answer to a batch; `N` names its resources, `S` is their state. It is remembered for 30 days: it holds nothing
/// of what was sent, and a field that is renamed keeps an alias.
#[derive(Debug, Serialize, Deserialize)]
pub struct BatchAnswer<N, S> {
    /// The outcome.
    pub outcome: BatchOutcome,
    /// In the order of the request.
    pub items: Vec<ItemAnswer<N, S>>,
    /// Warnings of good items: legal, and unwise.
    #[serde(default)]
    pub warnings: Vec<Violation>,
    /// Sessions that are TENTATIVE again for it.
    #[serde(default)]
    pub unconfirmed: Vec<SessionName>,
    /// Of a batch on a roster, the places now.
    pub places: Option<RosterPlaces>,
    /// The ledger entry; `None` where nothing was stored.
    pub entry: Option<Uuid>,
}

/// The answer to one item.
#[derive(Debug, Serialize, Deserialize)]
pub struct ItemAnswer<N, S> {
    /// `None` where the item names nothing that parses, and made nothing.
    #[serde(alias = "id")]
    pub name: Option<N>,
    /// The caller's own word for the item, as sent; empty where it sends none.
    #[serde(default)]
    pub uid: String,
    /// The outcome.
    pub outcome: ItemOutcome,
    /// The state of the resource, where there is one.
    pub state: Option<S>,
    /// The etag of the resource, where there is one.
    pub etag: Option<String>,
    /// All that forbids the item.
    pub errors: Vec<Violation>,
}

/// The answer to a batch `J`.
pub type AnswerOf<J> = BatchAnswer<NameOf<J>, <<J as Judge>::Resource as Resource>::State>;

type NameOf<J> = <<J as Judge>::Resource as Resource>::Name;

/// A resource that a batch creates and changes.
pub trait Resource: Send + Sync {
    type Name: Clone + Eq + Hash + Display + Send;
    type State: Send;
    /// The noun in a refusal.
    const NOUN: &'static str;
    /// Name, state and etag.
    fn told(&self) -> (Self::Name, Self::State, String);
}

/// One item of a request.
pub trait Item<N>: Sync {
    /// The field that says what the item names.
    const NAME_FIELD: &'static str = "name";
    /// What the item names; `None` where that does not parse, or is not known before it is stored.
    fn name(&self) -> Option<&N>;
    /// See [`ItemAnswer::uid`].
    fn uid(&self) -> &str {
        ""
    }
}

/// A name, and the etag that the caller saw.
impl<N: Sync> Item<N> for (N, String) {
    fn name(&self) -> Option<&N> {
        Some(&self.0)
    }
}

/// An item at its place in the request.
pub struct At<'a, I> {
    pub item: &'a I,
    pub index: usize,
    /// `sessions[3]`.
    pub path: String,
    warnings: &'a mut Vec<(usize, Violation)>,
}

impl<I> At<'_, I> {
    /// The path of a field of the item: `sessions[3].etag`.
    pub fn field(&self, field: &str) -> String {
        format!("{}.{field}", self.path)
    }

    /// Says what is legal and unwise about the item, if it turns out to be good.
    pub fn warn(&mut self, field: &str, fault: impl Into<Fault>) {
        let warning = fault.into().at(self.field(field));
        self.warnings.push((self.index, warning));
    }
}

impl<N: Eq + Hash> At<'_, (N, String)> {
    /// Finds what the item names among those that the caller may see. `NOT_FOUND`.
    pub fn find<'r, R: Resource>(&self, found: &'r HashMap<N, R>) -> Result<&'r R, Violation> {
        let unknown = || Fault::from(Reason::NotFound).with("resource", R::NOUN);
        found.get(&self.item.0).ok_or_else(|| unknown().at(self.field("name")))
    }

    /// `ETAG_MISMATCH` unless the caller saw the etag that holds.
    pub fn match_etag(&self, current: &str) -> Result<(), Violation> {
        tx::match_etag(&self.item.1, current).map_err(|fault| fault.at(self.field("etag")))
    }
}

/// The effect of a good item.
pub enum Judgement<R> {
    Create(R),
    /// From what is stored to what is to stand.
    Update(R, R),
    Unchanged(R),
}

/// The effect of an item, or everything that forbids it.
pub type Verdict<R> = Result<Judgement<R>, Vec<Violation>>;

/// Many things that one call changes, and how each of them is judged: without the database.
pub trait Judge: Sync {
    type Item: Item<NameOf<Self>>;
    type Resource: Resource;
    /// Everything that they are held against.
    type Context: Send + Sync;
    /// The field of the items.
    const ITEMS: &'static str;

    /// The items in the order of the request, and how they are stored.
    fn items(&self) -> (BatchMode, &[Self::Item]);

    /// Judges one item by itself; none comes here that says again what an earlier one said.
    fn judge(
        &self,
        bench: &Bench<'_>,
        at: &mut At<'_, Self::Item>,
        context: &mut Self::Context,
    ) -> Verdict<Self::Resource>;

    /// What no other item may say, each with the field that says it.
    fn identities(&self, _context: &Self::Context, index: usize) -> Vec<(&'static str, String)> {
        let name = self.items().1[index].name().map(|name| (Self::Item::NAME_FIELD, name.to_string()));
        name.into_iter().collect()
    }

    /// The places of all items in the order in which they are judged, for one may take what the next could have had.
    fn order(&self, _context: &Self::Context) -> Vec<usize> {
        (0..self.items().1.len()).collect()
    }

    /// Adds to the answer what only this kind of batch says.
    fn finish(_context: Self::Context, _answer: &mut AnswerOf<Self>) {}
}

/// A mutation of many things in a transaction. Whatever implements it is a use case.
pub trait Batch: Judge {
    /// Takes the locks in the house's order, each in a statement of its own, then reads what they guard. Whole calls
    /// are refused here.
    fn load(&self, tx: &mut Tx) -> impl Future<Output = Result<Self::Context, Error>> + Send;

    /// Refuses items that are good by themselves and not together, and adds warnings, each with its item's place.
    fn settle(
        &self,
        _tx: &mut Tx,
        _context: &Self::Context,
        _judged: &mut Judged<Self::Resource>,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        ready(Ok(()))
    }

    /// Stores the resources that are created or changed, and tells the transaction of each. Where there are none, there
    /// may be something to store that is no change.
    fn store(
        &self,
        tx: &mut Tx,
        context: &mut Self::Context,
        good: &[&Self::Resource],
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

impl<B: Batch> Work for B {
    type Answer = AnswerOf<B>;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Answer, Error> {
        let mut context = self.load(tx).await?;
        let mut judged = judge(self, &tx.bench(), &mut context);
        self.settle(tx, &context, &mut judged).await?;
        let outcome = judged.outcome(self.items().0);
        let good = judged.good();
        let stores = outcome != BatchOutcome::Rejected;
        if stores {
            self.store(tx, &mut context, &good).await?;
        }
        if !stores || good.is_empty() {
            tx.unchanged();
        }
        Ok(judged.answer(self, context, outcome, tx.entry()))
    }
}

/// The items of a batch as they were judged.
pub struct Judged<R> {
    /// In the order of the request.
    pub verdicts: Vec<Verdict<R>>,
    /// Of items that turn out to be good, each with its item's place.
    pub warnings: Vec<(usize, Violation)>,
}

impl<R: Resource> Judged<R> {
    /// What becomes of the whole.
    pub fn outcome(&self, mode: BatchMode) -> BatchOutcome {
        let (good, refused) = (self.good().len(), self.refused());
        BatchOutcome::of(mode, good, self.verdicts.len() - good - refused, refused)
    }

    /// The resources that are created or changed.
    pub fn good(&self) -> Vec<&R> {
        changing(&self.verdicts).map(|(_, resource)| resource).collect()
    }

    /// How many items are refused.
    pub fn refused(&self) -> usize {
        self.verdicts.iter().filter(|verdict| verdict.is_err()).count()
    }

    /// The answer to each item, once it is stored, or is not.
    pub fn answer<J: Judge<Resource = R>>(
        self,
        batch: &J,
        context: J::Context,
        outcome: BatchOutcome,
        entry: Option<Uuid>,
    ) -> AnswerOf<J> {
        let Self { verdicts, mut warnings } = self;
        warnings.retain(|(index, _)| verdicts[*index].is_ok());
        warnings.sort_by_key(|(index, _)| *index);
        let warnings = warnings.into_iter().map(|(_, warning)| warning).collect();
        let stores = outcome != BatchOutcome::Rejected;
        let items = batch.items().1.iter().zip(verdicts);
        let items = items.map(|(item, verdict)| answer(item, verdict, stores)).collect();
        let (unconfirmed, places) = (Vec::new(), None);
        let mut answer = BatchAnswer { outcome, items, warnings, unconfirmed, places, entry };
        J::finish(context, &mut answer);
        answer
    }
}

/// Judges each item by itself. `DUPLICATE_IN_BATCH` for what an earlier item said already.
pub fn judge<J: Judge>(batch: &J, bench: &Bench<'_>, context: &mut J::Context) -> Judged<J::Resource> {
    let (_, items) = batch.items();
    let path = |index: usize| format!("{}[{index}]", J::ITEMS);
    let (mut first_at, mut verdicts) = (HashMap::new(), Vec::with_capacity(items.len()));
    for index in 0..items.len() {
        let mut doubles = Vec::new();
        for identity in batch.identities(context, index) {
            let field = format!("{}.{}", path(index), identity.0);
            let first = *first_at.entry(identity).or_insert(index);
            if first != index {
                doubles.push(Fault::from(Reason::DuplicateInBatch).with("index", first).at(field));
            }
        }
        verdicts.push(Err(doubles));
    }
    let mut warnings = Vec::new();
    for index in batch.order(context) {
        if verdicts[index].as_ref().is_err_and(Vec::is_empty) {
            let mut at = At { item: &items[index], index, path: path(index), warnings: &mut warnings };
            verdicts[index] = batch.judge(bench, &mut at, context);
        }
    }
    Judged { verdicts, warnings }
}

/// The resources that are created or changed, each with its item's place in the request.
pub fn changing<R>(verdicts: &[Verdict<R>]) -> impl Iterator<Item = (usize, &R)> {
    verdicts.iter().enumerate().filter_map(|(index, verdict)| match verdict {
        Ok(Judgement::Create(resource) | Judgement::Update(_, resource)) => Some((index, resource)),
        _ => None,
    })
}

fn answer<R: Resource>(
    item: &impl Item<R::Name>,
    verdict: Verdict<R>,
    stores: bool,
) -> ItemAnswer<R::Name, R::State> {
    let (outcome, resource, errors) = match verdict {
        Ok(Judgement::Unchanged(stored)) => (ItemOutcome::Unchanged, Some(stored), Vec::new()),
        Ok(Judgement::Create(new)) if stores => (ItemOutcome::Created, Some(new), Vec::new()),
        Ok(Judgement::Update(_, new)) if stores => (ItemOutcome::Updated, Some(new), Vec::new()),
        Ok(Judgement::Create(_)) => (ItemOutcome::NotStored, None, Vec::new()),
        Ok(Judgement::Update(stored, _)) => (ItemOutcome::NotStored, Some(stored), Vec::new()),
        Err(errors) => (ItemOutcome::Rejected, None, errors),
    };
    let (name, state, etag) = match resource.map(|resource| resource.told()) {
        Some((name, state, etag)) => (Some(name), Some(state), Some(etag)),
        None => (item.name().cloned(), None, None),
    };
    ItemAnswer { name, uid: item.uid().to_owned(), outcome, state, etag, errors }
}

/// Each of them once, in their own order.
pub fn distinct<T: Ord>(things: impl IntoIterator<Item = T>) -> Vec<T> {
    things.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}
