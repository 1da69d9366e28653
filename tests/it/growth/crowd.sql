-- As many sessions as crowd.sessions says, 333 a day, each with one trainer, made of the one that is there: nearly all of one
-- prison, one lead agency and one agency that lends, and one in 3,333 of others. One in forty holds one trainer and one room. No
-- key of another table is looked up.
SET session_replication_role = replica;

CREATE TEMP TABLE made AS
SELECT n, gen_random_uuid() AS id, 'sesi-' || n || '@blk.go.id' AS uid, n % 3333 = 0 AS few, n % 40 = 0 AS held,
       CASE WHEN n % 40 = 0 THEN timestamptz '2027-03-01T00:00:00Z' + n / 40 * interval '2 hours'
            ELSE timestamptz '2026-03-11T00:00:00Z' + (n / 333) * interval '1 day' + (n % 8) * interval '1 hour' END AS at
  FROM generate_series(1, current_setting('crowd.sessions')::integer) AS n;

INSERT INTO session (id, lead, uid, schedule, schedule_ref, programme, programme_ref, programme_title, prison,
                     trainer_agencies, sequence, starts_at, ends_at, time_zone, topic, trainers, facility, state, created_at)
SELECT m.id, CASE WHEN m.few THEN 'blk-kecil' ELSE s.lead END, m.uid, s.schedule, s.schedule_ref, s.programme,
       s.programme_ref, s.programme_title, CASE WHEN m.few THEN 'lapas-kecil' ELSE s.prison END,
       CASE WHEN m.few THEN ARRAY['dinas-kecil'] ELSE s.trainer_agencies END, 0, m.at, m.at + interval '1 hour',
       s.time_zone, s.topic, s.trainers, CASE WHEN m.held THEN 'aula' END,
       CASE WHEN m.held THEN 'TENTATIVE' ELSE 'CANCELLED' END, s.created_at
  FROM made m CROSS JOIN session s WHERE s.uid = 's1';
INSERT INTO session_lender (agency, starts_at, lead, uid, session)
SELECT CASE WHEN m.few THEN 'dinas-kecil' ELSE 'dkpp-bintan' END, s.starts_at, s.lead, s.uid, s.id
  FROM made m JOIN session s ON s.id = m.id;
INSERT INTO assignment (id, session, session_uid, lead, prison, trainer, trainer_agency, trainer_ref, booking_key,
                        starts_at, ends_at, time_zone, role, state, created_at, shown_agreement, shown_field, shown_title,
                        shown_topic, shown_room, shown_state, shown_name, shown_competences)
SELECT gen_random_uuid(), s.id, s.uid, s.lead, s.prison, a.trainer,
       CASE WHEN m.few THEN 'dinas-kecil' ELSE a.trainer_agency END, a.trainer_ref,
       CASE WHEN m.held THEN a.booking_key ELSE sha256(m.uid::bytea) END, s.starts_at, s.ends_at, s.time_zone, a.role,
       CASE WHEN m.held OR m.few THEN 'ACCEPTED' ELSE 'PROPOSED' END, s.created_at, p.agreement, p.plan -> 'field',
       s.programme_title, s.topic, s.facility, s.state, CASE WHEN m.held OR m.few THEN t.full_name END,
       CASE WHEN m.held OR m.few THEN t.competences END
  FROM made m JOIN session s ON s.id = m.id CROSS JOIN assignment a
  JOIN programme p ON p.id = s.programme JOIN trainer t ON t.id = a.trainer
 WHERE a.session_uid = 's1' AND a.role = 'ASSISTANT';

-- Ten thousand of everything else that is listed, and thirty of others.
CREATE TEMP TABLE others AS SELECT n, 'x-' || n AS ref, n % 333 = 0 AS few FROM generate_series(1, 10000) AS n;
INSERT INTO agreement (id, author, ref, terms, nature, parties, readers, act, accepted_by, suspended_by, effective_from,
                       effective_until, time_zone, created_at)
SELECT gen_random_uuid(), CASE WHEN o.few THEN 'blk-kecil' ELSE g.author END, o.ref, g.terms, g.nature,
       CASE WHEN o.few THEN ARRAY['blk-kecil', 'lapas-kecil'] ELSE g.parties END,
       CASE WHEN o.few THEN ARRAY['blk-kecil', 'lapas-kecil'] ELSE g.readers END, 'REJECTED', '{}', '{}',
       g.effective_from, g.effective_until, g.time_zone, g.created_at
  FROM others o CROSS JOIN agreement g WHERE g.author = 'blk-kepri';
INSERT INTO programme (id, lead, ref, agreement, agreement_author, agreement_ref, prison, plan, state, created_at)
SELECT gen_random_uuid(), CASE WHEN o.few THEN 'blk-kecil' ELSE p.lead END, o.ref, p.agreement, p.agreement_author,
       p.agreement_ref, CASE WHEN o.few THEN 'lapas-kecil' ELSE p.prison END, p.plan, p.state, p.created_at
  FROM others o CROSS JOIN programme p WHERE p.lead = 'blk-kepri';
