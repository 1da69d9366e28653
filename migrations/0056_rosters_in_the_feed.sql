-- Changes tell of rosters too, to the lead agency while an agreement lets them pass.

CREATE TYPE roster_gate AS (
    enrolment bytea, programme programme_row, agreement agreement_row, party_codes text[], party_states text[]
);
COMMENT ON TYPE roster_gate IS 'What decides whether the lead agency may know of a place on a roster.';
COMMENT ON COLUMN roster_gate.enrolment IS 'The place''s reference.';
COMMENT ON COLUMN roster_gate.programme IS 'The programme of the roster.';
COMMENT ON COLUMN roster_gate.agreement IS 'The agreement on which the programme rests.';
COMMENT ON COLUMN roster_gate.party_codes IS 'The codes of the agreement''s parties.';
COMMENT ON COLUMN roster_gate.party_states IS 'Their states, in the same order.';

-- Systems can follow rosters by themselves.
ALTER TABLE acknowledgement DROP CONSTRAINT acknowledgement_kind_check;
ALTER TABLE acknowledgement ADD CONSTRAINT acknowledgement_kind_check
    CHECK (kind IN ('*', 'AGENCY', 'AGREEMENT', 'PROGRAMME', 'TRAINER', 'TRAINER_CLAIM', 'FACILITY', 'SESSION', 'ASSIGNMENT',
                    'ENROLMENT'));
