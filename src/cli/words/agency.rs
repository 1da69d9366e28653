//! The sentences of `gerbang agency`.

use std::fmt::Display;

use crate::domain::reason::Language;

words! {
    day_only(text)
        "{text} is a moment; a name holds from a day. Write a day such as 2027-01-01."
        "{text} adalah waktu; nama berlaku sejak suatu hari. Tulislah hari, misalnya 2027-01-01.";
    renamed(code, name, day)
        "{code} is called {name} from {day}. Earlier names stay on record: gerbang agency show {code}"
        "{code} bernama {name} sejak {day}. Nama sebelumnya tetap tercatat: gerbang agency show {code}";
    renamed_until(code, name, day, next)
        "{code} is called {name} from {day}, until the name of {next} holds. Earlier names stay on record: gerbang agency show \
         {code}"
        "{code} bernama {name} sejak {day}, sampai nama yang berlaku sejak {next} menggantikannya. Nama sebelumnya tetap \
         tercatat: gerbang agency show {code}";
    names_will_be(code, names)
        "The names of {code}, as they will be:\n{names}"
        "Nama {code} akan menjadi:\n{names}";
    ask_rename(day)
        "{day} has come, so this name stays on record and cannot be taken back. Go on? [y/N]"
        "Tanggal {day} sudah tiba, sehingga nama ini tetap tercatat dan tidak dapat ditarik kembali. Lanjutkan? [y/T]";
    suspension_stops(agency, sessions, assignments, orders)
        "All systems of {agency} are refused, and nothing passes under its agreements, until it is resumed; what they booked \
         is free for others meanwhile.\n\
         Sessions ahead that it leads: {sessions}; assignments ahead of its trainers: {assignments}. Open requests and \
         invitations that end for good: {orders}."
        "Semua sistem {agency} ditolak, dan tidak ada pertukaran menurut perjanjiannya, sampai penangguhan dicabut; ruang dan \
         pelatih yang dipesannya sementara itu dapat dipakai pihak lain.\n\
         Sesi mendatang yang diselenggarakannya: {sessions}; penugasan mendatang pelatihnya: {assignments}. Permohonan dan \
         undangan terbuka yang berakhir untuk seterusnya: {orders}.";
    ask_suspend_agency(code, name)
        "Suspend {code} ({name})? [y/N]"
        "Tangguhkan {code} ({name})? [y/T]";
    suspended(code, orders)
        "{code} is suspended. Open requests and invitations that ended: {orders}. To let it in again: gerbang agency resume \
         {code}"
        "{code} ditangguhkan. Permohonan dan undangan terbuka yang berakhir: {orders}. Untuk mencabut penangguhan: gerbang \
         agency resume {code}";
    suspended_already(code)
        "{code} is suspended already. Since when and why: gerbang agency show {code}"
        "{code} sudah ditangguhkan. Waktu dan alasannya: gerbang agency show {code}";
    not_suspended(code)
        "{code} is not suspended."
        "{code} tidak sedang ditangguhkan.";
    role_approved_already(role, system)
        "{system} has the role {role}; no other role waits for approval."
        "Peran {role} untuk {system} sudah disetujui; tidak ada peran lain yang menunggu persetujuan.";
    agency_is_suspended(code)
        "{code} is suspended, and nobody of it is invited meanwhile. To let it in again: gerbang agency resume {code}"
        "{code} sedang ditangguhkan, sehingga sistemnya belum dapat diundang. Untuk mencabut penangguhan: gerbang agency \
         resume {code}";
    another_approves(role, system)
        "The role {role} takes two administrators. Another one types: gerbang agency approve-system {system}"
        "Peran {role} memerlukan dua administrator. Administrator lain mengetik: gerbang agency approve-system {system}";
    next_invite(system)
        "Next: gerbang cert invite {system}"
        "Selanjutnya: gerbang cert invite {system}";
    next_request(role, system)
        "Two administrators also sign for the key of a system with the role {role}.\n\
         On the system's machine: gerbang cert request --system {system} --key system.key --out system.csr\n\
         An administrator, with the request: gerbang cert approve system.csr --system {system}"
        "Kunci sistem dengan peran {role} juga ditandatangani dua administrator.\n\
         Di mesin sistem itu: gerbang cert request --system {system} --key sistem.key --out sistem.csr\n\
         Seorang administrator, dengan permintaannya: gerbang cert approve sistem.csr --system {system}";
    certificates_of_earlier_role(system)
        "Its certificates were signed for the earlier role and let it in no more. See: gerbang agency system {system}"
        "Sertifikatnya ditandatangani untuk peran sebelumnya dan tidak berlaku lagi. Lihat: gerbang agency system {system}";
    retirement_stops(system, certificates, orders, administrators)
        "Of {system}, {certificates} certificates are revoked and {orders} open requests and invitations end. The name is not \
         used again. Administrators left: {administrators}."
        "{certificates} sertifikat {system} dicabut dan {orders} permohonan serta undangan yang terbuka berakhir. Namanya \
         tidak dipakai lagi. Tersisa {administrators} administrator.";
    type_system(system)
        "This cannot be undone. Type the system's name, {system}, to retire it:"
        "Ini tidak dapat dibatalkan. Ketik nama sistem, {system}, untuk menghentikannya:";
    retired(system, certificates, orders, administrators)
        "Retired {system}. Certificates revoked: {certificates}; requests and invitations ended: {orders}; administrators \
         left: {administrators}."
        "{system} dihentikan untuk seterusnya. Sertifikat yang dicabut: {certificates}; permohonan dan undangan yang \
         diakhiri: {orders}; tersisa {administrators} administrator.";
    system_is_retired(system)
        "{system} was retired for good, and its name is not used again. Register a system of another name."
        "{system} telah dihentikan untuk seterusnya, dan namanya tidak dipakai lagi. Daftarkan sistem dengan nama lain.";
    system_retired()
        "RETIRED"
        "DIHENTIKAN";
    system_awaits_approval()
        "AWAITS APPROVAL"
        "MENUNGGU PERSETUJUAN";
    system_without_certificate()
        "NO CERTIFICATE"
        "TANPA SERTIFIKAT";
    system_certified()
        "CERTIFIED"
        "BERSERTIFIKAT";
    system_in_use()
        "IN USE"
        "DIPAKAI";
    role_proposed(role, proposer)
        "{role}, proposed by {proposer}"
        "{role}, diusulkan oleh {proposer}";
    valid_certificates(valid, all)
        "{valid} of {all}"
        "{valid} dari {all}";
    never_seen()
        "never"
        "belum pernah";
    holds_today()
        "(today)"
        "(hari ini)";
    certificates_of()
        "Certificates:"
        "Sertifikat:";
    open_orders_of()
        "Open requests and invitations:"
        "Permohonan dan undangan yang terbuka:";
    no_open_orders()
        "No open requests and invitations."
        "Tidak ada permohonan atau undangan yang terbuka.";
    no_certificates()
        "No certificates."
        "Tidak ada sertifikat.";
}
