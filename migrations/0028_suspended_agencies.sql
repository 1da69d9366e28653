-- Why an agency is suspended is told to it and to the administrators, with who and when. What was noted before has a note
-- alone, and is shown so.

ALTER TABLE agency
    ADD COLUMN noted_by text CONSTRAINT agency_noted_by_check CHECK (noted_by ~ '^[a-z][a-z0-9-]{1,39}$'),
    ADD COLUMN noted_at timestamptz CONSTRAINT agency_noted_at_check
        CHECK (noted_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT agency_noted_by_noted_at_check CHECK ((noted_by IS NULL) = (noted_at IS NULL));
COMMENT ON COLUMN agency.suspension_note IS 'Why it was last suspended.';
COMMENT ON COLUMN agency.noted_by IS 'The agency whose administrator suspended it last; NULL where only the note was kept.';
COMMENT ON COLUMN agency.noted_at IS 'When it was last suspended; NULL where only the note was kept.';
GRANT UPDATE (noted_by, noted_at) ON agency TO gerbang_gateway;
