-- Rows of lists that are one question which lets its caller in.

CREATE TYPE trainer_row AS (
    id uuid, agency text, ref text, full_name text, kind text, competences jsonb, status text, lendable_to text[],
    lendable_to_all boolean, version bigint, created_at timestamptz, pending boolean
);
COMMENT ON TYPE trainer_row IS 'A row of trainer, as far as the program reads it; the columns are the table''s.';
COMMENT ON COLUMN trainer_row.pending IS 'Whether the registration is claimed and not confirmed.';
CREATE TYPE claim_row AS (
    id uuid, trainer uuid, claimant text, trainer_ref text, held uuid, holder text, held_ref text, state text,
    confirmed_by text, version bigint, created_at timestamptz
);
COMMENT ON TYPE claim_row IS 'A row of trainer_claim, as far as the program reads it; the columns are the table''s.';
CREATE TYPE agency_row AS (
    code text, kind text, tier text, names jsonb, time_zone text, state text, suspension_note text, noted_by text,
    noted_at timestamptz, version bigint, created_at timestamptz
);
COMMENT ON TYPE agency_row IS 'A row of agency, as far as the program reads it; the columns are the table''s.';
