-- In a transaction of its own: nobody waits while the rows are gone through.
ALTER TABLE acknowledgement VALIDATE CONSTRAINT acknowledgement_kind_check;
