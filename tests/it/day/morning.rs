//! The morning page of prison and partner, with the commands that it proposes, and what is said of mistakes.

use super::*;

/// As [`pushed`], with s1 in its room and accepted: the only session that can be confirmed.
async fn one_can_be_confirmed() -> Cast {
    let cast = ready().await;
    let facility = FACILITY.to_owned();
    let first = v1::SessionDraft { facility, ..led_session("s1", &start(3).0, TRAINER) };
    let others = [("s2", 4, TRAINER), ("s3", 5, SARI), ("s4", 6, SARI)]
        .map(|(uid, days, trainer)| led_session(uid, &start(days).0, trainer));
    let answer = cast.push([vec![first], others.to_vec()].concat()).await;
    assert_eq!(answer.outcome(), BatchOutcome::Stored, "{answer:?}");
    for uid in ["s1", "s2"] {
        let said = run(&cast, "C", &format!("--profile blk assignment accept --uid {uid} --yes")).await;
        assert_eq!(said.code, Some(0), "{}", said.err);
    }
    cast
}

#[tokio::test]
async fn what_can_be_confirmed_is_proposed_and_nothing_else() {
    let cast = one_can_be_confirmed().await;
    let said = run(&cast, "C", "today --profile lapas").await;
    let heading = "SESSIONS OF THE NEXT 14 DAYS THAT CAN BE CONFIRMED: 1\n";
    let (_, section) = said.out.split_once(heading).unwrap_or_else(|| panic!("{}{}", said.out, said.err));
    let section: Vec<_> = section.split("\n\n").next().unwrap().lines().collect();
    assert_eq!(section.len(), 5, "{section:?}");
    assert!(section[1].contains("blk-kepri/s1"), "{section:?}");
    assert_eq!(
        section[2],
        "Of all sessions ahead, these cannot be confirmed yet: Waiting for a lead trainer who is accepted: 2. Without a \
         room that fits: 1."
    );
    let room = "gerbang schedule confirm --from today --programme blk-kepri/las --facility ROOM.";
    assert!(section[3].contains(room), "{section:?}");
    let next = section[4].strip_prefix("Next: gerbang ").unwrap();
    assert!(
        next.starts_with("schedule confirm --from today --to 20") && next.contains(" --ready "),
        "{next}"
    );

    let dry_run = run(&cast, "C", &format!("{next} --dry-run")).await;
    assert!(dry_run.out.contains("1 session would be confirmed."), "{}{}", dry_run.out, dry_run.err);
    let unasked = run(&cast, "C", next).await;
    assert!(unasked.code == Some(2) && unasked.err.contains("Sessions to confirm: 1."), "{}", unasked.err);
    assert!(unasked.err.starts_with("Cannot be confirmed yet: "), "{}", unasked.err);
    let said = run(&cast, "C", &format!("{next} --yes")).await;
    assert!(said.code == Some(0) && said.out.contains("1 session confirmed."), "{}{}", said.out, said.err);
    assert_eq!(cast.session("s1").await.state(), v1::SessionState::Confirmed);
    assert_eq!(cast.session("s2").await.state(), v1::SessionState::Tentative);

    let said = run(&cast, "id_ID.UTF-8", "hari-ini --profile lapas").await;
    let expected = "SESI 14 HARI KE DEPAN YANG DAPAT DIKONFIRMASI: 0\nDari semua sesi yang akan datang, yang belum dapat \
                    dikonfirmasi: Menunggu pelatih utama disetujui instansinya: 2. Belum ada ruang yang sesuai: 1.\nUntuk \
                    memberi ruang: gerbang schedule confirm --from hari-ini --programme blk-kepri/las --facility RUANG. \
                    Daftar ruang: gerbang facility list\nSelanjutnya: gerbang schedule list --from hari-ini --state tentative --profile lapas\n";
    assert!(said.out.contains(expected), "{}", said.out);
    let said = run(&cast, "C", "-o json today --profile lapas").await;
    let page: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let sections = page["sections"].as_array().unwrap();
    let section = sections.iter().find(|section| section["topic"] == "to_confirm").unwrap();
    assert_eq!((&section["count"], &section["rest"]["waiting"]["lead"]), (&0.into(), &2.into()));
}

