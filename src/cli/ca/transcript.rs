//! The transcript of a ceremony, for paper: everybody who was present compares it with the files, and signs.

use std::fmt::Write;

use super::{Hold, ceremony_folder::file_of};
use crate::{
    cli::{Context, words},
    config::ceremony::Ceremony,
    domain::{
        Fault,
        access::Role,
        certificate::{Authority, AuthorityKind, Issued},
        reason::Language,
    },
    pki::{founding::Founded, inventory},
};

/// The text, in the language of who holds the ceremony.
pub fn text(
    context: &Context<'_>,
    options: &Hold,
    ceremony: &Ceremony,
    founded: &Founded,
) -> Result<String, Fault> {
    let (language, now) = (context.language, context.clock.now());
    let authority = |kind, der: &[u8]| inventory::authority(kind, der);
    let root = authority(AuthorityKind::Root, &founded.root)?;
    let clients = authority(AuthorityKind::Clients, &founded.clients)?;
    let gateways = authority(AuthorityKind::Gateways, &founded.gateways)?;
    let (list, _) = inventory::list(&founded.root_crl)?;

    let mut out = String::new();
    let title = words::transcript_title(language);
    let organisation = &ceremony.plan.organisation;
    let version = env!("CARGO_PKG_VERSION");
    let (file, sha256) = (options.ceremony.display(), hex::encode(ceremony.sha256));
    line(&mut out, &format!("{title}: {organisation} ({})", ceremony.trust_domain));
    line(&mut out, "");
    line(&mut out, &words::transcript_done(language, version, now, file, sha256));
    for (one, file) in [(&root, "root.pem"), (&clients, "clients.pem"), (&gateways, "gateways.pem")] {
        write_authority(&mut out, language, one, file);
    }
    for (system, der) in &founded.administrators {
        let issued = inventory::issued(der, Some(system.clone()), &clients, Some(Role::Administrator), now)?;
        write_certificate(&mut out, language, &issued, &file_of(system));
    }
    line(&mut out, "");
    line(&mut out, &words::transcript_list(language));
    field(&mut out, &words::transcript_number(language), &list.number.to_string());
    field(&mut out, &words::transcript_until(language), &list.next_update.to_string());
    field(&mut out, &words::transcript_file(language), "root.crl.pem");
    line(&mut out, "");
    line(&mut out, &words::transcript_keys(language, options.out.display(), options.root_out.display()));
    line(&mut out, "");
    line(&mut out, &words::transcript_signed(language));
    line(&mut out, "");
    line(&mut out, &words::transcript_line(language));
    for _ in 0..6 {
        line(&mut out, "");
        line(&mut out, &"_".repeat(80));
    }
    Ok(out)
}

fn write_authority(out: &mut String, language: Language, one: &Authority, file: &str) {
    line(out, "");
    line(out, &format!("{} ({})", one.name, one.kind));
    field(out, &words::transcript_certificate(language), &hex::encode(one.fingerprint));
    field(out, &words::transcript_key(language), &hex::encode(one.key_id));
    field(out, &words::transcript_until(language), &one.not_after.to_string());
    field(out, &words::transcript_file(language), file);
}

fn write_certificate(out: &mut String, language: Language, one: &Issued, file: &str) {
    let name = one.system.as_ref().map(ToString::to_string).unwrap_or_default();
    line(out, "");
    line(out, &format!("{name} (ADMINISTRATOR)"));
    field(out, &words::transcript_certificate(language), &hex::encode(one.fingerprint));
    field(out, &words::transcript_key(language), &hex::encode(one.key_id.unwrap_or_default()));
    field(out, &words::transcript_until(language), &one.not_after.to_string());
    field(out, &words::transcript_file(language), file);
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn field(out: &mut String, label: &str, text: &str) {
    // Writing into a text cannot fail.
    let _ = writeln!(out, "  {label:<22} {text}");
}
