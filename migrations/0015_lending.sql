-- Who may name an agency's trainers, and what the agency that leads a session learns of those of others.

ALTER TABLE trainer
    ADD COLUMN lendable_to text[] NOT NULL DEFAULT '{}' CONSTRAINT trainer_lendable_to_check CHECK (
        is_list(lendable_to, 100, 40)
        AND array_to_string(lendable_to, ' ') ~ '^([a-z][a-z0-9-]{1,39}( [a-z][a-z0-9-]{1,39})*)?$'
    ),
    ADD COLUMN lendable_to_all boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN trainer.lendable_to IS 'Codes of the agencies that may name the trainer in sessions that they lead.';
COMMENT ON COLUMN trainer.lendable_to_all IS 'Whether every agency may that leads sessions under an agreement with a prison.';
GRANT INSERT (lendable_to, lendable_to_all), UPDATE (lendable_to, lendable_to_all) ON trainer TO gerbang_gateway;

-- Unknown, inactive and not lent are one answer: no row. A trainer who stands in a session of the caller's is known to it
-- already, and comes so that the push can lock the person; the status says whether a new session may have the trainer.
CREATE OR REPLACE FUNCTION trainers_named(agencies text[], refs text[])
RETURNS TABLE (id uuid, agency text, ref text, booking_key bytea, status text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT t.id, t.agency, t.ref, t.booking_key,
           CASE WHEN t.agency = caller() OR lent.is_so THEN t.status ELSE 'INACTIVE' END
      FROM unnest(agencies, refs) AS named (agency, ref)
      JOIN trainer t ON t.agency = named.agency AND t.ref = named.ref
      CROSS JOIN LATERAL (
          SELECT t.status = 'ACTIVE' AND (t.lendable_to_all OR caller() = ANY (t.lendable_to))
      ) AS lent (is_so)
     WHERE t.agency = caller() OR lent.is_so
        OR EXISTS (SELECT FROM assignment a
                    WHERE a.trainer = t.id AND a.lead = caller() AND a.state IN ('PROPOSED', 'ACCEPTED', 'CLEARED'))
$$;
COMMENT ON FUNCTION trainers_named IS 'Trainers whom a push names and its caller may name: keys and status, no names.';

-- The lead agency learns who comes once the trainer's agency has said yes, and no more when it is taken back. The row is
-- there all the same: gateways of before look for one.
CREATE OR REPLACE FUNCTION assigned_trainers(assignments uuid[])
RETURNS TABLE (assignment uuid, full_name text, competences jsonb, field jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT a.id, CASE WHEN shown.is_so THEN t.full_name ELSE '' END,
           CASE WHEN shown.is_so THEN t.competences ELSE '[]' END, p.plan -> 'field'
      FROM assignment a
      JOIN trainer t ON t.id = a.trainer
      JOIN session s ON s.id = a.session
      JOIN programme p ON p.id = s.programme
      CROSS JOIN LATERAL (
          SELECT caller() IN (a.prison, a.trainer_agency) OR a.state IN ('ACCEPTED', 'CLEARED') AND NOT a.dormant
      ) AS shown (is_so)
     WHERE a.id = ANY (assignments) AND caller() IN (a.lead, a.prison, a.trainer_agency)
$$;
COMMENT ON FUNCTION assigned_trainers IS 'Names and competences of trainers in assignments that the caller may see, and the field that is taught; to the lead agency, of other agencies'' trainers only while their agency has said yes and the agreement is in force.';