#[tokio::test]
async fn refusals_that_are_alike_are_one_line() {
    let cast = ready().await;
    let sessions = (3..8).map(|days| led_session(&format!("s{days}"), &start(days).0, TRAINER)).collect();
    cast.push(sessions).await;
    let confirm = "--profile lapas schedule confirm --from today --facility bengkel --best-effort --yes";
    let said = run(&cast, "C", confirm).await;
    assert_eq!(said.code, Some(6), "{}{}", said.out, said.err);
    let lines: Vec<_> = said.out.lines().collect();
    assert!(
        lines[0].starts_with("5 ×  A session needs exactly one lead trainer who has been accepted (now: 0)."),
        "{}",
        said.out
    );
    assert!(lines[0].ends_with("(SESSION_WITHOUT_LEAD)"), "{}", said.out);
    let named = lines[1..4].iter().all(|line| line.contains("08:00–11:00 WIB  Pengelasan dasar"));
    assert!(named && lines[4].trim() == "… and 2 more" && lines.len() == 6, "{}", said.out);
}

#[tokio::test]
async fn what_was_stopped_is_told_to_both_sides_with_why() {
    let cast = one_can_be_confirmed().await;
    for act in [
        "schedule decline s4 --note \"Bengkel diperbaiki\" --yes",
        "assignment refuse --uid s3 --yes",
        "agreement suspend blk-kepri/pks-1 --note \"Pemeriksaan blok B\" --yes",
    ] {
        let said = run(&cast, "C", &format!("--profile lapas {act}")).await;
        assert_eq!(said.code, Some(0), "{act}: {}{}", said.out, said.err);
    }
    let said = run(&cast, "C", "today --profile lapas").await;
    for part in [
        "AGREEMENTS THAT YOUR AGENCY SUSPENDED: 1\n",
        "lapas-tpi: Pemeriksaan blok B",
        "Next: gerbang agreement resume blk-kepri/pks-1 --profile lapas\n",
    ] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
    assert!(!said.out.contains("TRAINERS TO CLEAR"), "nothing passes under it: {}", said.out);
    let clear = run(&cast, "C", "assignment clear --from today --yes --profile lapas").await;
    let left_out =
        "\n2 assignment(s) left out: under an agreement that is not in force (suspended or over).\n";
    assert!(clear.code == Some(0) && clear.err.contains(left_out), "{}{}", clear.out, clear.err);

    let said = run(&cast, "id_ID.UTF-8", "hari-ini --profile blk").await;
    for part in [
        "PERJANJIAN YANG DITANGGUHKAN PIHAK LAIN: 1\n",
        "lapas-tpi: Pemeriksaan blok B",
        "Selanjutnya: gerbang agreement show blk-kepri/pks-1 --profile blk\n",
        "SESI YANG DITOLAK LAPAS: 1\n",
        "lapas-tpi: Bengkel diperbaiki",
        "Ubah sesinya sesuai catatan, naikkan angka sequence, lalu kirim kembali: gerbang schedule push BERKAS\n",
        "Selanjutnya: gerbang schedule show blk-kepri/s4 --profile blk\n",
        "TIDAK DIBERI IZIN MASUK: 1\n",
        "Selanjutnya: gerbang schedule show blk-kepri/s3 --profile blk\n",
    ] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
}