INSERT INTO trainer (id, agency, ref, full_name, kind, competences, status, booking_key, created_at)
SELECT gen_random_uuid(), CASE WHEN o.few THEN 'blk-kecil' ELSE t.agency END, o.ref, t.full_name, t.kind, t.competences,
       t.status, sha256(o.ref::bytea), t.created_at
  FROM others o CROSS JOIN trainer t WHERE t.agency = 'blk-kepri' AND t.ref = 't1';
INSERT INTO facility (id, prison, ref, display_name, kind, capacity, equipment, status, created_at)
SELECT gen_random_uuid(), CASE WHEN o.few THEN 'lapas-kecil' ELSE 'lapas-tpi' END, o.ref, 'Ruang', 'CLASSROOM', 20, '[]',
       'AVAILABLE', '2026-03-01T00:00:00Z'
  FROM others o;
INSERT INTO agency (code, kind, tier, names, time_zone, state, created_at)
SELECT 'dinas-' || o.n, a.kind, a.tier, a.names, a.time_zone, a.state, a.created_at
  FROM others o CROSS JOIN agency a WHERE a.code = 'dkpp-bintan';
INSERT INTO enrolment (id, ref, programme, programme_ref, lead, prison, trainee, state, place, created_at)
SELECT gen_random_uuid(), substr(sha256(o.ref::bytea), 1, 16), p.id, p.ref, p.lead, p.prison, gen_random_uuid(),
       'CONFIRMED', o.n, '2026-03-01T00:00:00Z'
  FROM others o CROSS JOIN programme p WHERE p.lead = 'blk-kepri' AND p.ref = 'las';
INSERT INTO certificate (sha256, serial, agency, system, not_before, not_after, ends_at, created_at, authority, der,
                         key_id, administrator, role, role_found)
SELECT sha256(o.ref::bytea), 'x' || o.n, CASE WHEN o.few THEN 'blk-kecil' ELSE c.agency END, c.system, c.not_before,
       c.not_after + o.n * interval '1 minute', c.ends_at, c.created_at, c.authority, c.der, c.key_id, c.administrator, c.role,
       c.role_found
  FROM others o CROSS JOIN (SELECT * FROM certificate WHERE agency = 'blk-kepri' LIMIT 1) c;
-- Who asks questions that let their caller in: by a certificate whose bytes are the agency's code.
CREATE TEMP TABLE reader AS
SELECT unnest(ARRAY['lapas-tpi', 'blk-kepri', 'dkpp-bintan', 'lapas-kecil', 'blk-kecil', 'dinas-kecil']) AS code;
INSERT INTO agency (code, kind, tier, names, time_zone, state, created_at)
SELECT r.code, a.kind, a.tier, a.names, a.time_zone, a.state, a.created_at
  FROM reader r CROSS JOIN agency a WHERE a.code = 'dkpp-bintan' AND r.code LIKE '%-kecil';
INSERT INTO system (agency, system, role, created_at) SELECT r.code, 'uji', 'PARTNER', '2026-03-01T00:00:00Z' FROM reader r;
INSERT INTO certificate (sha256, serial, agency, system, not_before, not_after, ends_at, created_at, authority, der,
                         key_id, administrator, role, role_found)
SELECT sha256(r.code::bytea), 'uji-' || r.code, r.code, 'uji', c.not_before, c.not_after, c.ends_at, c.created_at,
       c.authority, r.code::bytea, c.key_id, c.administrator, c.role, c.role_found
  FROM reader r CROSS JOIN (SELECT * FROM certificate WHERE agency = 'blk-kepri' LIMIT 1) c;
INSERT INTO certificate_order (id, way, agency, system, role, ignored, hosts, lifetime_days, requester, created_at, expires_at)
SELECT gen_random_uuid(), 'CSR', CASE WHEN o.few THEN 'blk-kecil' ELSE 'blk-kepri' END, 'sim', 'PARTNER', '{}', '{}', 90,
       'agencies/operator/systems/admin', '2026-03-01T00:00:00Z'::timestamptz + o.n * interval '1 second', '2026-06-01T00:00:00Z'
  FROM others o;
INSERT INTO trainer_claim (id, trainer, claimant, trainer_ref, held, holder, held_ref, state, version, created_at)
SELECT gen_random_uuid(), gen_random_uuid(), CASE WHEN o.few THEN 'blk-kecil' ELSE 'blk-kepri' END, o.ref, gen_random_uuid(),
       CASE WHEN o.few THEN 'dinas-kecil' ELSE 'dkpp-bintan' END, o.ref, 'PENDING', 1, '2026-03-01T00:00:00Z'
  FROM others o;
INSERT INTO ledger_cosignature (id, agency, witness, public_key, tree_size, cosigned_at, note)
SELECT gen_random_uuid(), w.agency, 'saksi.' || w.agency, sha256(w.agency::bytea), o.n, '2026-03-01T00:00:00Z',
       E'log.example\n1\n' || repeat('A', 43) || E'=\n\n— log.example AAAA\n— saksi.example AAAA\n'
  FROM others o CROSS JOIN LATERAL (SELECT CASE WHEN o.few THEN 'blk-kecil' ELSE 'blk-kepri' END AS agency) w;

RESET session_replication_role;
ANALYZE;
