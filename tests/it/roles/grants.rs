//! Rights are given by columns, and stand in a list.

use sqlx::{AssertSqlSafe, Connection};

use crate::world::World;

const LIST: &str = include_str!("grants.txt");

const GRANTS: &str = r#"SELECT line FROM (
    SELECT coalesce(replace(r.rolname, 'gerbang_', ''), 'PUBLIC') || ' ' || c.relname || ' ' || x.privilege_type AS line
      FROM pg_class c CROSS JOIN aclexplode(c.relacl) x LEFT JOIN pg_roles r ON r.oid = x.grantee
     WHERE c.relnamespace = 'public'::regnamespace AND c.relname <> '_sqlx_migrations' AND x.grantee <> c.relowner
    UNION ALL
    SELECT coalesce(replace(r.rolname, 'gerbang_', ''), 'PUBLIC') || ' ' || c.relname || ' ' || x.privilege_type || ' '
           || string_agg(a.attname, ' ' ORDER BY a.attname)
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid CROSS JOIN aclexplode(a.attacl) x
      LEFT JOIN pg_roles r ON r.oid = x.grantee
     WHERE c.relnamespace = 'public'::regnamespace AND x.grantee <> c.relowner
     GROUP BY r.rolname, c.relname, x.privilege_type
    UNION ALL
    SELECT coalesce(replace(r.rolname, 'gerbang_', ''), 'PUBLIC') || ' ' || p.proname || '() EXECUTE'
      FROM pg_proc p CROSS JOIN aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) x
      LEFT JOIN pg_roles r ON r.oid = x.grantee
     WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND x.grantee <> p.proowner
) all_of_them ORDER BY line COLLATE "C""#;

#[tokio::test]
async fn every_right_stands_in_the_list_and_no_other() {
    let world = World::start().await;
    let found: Vec<String> = sqlx::query_scalar(GRANTS).fetch_all(&mut world.owner().await).await.unwrap();
    let listed: Vec<_> = LIST.lines().filter(|line| !line.starts_with('#')).collect();
    let more: Vec<_> = found.iter().filter(|line| !listed.contains(&line.as_str())).collect();
    let fewer: Vec<_> = listed.iter().filter(|line| !found.iter().any(|found| found == *line)).collect();
    assert!(more.is_empty() && fewer.is_empty(), "granted and not listed: {more:#?}\nlisted: {fewer:#?}");
    assert_eq!(found, listed, "sorted, and each once");
}

/// A right on a whole table is one to lock it, and to write columns that are yet to come.
#[test]
fn writing_is_granted_by_columns() {
    let whole: Vec<_> = LIST
        .lines()
        .filter(|line| !line.starts_with('#') && line.split(' ').count() == 3)
        .filter(|line| !line.ends_with(" SELECT") && !line.ends_with(" EXECUTE"))
        .collect();
    // Deleting is by tables always. No revocation touches these.
    assert_eq!(whole, ["gateway trainee_digest DELETE", "signer crl DELETE", "signer sighting DELETE"]);
    assert!(!LIST.lines().any(|line| line.starts_with("PUBLIC ")));
}

/// The place in the ledger is the database's to give: whoever could choose it could take the next forty.
#[tokio::test]
async fn nobody_chooses_a_place_in_the_ledger() {
    let world = World::start().await;
    for mut db in [world.runtime().await, world.keepers_connection().await, world.signers_connection().await]
    {
        for write in [
            "INSERT INTO ledger_entry (id, append_no, recorded_at, leaf) OVERRIDING SYSTEM VALUE \
             VALUES (gen_random_uuid(), 1000000, '2026-03-02T01:00:00Z', 'x')",
            "UPDATE ledger_entry SET append_no = DEFAULT",
            "UPDATE ledger_entry SET recorded_at = recorded_at",
            "SELECT setval(pg_get_serial_sequence('ledger_entry', 'append_no'), 9)",
            "SELECT nextval(pg_get_serial_sequence('ledger_entry', 'append_no'))",
            "TRUNCATE ledger_entry",
        ] {
            let refused = sqlx::query(write).execute(&mut db).await.unwrap_err();
            assert!(refused.to_string().contains("permission denied"), "{write}: {refused}");
        }
    }
}

/// No table can be locked against others, by no role that runs, but for those that it alone deletes from.
#[tokio::test]
async fn no_table_can_be_locked() {
    let world = World::start().await;
    let tables = "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace \
        ORDER BY relname";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut world.owner().await).await.unwrap();
    assert!(tables.len() > 30, "{tables:?}");
    let connections = [
        ("gateway", world.runtime().await, ["trainee_digest"].as_slice()),
        ("keeper", world.keepers_connection().await, &[]),
        ("signer", world.signers_connection().await, &["crl", "sighting"]),
    ];
    for (role, mut db, own) in connections {
        for table in &tables {
            for mode in ["SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"] {
                let mut tx = db.begin().await.unwrap();
                let lock = format!("LOCK TABLE {table} IN {mode} MODE NOWAIT");
                let locked = sqlx::query(AssertSqlSafe(lock)).execute(&mut *tx).await;
                assert_eq!(locked.is_ok(), own.contains(&table.as_str()), "{role} {table} {mode}");
            }
        }
    }
}
