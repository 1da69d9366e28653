-- A notice in the transaction that revokes could keep it from being committed: any session of the server may fill the queue of
-- notices. So the signer is woken after the commit, by whoever committed; and it looks by itself, now and then.
DROP TRIGGER certificate_order_wake_signer ON certificate_order;
DROP TRIGGER order_approval_wake_signer ON order_approval;
DROP TRIGGER revocation_wake_signer ON revocation;
DROP FUNCTION wake_signer();
