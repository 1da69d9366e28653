-- Changes tell of rosters too, to the lead agency while an agreement lets them pass.

CREATE TYPE roster_gate AS (
    programme programme_row, agreement agreement_row, party_codes text[], party_states text[], places bytea[]
);
COMMENT ON TYPE roster_gate IS 'What decides whether the lead agency of a programme may know of its roster.';
COMMENT ON COLUMN roster_gate.programme IS 'The programme.';
COMMENT ON COLUMN roster_gate.agreement IS 'The agreement on which the programme rests.';
COMMENT ON COLUMN roster_gate.party_codes IS 'The codes of the agreement''s parties.';
COMMENT ON COLUMN roster_gate.party_states IS 'Their states, in the same order.';
COMMENT ON COLUMN roster_gate.places IS 'Those of the asked places that are on the roster, by their references.';

-- Systems can follow rosters by themselves. What is there has one of the kinds of before.
ALTER TABLE acknowledgement
    DROP CONSTRAINT acknowledgement_kind_check,
    ADD CONSTRAINT acknowledgement_kind_check
        CHECK (kind IN ('*', 'AGENCY', 'AGREEMENT', 'PROGRAMME', 'TRAINER', 'TRAINER_CLAIM', 'FACILITY', 'SESSION', 'ASSIGNMENT',
                        'ROSTER')) NOT VALID;