#[tokio::test]
async fn what_a_selection_misses_is_said_with_what_helps() {
    let cast = one_can_be_confirmed().await;
    let far = format!("--profile lapas assignment clear --day {}", start(20).1);
    let said = run(&cast, "C", &far).await;
    assert!(
        said.code == Some(0) && said.err.starts_with("No assignment in the state ACCEPTED on "),
        "{}",
        said.err
    );
    assert!(said.err.contains("\nNearest: ") && said.err.ends_with(" (1).\n"), "{}", said.err);
    let said = run(&cast, "C", &far.replace("clear", "list")).await;
    assert!(said.code == Some(0) && said.err.starts_with("No assignment on "), "{}", said.err);
    let said = run(&cast, "C", "--profile lapas assignment clear budi").await;
    assert!(said.code == Some(2) && said.err.contains("--trainer budi"), "{}", said.err);

    let said = run(&cast, "C", "--profile lapas assignment clear --uid s1 --yes").await;
    assert_eq!(said.code, Some(0), "{}", said.err);
    let said = run(&cast, "C", "--profile lapas assignment refuse --uid s1").await;
    assert!(
        said.code == Some(2) && said.err.contains("refused entry: 1, of which 1 are CLEARED already."),
        "{}",
        said.err
    );
    let said = run(&cast, "C", "--profile lapas assignment refuse --uid s1 --yes").await;
    assert_eq!(said.code, Some(0), "{}", said.err);
    let said = run(&cast, "C", "--profile lapas assignment clear --uid s1").await;
    assert_eq!(said.code, Some(5), "{}", said.err);
    for part in [
        "\n1 assignment(s) left out: in the state CLEARANCE_REFUSED.\n",
        ": gerbang assignment allow --uid s1\n",
    ] {
        assert!(said.err.contains(part), "{part}: {}", said.err);
    }
    let said = run(&cast, "C", "today --profile lapas").await;
    let refused = "Their lead trainer was refused entry by you; waiting for another trainer: 1.";
    assert!(said.out.contains(refused), "{}", said.out);
    let said = run(&cast, "C", "--profile lapas assignment allow --uid s1 --yes").await;
    assert_eq!(said.code, Some(0), "{}", said.err);
    let said = run(&cast, "id_ID.UTF-8", "hari-ini --profile blk").await;
    assert!(said.out.contains("PELATIH YANG BOLEH DIUSULKAN KEMBALI ATAU DIGANTI: 1\n"), "{}", said.out);

    let decline = "--profile lapas schedule decline s4 --note x";
    let said = run(&cast, "C", decline).await;
    assert!(said.code == Some(2) && said.err.contains("Sessions to decline: 1."), "{}", said.err);
    assert_eq!(run(&cast, "C", &format!("{decline} --yes")).await.code, Some(0));
    let said = run(&cast, "C", "--profile lapas schedule confirm s4 --facility bengkel").await;
    assert!(said.code == Some(6) && said.out.contains("STATE_FORBIDS"), "{}{}", said.out, said.err);
    assert!(said.err.contains("has to be pushed again by the lead agency"), "{}", said.err);
    let said = run(&cast, "C", "--profile lapas schedule confirm blk-kepri/s04").await;
    assert!(
        said.code == Some(5) && said.err.contains("Nearest first, there are:\n  blk-kepri/s4\n"),
        "{}",
        said.err
    );
    let said = run(&cast, "C", "--profile lapas schedule list --from tomorrow --to today").await;
    assert!(said.code == Some(2) && said.err.contains("--to lies before --from"), "{}", said.err);
    let said = run(&cast, "C", "--profile lapas agreement suspend pks-1 --note x --yes").await;
    assert!(said.code == Some(5) && said.err.contains("\n  blk-kepri/pks-1  "), "{}", said.err);
}

#[tokio::test]
async fn a_place_that_came_free_waits_for_the_prison() {
    let cast = ready().await;
    cast.set_capacity(5).await.unwrap();
    cast.nominate(&[1, 2, 3, 4, 5, 6]).await;
    let heading = "PROGRAMMES WITH FREE PLACES FOR TRAINEES WHO WAIT: 1\n";
    let said = run(&cast, "C", "today --profile lapas").await;
    assert!(!said.out.contains("FREE PLACES"), "all are taken: {}{}", said.out, said.err);
    let number = cast.roster(&cast.lapas).await.enrolments[0].prison_record.clone().unwrap().register_number;
    let withdraw = format!("--profile lapas roster withdraw las \"{number}\" --yes");
    assert_eq!(run(&cast, "C", &withdraw).await.code, Some(0));
    let said = run(&cast, "C", "today --profile lapas").await;
    assert!(said.out.contains(heading), "{}{}", said.out, said.err);
    let next = "Next: gerbang roster list blk-kepri/las --state waitlisted --profile lapas\n";
    let row = said.out.lines().find(|line| line.ends_with("blk-kepri/las")).unwrap();
    let cells: Vec<_> = row.split("  ").filter(|cell| !cell.is_empty()).map(str::trim).collect();
    assert_eq!(cells, ["Pengelasan dasar", "5", "<5", "<5", "blk-kepri/las"]);
    assert!(said.out.contains(next), "{}", said.out);
}

