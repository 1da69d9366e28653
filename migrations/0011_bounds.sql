-- Whoever has a runtime role can write no value that stops a reader: every time, text, number and list that such a role may
-- write is bounded. Bounds are wider than the contract's, which the program keeps; a test walks every column.

CREATE FUNCTION is_list(list text[], most integer, longest integer) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT cardinality(list) = 0
        OR array_ndims(list) = 1 AND array_lower(list, 1) = 1 AND cardinality(list) <= most
           AND array_position(list, NULL) IS NULL
           AND NOT EXISTS (SELECT FROM unnest(list) AS item WHERE char_length(item) > longest)
$$;
COMMENT ON FUNCTION is_list IS 'Whether an array is a list that every program can read: one dimension from 1, no gaps, so many texts at the most, none longer.';

ALTER TABLE agency
    ADD CONSTRAINT agency_code_check CHECK (code ~ '^[a-z][a-z0-9-]{1,39}$'),
    ADD CONSTRAINT agency_kind_check CHECK (kind IN ('PRISON', 'VOCATIONAL_TRAINING_CENTRE', 'AGRICULTURE', 'FISHERIES', 'TRADE_INDUSTRY', 'COOPERATIVES_SME', 'LOCAL_GOVERNMENT', 'REGIONAL_OFFICE', 'CORRECTIONS_DIRECTORATE', 'OPERATOR', 'FOUNDATION', 'COOPERATIVE', 'NGO', 'INDIVIDUAL', 'COMPANY')),
    ADD CONSTRAINT agency_tier_check CHECK (tier IN ('CENTRAL', 'PROVINCE', 'REGENCY', 'CITY', 'NONE')),
    ADD CONSTRAINT agency_names_check CHECK (jsonb_typeof(names) = 'array' AND octet_length(names::text) <= 262144),
    ADD CONSTRAINT agency_time_zone_check CHECK (time_zone ~ '^[A-Za-z0-9_+/-]{1,60}$'),
    ADD CONSTRAINT agency_suspension_note_check CHECK (char_length(suspension_note) BETWEEN 1 AND 2000),
    ADD CONSTRAINT agency_version_check CHECK (version BETWEEN 1 AND 1000000000000),
    ADD CONSTRAINT agency_created_at_check CHECK (created_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE system
    ADD CONSTRAINT system_system_check CHECK (system ~ '^[a-z][a-z0-9-]{1,39}$'),
    ADD CONSTRAINT system_proposer_check CHECK (proposer ~ '^agencies/[a-z][a-z0-9-]{1,39}/systems/[a-z][a-z0-9-]{1,39}$'),
    ADD CONSTRAINT system_version_check CHECK (version BETWEEN 1 AND 1000000000000),
    ADD CONSTRAINT system_created_at_check CHECK (created_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE replay
    ADD CONSTRAINT replay_digest_check CHECK (octet_length(digest) = 32),
    ADD CONSTRAINT replay_answer_check CHECK (octet_length(answer::text) <= 16777216),
    ADD CONSTRAINT replay_created_at_check CHECK (created_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE vault_check
    ADD CONSTRAINT vault_check_purpose_check CHECK (purpose IN ('booking', 'replay', 'page')),
    ADD CONSTRAINT vault_check_value_check CHECK (octet_length(value) BETWEEN 1 AND 64);
ALTER TABLE ledger_entry
    ADD CONSTRAINT ledger_entry_recorded_at_check CHECK (recorded_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT ledger_entry_leaf_check CHECK (octet_length(leaf) BETWEEN 1 AND 16777216);
ALTER TABLE ledger_salt
    ADD CONSTRAINT ledger_salt_line_check CHECK (line BETWEEN 0 AND 1000000);
ALTER TABLE ledger_sealed_salt
    ADD CONSTRAINT ledger_sealed_salt_line_check CHECK (line BETWEEN 0 AND 1000000),
    ADD CONSTRAINT ledger_sealed_salt_key_version_check CHECK (key_version BETWEEN 1 AND 1000000),
    ADD CONSTRAINT ledger_sealed_salt_sealed_check CHECK (octet_length(sealed) BETWEEN 1 AND 1024);
ALTER TABLE vault_key
    ADD CONSTRAINT vault_key_created_at_check CHECK (created_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE agreement
    ADD CONSTRAINT agreement_ref_check CHECK (char_length(ref) BETWEEN 1 AND 255),
    ADD CONSTRAINT agreement_terms_check CHECK (jsonb_typeof(terms) = 'object' AND octet_length(terms::text) <= 262144),
    ADD CONSTRAINT agreement_nature_check CHECK (nature IN ('FUNCTIONAL', 'KEMITRAAN')),
    ADD CONSTRAINT agreement_parties_check CHECK (is_list(parties, 100, 100)),
    ADD CONSTRAINT agreement_readers_check CHECK (is_list(readers, 100, 100)),
    ADD CONSTRAINT agreement_accepted_by_check CHECK (is_list(accepted_by, 100, 100)),
    ADD CONSTRAINT agreement_suspended_by_check CHECK (is_list(suspended_by, 100, 100)),
    ADD CONSTRAINT agreement_effective_from_check CHECK (effective_from BETWEEN '2000-01-01' AND '2200-01-01'),
    ADD CONSTRAINT agreement_effective_until_check CHECK (effective_until BETWEEN '2000-01-01' AND '2300-01-01'),
    ADD CONSTRAINT agreement_terminates_on_check CHECK (terminates_on BETWEEN '2000-01-01' AND '2300-01-01'),
    ADD CONSTRAINT agreement_time_zone_check CHECK (time_zone ~ '^[A-Za-z0-9_+/-]{1,60}$'),
    ADD CONSTRAINT agreement_note_check CHECK (char_length(note) BETWEEN 1 AND 2000),
    ADD CONSTRAINT agreement_version_check CHECK (version BETWEEN 1 AND 1000000000000),
    ADD CONSTRAINT agreement_created_at_check CHECK (created_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE programme
    ADD CONSTRAINT programme_ref_check CHECK (char_length(ref) BETWEEN 1 AND 255),
    ADD CONSTRAINT programme_agreement_author_check CHECK (agreement_author ~ '^[a-z][a-z0-9-]{1,39}$'),
    ADD CONSTRAINT programme_agreement_ref_check CHECK (char_length(agreement_ref) BETWEEN 1 AND 255),
    ADD CONSTRAINT programme_plan_check CHECK (jsonb_typeof(plan) = 'object' AND octet_length(plan::text) <= 524288),
    ADD CONSTRAINT programme_note_check CHECK (char_length(note) BETWEEN 1 AND 2000),
    ADD CONSTRAINT programme_version_check CHECK (version BETWEEN 1 AND 1000000000000),
    ADD CONSTRAINT programme_created_at_check CHECK (created_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE trainer
    ADD CONSTRAINT trainer_ref_check CHECK (char_length(ref) BETWEEN 1 AND 255),
    ADD CONSTRAINT trainer_full_name_check CHECK (char_length(full_name) BETWEEN 1 AND 1000),
    ADD CONSTRAINT trainer_competences_check CHECK (jsonb_typeof(competences) = 'array' AND octet_length(competences::text) <= 262144),
    ADD CONSTRAINT trainer_version_check CHECK (version BETWEEN 1 AND 1000000000000),
    ADD CONSTRAINT trainer_created_at_check CHECK (created_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE schedule
    ADD CONSTRAINT schedule_lead_check CHECK (lead ~ '^[a-z][a-z0-9-]{1,39}$'),
    ADD CONSTRAINT schedule_ref_check CHECK (char_length(ref) BETWEEN 1 AND 255),
    ADD CONSTRAINT schedule_prison_check CHECK (prison ~ '^[a-z][a-z0-9-]{1,39}$'),
    ADD CONSTRAINT schedule_created_at_check CHECK (created_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE session
    ADD CONSTRAINT session_lead_check CHECK (lead ~ '^[a-z][a-z0-9-]{1,39}$'),
    ADD CONSTRAINT session_uid_check CHECK (char_length(uid) BETWEEN 1 AND 1000),
    ADD CONSTRAINT session_schedule_ref_check CHECK (char_length(schedule_ref) BETWEEN 1 AND 255),
    ADD CONSTRAINT session_programme_ref_check CHECK (char_length(programme_ref) BETWEEN 1 AND 255),
    ADD CONSTRAINT session_programme_title_check CHECK (char_length(programme_title) BETWEEN 1 AND 1000),
    ADD CONSTRAINT session_prison_check CHECK (prison ~ '^[a-z][a-z0-9-]{1,39}$'),
    ADD CONSTRAINT session_trainer_agencies_check CHECK (is_list(trainer_agencies, 100, 100)),
    ADD CONSTRAINT session_sequence_check CHECK (sequence BETWEEN 0 AND 2147483647),
    ADD CONSTRAINT session_starts_at_check CHECK (starts_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT session_ends_at_check CHECK (ends_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT session_time_zone_check CHECK (time_zone ~ '^[A-Za-z0-9_+/-]{1,60}$'),
    ADD CONSTRAINT session_topic_check CHECK (char_length(topic) BETWEEN 1 AND 1000),
    ADD CONSTRAINT session_trainers_check CHECK (jsonb_typeof(trainers) = 'array' AND octet_length(trainers::text) <= 65536),
    ADD CONSTRAINT session_note_check CHECK (char_length(note) BETWEEN 1 AND 2000),
    ADD CONSTRAINT session_version_check CHECK (version BETWEEN 1 AND 1000000000000),
    ADD CONSTRAINT session_created_at_check CHECK (created_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE assignment
    ADD CONSTRAINT assignment_session_uid_check CHECK (char_length(session_uid) BETWEEN 1 AND 1000),
    ADD CONSTRAINT assignment_lead_check CHECK (lead ~ '^[a-z][a-z0-9-]{1,39}$'),
    ADD CONSTRAINT assignment_prison_check CHECK (prison ~ '^[a-z][a-z0-9-]{1,39}$'),
    ADD CONSTRAINT assignment_trainer_agency_check CHECK (trainer_agency ~ '^[a-z][a-z0-9-]{1,39}$'),
    ADD CONSTRAINT assignment_trainer_ref_check CHECK (char_length(trainer_ref) BETWEEN 1 AND 255),
    ADD CONSTRAINT assignment_booking_key_check CHECK (octet_length(booking_key) = 32),
    ADD CONSTRAINT assignment_starts_at_check CHECK (starts_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT assignment_ends_at_check CHECK (ends_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT assignment_time_zone_check CHECK (time_zone ~ '^[A-Za-z0-9_+/-]{1,60}$'),
    ADD CONSTRAINT assignment_version_check CHECK (version BETWEEN 1 AND 1000000000000),
    ADD CONSTRAINT assignment_created_at_check CHECK (created_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE facility
    ADD CONSTRAINT facility_ref_check CHECK (char_length(ref) BETWEEN 1 AND 255),
    ADD CONSTRAINT facility_display_name_check CHECK (char_length(display_name) BETWEEN 1 AND 1000),
    ADD CONSTRAINT facility_equipment_check CHECK (jsonb_typeof(equipment) = 'array' AND octet_length(equipment::text) <= 262144),
    ADD CONSTRAINT facility_version_check CHECK (version BETWEEN 1 AND 1000000000000),
    ADD CONSTRAINT facility_created_at_check CHECK (created_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE trainee
    ADD CONSTRAINT trainee_sealed_check CHECK (octet_length(sealed) BETWEEN 1 AND 65536),
    ADD CONSTRAINT trainee_key_version_check CHECK (key_version BETWEEN 1 AND 1000000),
    ADD CONSTRAINT trainee_version_check CHECK (version BETWEEN 1 AND 1000000000000),
    ADD CONSTRAINT trainee_created_at_check CHECK (created_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE trainee_digest
    ADD CONSTRAINT trainee_digest_key_version_check CHECK (key_version BETWEEN 1 AND 1000000);
ALTER TABLE enrolment
    ADD CONSTRAINT enrolment_programme_ref_check CHECK (char_length(programme_ref) BETWEEN 1 AND 255),
    ADD CONSTRAINT enrolment_lead_check CHECK (lead ~ '^[a-z][a-z0-9-]{1,39}$'),
    ADD CONSTRAINT enrolment_prison_check CHECK (prison ~ '^[a-z][a-z0-9-]{1,39}$'),
    ADD CONSTRAINT enrolment_place_check CHECK (place BETWEEN 0 AND 1000000000),
    ADD CONSTRAINT enrolment_version_check CHECK (version BETWEEN 1 AND 1000000000000),
    ADD CONSTRAINT enrolment_created_at_check CHECK (created_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE certificate
    ADD CONSTRAINT certificate_serial_check CHECK (char_length(serial) BETWEEN 1 AND 100),
    ADD CONSTRAINT certificate_not_before_check CHECK (not_before BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT certificate_not_after_check CHECK (not_after BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT certificate_created_at_check CHECK (created_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT certificate_der_check CHECK (octet_length(der) BETWEEN 1 AND 65536),
    ADD CONSTRAINT certificate_ends_at_check CHECK (ends_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT certificate_version_check CHECK (version BETWEEN 1 AND 1000000000000);
ALTER TABLE authority
    ADD CONSTRAINT authority_name_check CHECK (char_length(name) BETWEEN 1 AND 1000),
    ADD CONSTRAINT authority_der_check CHECK (octet_length(der) BETWEEN 1 AND 65536),
    ADD CONSTRAINT authority_not_after_check CHECK (not_after BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT authority_created_at_check CHECK (created_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE certificate_order
    ADD CONSTRAINT certificate_order_role_check CHECK (role IN ('ADMINISTRATOR', 'PRISON', 'DOOR', 'PARTNER', 'OVERSIGHT')),
    ADD CONSTRAINT certificate_order_public_key_check CHECK (octet_length(public_key) BETWEEN 1 AND 4096),
    ADD CONSTRAINT certificate_order_ignored_check CHECK (is_list(ignored, 1000, 2000)),
    ADD CONSTRAINT certificate_order_hosts_check CHECK (is_list(hosts, 100, 300)),
    ADD CONSTRAINT certificate_order_lifetime_days_check CHECK (lifetime_days BETWEEN 0 AND 397),
    ADD CONSTRAINT certificate_order_requester_check CHECK (char_length(requester) BETWEEN 1 AND 600),
    ADD CONSTRAINT certificate_order_note_check CHECK (char_length(note) BETWEEN 1 AND 2000),
    ADD CONSTRAINT certificate_order_other_key_at_check CHECK (other_key_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT certificate_order_version_check CHECK (version BETWEEN 1 AND 1000000000000),
    ADD CONSTRAINT certificate_order_created_at_check CHECK (created_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT certificate_order_expires_at_check CHECK (expires_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE order_approval
    ADD CONSTRAINT order_approval_approver_check CHECK (char_length(approver) BETWEEN 1 AND 600),
    ADD CONSTRAINT order_approval_certificate_check CHECK (octet_length(certificate) = 32),
    ADD CONSTRAINT order_approval_statement_check CHECK (octet_length(statement) BETWEEN 1 AND 2048),
    ADD CONSTRAINT order_approval_signature_check CHECK (octet_length(signature) BETWEEN 0 AND 128),
    ADD CONSTRAINT order_approval_approved_at_check CHECK (approved_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE issuance
    ADD CONSTRAINT issuance_serial_check CHECK (char_length(serial) BETWEEN 1 AND 40),
    ADD CONSTRAINT issuance_to_be_signed_check CHECK (octet_length(to_be_signed) BETWEEN 0 AND 65536),
    ADD CONSTRAINT issuance_reason_check CHECK (reason ~ '^[A-Z0-9_]{1,64}$'),
    ADD CONSTRAINT issuance_recorded_at_check CHECK (recorded_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT issuance_changed_at_check CHECK (changed_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE used_statement
    ADD CONSTRAINT used_statement_sha256_check CHECK (octet_length(sha256) = 32);
ALTER TABLE revocation
    ADD CONSTRAINT revocation_note_check CHECK (char_length(note) BETWEEN 1 AND 2000),
    ADD CONSTRAINT revocation_revoker_check CHECK (char_length(revoker) BETWEEN 1 AND 600);
ALTER TABLE barred_key
    ADD CONSTRAINT barred_key_barred_at_check CHECK (barred_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE collection
    ADD CONSTRAINT collection_collected_at_check CHECK (collected_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE sighting
    ADD CONSTRAINT sighting_minute_check CHECK (minute BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT sighting_address_check CHECK (char_length(address) BETWEEN 1 AND 64);
ALTER TABLE crl
    ADD CONSTRAINT crl_number_check CHECK (number BETWEEN 0 AND 7258118400000),
    ADD CONSTRAINT crl_der_check CHECK (octet_length(der) BETWEEN 1 AND 16777216),
    ADD CONSTRAINT crl_this_update_check CHECK (this_update BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT crl_next_update_check CHECK (next_update BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z'),
    ADD CONSTRAINT crl_revoked_check CHECK (revoked BETWEEN 0 AND 2147483647),
    ADD CONSTRAINT crl_version_check CHECK (version BETWEEN 1 AND 1000000000000);
ALTER TABLE signer_beat
    ADD CONSTRAINT signer_beat_beat_at_check CHECK (beat_at BETWEEN '2000-01-01T00:00:00Z' AND '2200-01-01T00:00:00Z');
ALTER TABLE facility
    DROP CONSTRAINT facility_capacity_check,
    ADD CONSTRAINT facility_capacity_check CHECK (capacity BETWEEN 1 AND 1000000);
ALTER TABLE vault_key
    DROP CONSTRAINT vault_key_version_check,
    ADD CONSTRAINT vault_key_version_check CHECK (version BETWEEN 1 AND 1000000);

-- Versions begin with 1 and rise by one, whoever writes: nobody can bring a count to where it cannot be counted on.
CREATE FUNCTION version_out_of_turn() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a version of % is out of turn', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END
$$;
COMMENT ON FUNCTION version_out_of_turn IS 'Refuses a version that does not begin with 1 or does not rise by one.';
DO $$
DECLARE counted text;
BEGIN
    FOREACH counted IN ARRAY ARRAY['agency', 'system', 'agreement', 'programme', 'trainer', 'session', 'assignment',
                                   'facility', 'trainee', 'enrolment', 'certificate', 'certificate_order'] LOOP
        EXECUTE format('CREATE TRIGGER %1$s_version_begins BEFORE INSERT ON %1$I FOR EACH ROW '
                       'WHEN (NEW.version <> 1) EXECUTE FUNCTION version_out_of_turn()', counted);
        EXECUTE format('CREATE TRIGGER %1$s_version_rises BEFORE UPDATE OF version ON %1$I FOR EACH ROW '
                       'WHEN (NEW.version NOT IN (OLD.version, OLD.version + 1)) '
                       'EXECUTE FUNCTION version_out_of_turn()', counted);
    END LOOP;
END
$$;
