//! What decides whether a caller may know of a roster: whose it is, and the agreement on which its programme rests.

use sqlx::PgConnection;

use crate::{
    domain::{
        AgencyCode, access::Fingerprint, agency::AgencyState, agreement::Agreement, programme::Programme,
        roster::EnrolmentRef,
    },
    store::{Entered, Error, Question, agreement, programme, registry::rows_as_caller, text},
};

#[derive(Debug, sqlx::Type)]
#[sqlx(type_name = "roster_gate")]
struct Row {
    programme: programme::Row,
    agreement: agreement::Row,
    party_codes: Vec<String>,
    party_states: Vec<String>,
    places: Vec<Vec<u8>>,
}

/// What decides of the roster of one programme.
pub struct Gate {
    /// The programme.
    pub programme: Programme,
    /// The agreement on which the programme rests.
    pub agreement: Agreement,
    /// The agreement's parties, and their states.
    pub parties: Vec<(AgencyCode, AgencyState)>,
    /// Those of the asked places that are on the roster.
    pub places: Vec<EnrolmentRef>,
}

impl TryFrom<Row> for Gate {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let party = |(code, state): (String, String)| {
            Ok((AgencyCode::from_store(code), text(AgencyState::from_text(&state))?))
        };
        let parties = row.party_codes.into_iter().zip(row.party_states);
        Ok(Self {
            programme: row.programme.try_into()?,
            agreement: row.agreement.try_into()?,
            parties: parties.map(party).collect::<Result<_, Error>>()?,
            places: row.places.iter().filter_map(|place| EnrolmentRef::from_store(place)).collect(),
        })
    }
}

/// The question on which rosters of the caller's these places are, as the lead agency or as the prison. One round trip.
pub struct Gates<'a> {
    /// The certificate of who asks.
    pub fingerprint: Fingerprint,
    /// The places.
    pub places: &'a [EnrolmentRef],
}

impl Question for Gates<'_> {
    type Answer = (Option<Entered>, Vec<Gate>);

    async fn ask(&self, db: &mut PgConnection) -> Result<Self::Answer, Error> {
        let places: Vec<_> = self.places.iter().map(|place| place.as_bytes().to_vec()).collect();
        let (caller, rows): (_, Vec<Row>) = rows_as_caller!(
            db,
            "SELECT ((p.id, p.lead, p.ref, p.agreement, p.agreement_author, p.agreement_ref, p.prison, p.plan, p.state, p.note,
                      p.noted_by, p.noted_at, p.version, p.opened_at, p.created_at)::programme_row,
                     (a.id, a.author, a.ref, a.terms, a.nature, a.act, a.binding, a.accepted_by, a.suspended_by,
                      a.terminates_on, a.note, a.remarks, a.proposed_at, a.version, a.created_at)::agreement_row,
                     ARRAY(SELECT g.code FROM agency g WHERE g.code = ANY (a.parties) ORDER BY g.code),
                     ARRAY(SELECT g.state FROM agency g WHERE g.code = ANY (a.parties) ORDER BY g.code),
                     r.places)::roster_gate
               FROM (SELECT e.programme, array_agg(e.ref) AS places FROM enrolment e
                      WHERE e.ref = ANY ($2) AND c.agency IN (e.lead, e.prison) GROUP BY e.programme) AS r
               JOIN programme p ON p.id = r.programme JOIN agreement a ON a.id = p.agreement",
            &self.fingerprint[..],
            &places
        );
        Ok((caller, rows.into_iter().map(Gate::try_from).collect::<Result<_, _>>()?))
    }
}