/// What is named is done at once where it can be undone; what a selection finds is asked for, even if it is one.
#[tokio::test]
async fn a_selection_asks_and_so_does_what_stops_others() {
    let cast = one_can_be_confirmed().await;
    let cleared = cast.pull(&cast.lapas).await.remove(0);
    let assignment = cleared.name.trim_start_matches("assignments/");
    for words in [
        "--profile lapas assignment clear --uid s1".to_owned(),
        format!("--profile lapas schedule confirm --day {} --facility bengkel", start(3).1),
        format!("--profile blk assignment decline {assignment}"),
        format!("--profile lapas assignment refuse {assignment}"),
        "--profile lapas agreement suspend blk-kepri/pks-1 --note x".to_owned(),
    ] {
        let said = run(&cast, "C", &words).await;
        assert!(said.code == Some(2) && said.err.contains("--yes"), "{words}: {}{}", said.out, said.err);
    }
    let said = run(&cast, "C", &format!("--profile lapas assignment clear {assignment}")).await;
    assert_eq!(said.code, Some(0), "{}", said.err);
    let (code, said) =
        at_a_terminal(&cast, "--profile lapas schedule confirm --from today --ready", "n").await;
    assert!(
        code == Some(1) && said.contains("Pengelasan dasar") && said.contains("Nothing was done."),
        "{said}"
    );
    let suspend = "--profile lapas agreement suspend blk-kepri/pks-1 --note x";
    let (code, said) = at_a_terminal(&cast, suspend, "y").await;
    assert!(code == Some(0) && said.contains("Suspend agreement blk-kepri/pks-1 ("), "{said}");
}

#[tokio::test]
async fn a_mistake_is_told_from_nothing_to_do() {
    let cast = pushed().await;
    let said = run(&cast, "C", "--profile lapas schedule list --agency blk.kepri.id").await;
    assert_eq!(said.code, Some(5), "{}{}", said.out, said.err);
    let lines: Vec<_> = said.err.lines().collect();
    assert_eq!(
        lines[0],
        "Nothing here goes by \"blk.kepri.id\", so nothing was done. Nearest first, there are:"
    );
    assert_eq!(lines[1], "  blk-kepri  Instansi blk-kepri");
    let said = run(&cast, "id_ID.UTF-8", "--profile lapas assignment list --trainer \"budi contho\"").await;
    let listed = "yang paling mirip:\n  blk-kepri/t1  Budi Contoh\n  blk-kepri/t-sari  Sari Contohwati\n";
    assert!(said.code == Some(5) && said.err.ends_with(listed), "{}{}", said.out, said.err);
    let said = run(&cast, "C", "--profile lapas assignment list --trainer \"Budi.  CONTOH,\"").await;
    assert!(said.code == Some(0) && said.out.contains("Budi Contoh"), "{}{}", said.out, said.err);

    cast.world.join("lapas-tpi", v1::AgencyKind::Prison, "p2u", v1::Role::Door).await;
    write_profile(&cast.world, "p2u", &cast.world.profile("lapas-tpi", "p2u"));
    let said = run(&cast, "C", &format!("assignment gate --date {} --profile p2u", start(3).1)).await;
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{}", said.err);
    assert!(said.err.starts_with("The device at the door sees today and tomorrow only"), "{}", said.err);
    let said = run(&cast, "C", "assignment gate --date tomorrow --profile p2u").await;
    assert!(said.code == Some(0) && said.out.contains("No trainer may enter on that day."), "{}", said.err);
}
