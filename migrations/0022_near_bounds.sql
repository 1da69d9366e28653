-- Rows no larger than the contract lets them be: whoever has a runtime role can make no list too large for its readers. A
-- character takes 4 bytes at the most; names, numbers, days and JSON's own signs are counted with them. In bytes, at worst:
--   agency.names          50 names of 200 characters with a decree of 100                                        65,000
--   agreement.terms       title 300, purpose 2,000, 20 fields of 100, 30 laws of 200, 20 parties of 300, annex 1,300   76,000
--   programme.plan        title 200, field 100, 100 units of 260                                                112,000
--   trainer.competences   30 of 600                                                                              78,000
--   facility.equipment    100 of 200                                                                             88,000
--   session.trainers      10 names of trainers, with roles                                                        2,000
--   certificate_order.ignored   32 lines of 200                                                                   26,000
-- A row that is larger already was never this program's: such a constraint binds what is written from now on.
DO $$
DECLARE
    bound record;
BEGIN
    FOR bound IN SELECT * FROM (VALUES
        ('agency', 'agency_names_check', 'jsonb_typeof(names) = ''array'' AND octet_length(names::text) <= 73728'),
        ('agency', 'agency_suspension_note_check', 'char_length(suspension_note) BETWEEN 1 AND 500'),
        ('system', 'system_proposed_role_proposer_check', '(proposed_role IS NULL) = (proposer IS NULL)'),
        ('agreement', 'agreement_terms_check', 'jsonb_typeof(terms) = ''object'' AND octet_length(terms::text) <= 81920'),
        ('agreement', 'agreement_parties_check', 'is_list(parties, 20, 40)'),
        ('agreement', 'agreement_readers_check', 'is_list(readers, 20, 40)'),
        ('agreement', 'agreement_accepted_by_check', 'is_list(accepted_by, 20, 40)'),
        ('agreement', 'agreement_suspended_by_check', 'is_list(suspended_by, 20, 40)'),
        ('agreement', 'agreement_note_check', 'char_length(note) BETWEEN 1 AND 500'),
        ('programme', 'programme_plan_check', 'jsonb_typeof(plan) = ''object'' AND octet_length(plan::text) <= 122880'),
        ('programme', 'programme_note_check', 'char_length(note) BETWEEN 1 AND 500'),
        ('trainer', 'trainer_full_name_check', 'char_length(full_name) BETWEEN 1 AND 200'),
        ('trainer', 'trainer_competences_check', 'jsonb_typeof(competences) = ''array'' AND octet_length(competences::text) <= 86016'),
        ('session', 'session_trainer_agencies_check', 'is_list(trainer_agencies, 10, 40)'),
        ('session', 'session_programme_title_check', 'char_length(programme_title) BETWEEN 1 AND 200'),
        ('session', 'session_topic_check', 'char_length(topic) BETWEEN 1 AND 200'),
        ('session', 'session_trainers_check', 'jsonb_typeof(trainers) = ''array'' AND octet_length(trainers::text) <= 8192'),
        ('session', 'session_note_check', 'char_length(note) BETWEEN 1 AND 500'),
        ('facility', 'facility_display_name_check', 'char_length(display_name) BETWEEN 1 AND 200'),
        ('facility', 'facility_equipment_check', 'jsonb_typeof(equipment) = ''array'' AND octet_length(equipment::text) <= 98304'),
        ('certificate_order', 'certificate_order_ignored_check', 'is_list(ignored, 32, 200)'),
        ('certificate_order', 'certificate_order_hosts_check', 'is_list(hosts, 100, 255)'),
        ('certificate_order', 'certificate_order_requester_check', 'char_length(requester) BETWEEN 1 AND 128'),
        ('certificate_order', 'certificate_order_note_check', 'char_length(note) BETWEEN 1 AND 500'),
        ('order_approval', 'order_approval_approver_check', 'char_length(approver) BETWEEN 1 AND 128'),
        ('revocation', 'revocation_note_check', 'char_length(note) BETWEEN 1 AND 500'),
        ('revocation', 'revocation_revoker_check', 'char_length(revoker) BETWEEN 1 AND 128')
    ) AS bounds (of_table, name, rule) LOOP
        EXECUTE format('ALTER TABLE %I DROP CONSTRAINT IF EXISTS %I, ADD CONSTRAINT %2$I CHECK (%3$s) NOT VALID',
                       bound.of_table, bound.name, bound.rule);
        BEGIN
            EXECUTE format('ALTER TABLE %I VALIDATE CONSTRAINT %I', bound.of_table, bound.name);
        EXCEPTION WHEN check_violation THEN
            RAISE WARNING '% has a row that % does not allow', bound.of_table, bound.name;
        END;
    END LOOP;
END
$$;
