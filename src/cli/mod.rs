//! The command line: noun, then verb, one file per noun.
//!
//! Owns the options, the exit codes and the one place where failures are printed. `main` calls [`run`].

mod agency;
mod agreement;
mod answers;
mod ask;
mod assignment;
mod audit;
mod batch;
mod ca;
mod cert;
mod change;
mod choice;
mod clock;
mod connection;
mod contract;
mod disclosure;
mod doctor;
mod example;
mod facility;
mod failure;
mod follow;
#[cfg(test)]
mod golden_tests;
mod help;
mod input;
mod join;
mod missed;
mod names;
mod operate;
mod options;
mod programme;
mod receipt;
mod remark;
mod retention;
mod roster;
mod schedule;
mod screen;
mod select;
mod setup;
mod story;
mod table;
mod today;
mod trainee;
mod trainer;
mod vault;
mod view;
mod wait;
mod watch;
mod when;
mod whoami;
mod words;

use std::{process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};
use clap_complete::Shell;

use connection::Connection;
pub use contract::errors_page;
use failure::{Exit, Failure};
use screen::Output;
use when::Reader;

use crate::{
    domain::{
        outside::{Clock, Entropy},
        reason::Language,
    },
    server::{
        log,
        outside::{SystemClock, SystemEntropy},
    },
    store,
    vault::VaultKeys,
};

const ROOT_HELP: &str = "\
Examples:
  gerbang dev
  gerbang cert invite blk-kepri/jadwal --profile admin
  gerbang join --server gerbang.example:7444 --name blk
  gerbang whoami --profile blk
  gerbang schedule push blk-las.json --profile blk
  gerbang assignment list --from today --to tomorrow --profile lapas
  gerbang today --profile lapas
  gerbang assignment gate --date today --profile p2u
  gerbang roster list blk-kepri/las-2026 --profile blk

Profiles are looked for in $GERBANG_PROFILES, ~/.config/gerbang/profiles and .gerbang/profiles.
What a command is about stands first, by its name: AGENCY, AGENCY/SYSTEM, AGENCY/PROGRAMME; filters are options.
Without --profile, $GERBANG_PROFILE is taken, else the only profile that there is.
Messages are in English or, with a locale that begins with id, in Indonesian.

Exit codes:
  0  done
  1  failed
  2  wrong usage
  4  not authenticated, or not allowed
  5  not found
  6  conflict: it exists already, changed in between, or its state forbids it
A batch ends with the code that its refused items agree on, else with 1.";

/// Gerbang: a gateway through which agencies exchange agreements, schedules, trainer assignments and rosters
#[derive(Debug, Parser)]
#[command(name = "gerbang", version, after_help = ROOT_HELP, arg_required_else_help = true)]
pub struct Cli {
    /// Who you are: the name of a profile
    #[arg(long, global = true, value_name = "NAME", help_heading = "Global options")]
    profile: Option<String>,
    /// How answers are written; JSON stands alone on standard output
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        default_value_t = Output::Table,
        help_heading = "Global options"
    )]
    output: Output,
    /// Say more: the ledger entry of each change
    #[arg(short, long, global = true, help_heading = "Global options")]
    verbose: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the whole gateway on this machine, with a private database and sample agencies
    #[command(
        after_help = "Examples:\n  gerbang dev\n  gerbang dev --demo\n  gerbang dev --listen 127.0.0.1:8443"
    )]
    Dev(operate::Dev),
    /// Serve with a configuration
    #[command(after_help = "Examples:\n  gerbang serve --config /etc/gerbang/gerbang.toml")]
    Serve(operate::Serve),
    /// Issue certificates and revocation lists, apart from every gateway
    #[command(after_help = "Examples:\n  gerbang signer --config /etc/gerbang/signer.toml")]
    Signer(operate::SignerOptions),
    /// Bring a database's schema up to date
    #[command(after_help = "Examples:\n\
        \x20 gerbang migrate --database-url postgres:///gerbang")]
    Migrate(operate::Migrate),
    /// Write the configurations of signer and gateways from what the ceremony left
    #[command(after_help = "Examples:\n\
        \x20 gerbang setup --ceremony-folder /etc/gerbang/ca --host gerbang.example --gateway-folder /media/handover/gateway \
        --database-url postgres://db/gerbang?sslmode=verify-full\n\n\
        Overwrites nothing, reads no key, and prints what to type next. docs/operate.md has the whole way.")]
    Setup(setup::Setup),
    #[command(subcommand, after_help = "Examples:\n  gerbang vault init vault.toml")]
    Vault(vault::Verb),
    /// Erase what is known of trainees whose courses are long over; the gateway does so by itself
    #[command(after_help = "Examples:\n\
        \x20 gerbang retention /etc/gerbang/vault.toml --database-url postgres://gerbang_owner@db/gerbang --dry-run --until 2027-01-31\n\
        \x20 gerbang retention /etc/gerbang/vault.toml --database-url postgres://gerbang_owner@db/gerbang\n\n\
        A NIK goes 90 days after the end of the last course, and two years after that course all that is known of the trainee; a legal hold \
        (gerbang trainee hold) keeps everything. It asks before it erases. docs/privacy.md says what stays.")]
    Retention(retention::Options),
    #[command(subcommand, after_help = "Examples:\n  gerbang ca status")]
    Ca(ca::Verb),
    #[command(
        subcommand,
        after_help = "Examples:\n\
        \x20 gerbang audit rows --database-url postgres:///gerbang --vault vault.toml"
    )]
    Audit(audit::Verb),
    #[command(
        subcommand,
        after_help = "Examples:\n  gerbang receipt get 0192d4c0-7a1e-7000-8000-000000000001"
    )]
    Receipt(receipt::Verb),
    /// Check a gateway, a signer or a profile, and say what to do
    #[command(after_help = "Examples:\n\
        \x20 gerbang doctor --config /etc/gerbang/gerbang.toml\n\
        \x20 gerbang doctor --signer-config /etc/gerbang/signer.toml\n\
        \x20 gerbang doctor --profile blk -o json\n\n\
        Each line says what was found and, where it is not as it must be, what to do. The exit status is 1 where a \
        check failed; lines that only ask for attention leave 0.")]
    Doctor(doctor::Doctor),
    #[command(subcommand, after_help = "Examples:\n  gerbang contract export contract")]
    Contract(contract::Verb),
    /// Show who the gateway takes you for
    #[command(after_help = "Examples:\n\
        \x20 gerbang whoami\n\
        \x20 gerbang whoami --methods\n\
        \x20 gerbang whoami --profile lapas -o json")]
    Whoami {
        /// Show what you may call too
        #[arg(long)]
        methods: bool,
    },
    /// What waits for you today: the morning page of your role
    #[command(
        visible_alias = "hari-ini",
        after_help = "Examples:\n  gerbang today --profile lapas\n  gerbang hari-ini --profile blk\n\n\
        Each heading says how many there are, and what to type next. What is empty is left out."
    )]
    Today,
    /// Get this machine's first certificate by a one-time token, and a profile that goes by it
    #[command(after_help = "Examples:\n\
        \x20 gerbang join --server gerbang.example:7444 --name blk\n\
        \x20 gerbang join --server 10.0.0.1:7444 --server-name gerbang.example --token-file blk.token\n\n\
        The token is asked for, or read from --token-file or standard input; it is never an argument. If the \
        certificate is not there in time, or the machine stops, type the same again: key and token still go \
        together. A profile of this name whose certificate is over or revoked is replaced; its files are kept aside.")]
    Join(join::JoinArgs),
    #[command(subcommand, after_help = "Examples:\n  gerbang cert list --expiring 30d")]
    Cert(cert::Verb),
    #[command(subcommand, after_help = "Examples:\n  gerbang agency list")]
    Agency(agency::Verb),
    #[command(subcommand, after_help = "Examples:\n  gerbang agreement list")]
    Agreement(agreement::Verb),
    #[command(subcommand, after_help = "Examples:\n  gerbang programme list")]
    Programme(programme::Verb),
    #[command(subcommand, after_help = "Examples:\n  gerbang trainer list")]
    Trainer(trainer::Verb),
    #[command(subcommand, after_help = "Examples:\n  gerbang schedule push blk-las.json")]
    Schedule(schedule::Verb),
    #[command(subcommand, after_help = "Examples:\n  gerbang assignment list --from today --to tomorrow")]
    Assignment(assignment::Verb),
    #[command(subcommand, after_help = "Examples:\n  gerbang facility list lapas-tpi")]
    Facility(facility::Verb),
    #[command(subcommand, after_help = "Examples:\n  gerbang changes list --since yesterday")]
    Changes(change::Verb),
    /// Follow what changes, and hand each change to a command
    #[command(after_help = "Examples:\n\
        \x20 gerbang watch\n\
        \x20 gerbang watch --kind assignment -o json\n\
        \x20 gerbang watch --since yesterday --exec ./on-change.sh\n\n\
        With --exec, what was dealt with is remembered and acknowledged: started again, it goes on behind the last change whose \
        command ended with 0, and misses none. A command that fails ends it.")]
    Watch(watch::Watch),
    #[command(subcommand, after_help = "Examples:\n  gerbang disclosure report --trainee \"B.I 12/2026\"")]
    Disclosure(disclosure::Verb),
    #[command(subcommand, after_help = "Examples:\n  gerbang roster list blk-kepri/las-2026")]
    Roster(roster::Verb),
    #[command(
        subcommand,
        after_help = "Examples:\n  gerbang trainee withhold --enrolment 07f3ab5c9e114d0f8a62b7c1d94e5f08"
    )]
    Trainee(trainee::Verb),
    /// Print a completion script for a shell
    #[command(after_help = "Examples:\n\
        \x20 gerbang completions bash > ~/.local/share/bash-completion/completions/gerbang")]
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// The clock, the randomness and the options of the whole command line, for every verb.
pub struct Context<'a> {
    /// The wall clock.
    pub clock: &'a dyn Clock,
    /// Randomness.
    pub entropy: &'a dyn Entropy,
    /// The language of texts for people.
    pub language: Language,
    /// The form of answers.
    pub output: Output,
    /// Whether to tell what programs and auditors alone need.
    pub verbose: bool,
    /// The name of the profile, if one was given.
    pub profile: Option<String>,
}

impl Context<'_> {
    /// Who reads the answer, and when.
    fn reader(&self) -> Reader {
        Reader { language: self.language, now: self.clock.now() }
    }
}

/// The clock and the randomness for a transaction of the owner.
fn outside(keys: Option<Arc<VaultKeys>>) -> store::Outside {
    store::Outside { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy), keys }
}

/// Reads the command line. Prints a help page that was asked for, or what is wrong, and then returns the exit code.
pub fn parse() -> Result<Cli, ExitCode> {
    let language = words::language();
    help::read(std::env::args_os(), language, screen::help_width()).map_err(|said| {
        if said.use_stderr() {
            screen::note(help::text(&said, language, screen::colours()).trim_end());
        } else {
            // Nobody is left to tell that nobody reads.
            let _ = screen::print(&help::text(&said, language, screen::help_colours()));
        }
        ExitCode::from(u8::try_from(said.exit_code()).unwrap_or(u8::MAX))
    })
}

/// Does what the command line says, and prints why not on standard error.
pub async fn run(cli: Cli, clock: &dyn Clock, entropy: &dyn Entropy) -> ExitCode {
    let language = words::language();
    let Cli { profile, output, verbose, command } = cli;
    let context = Context { clock, entropy, language, output, verbose, profile };
    let exit = match execute(&context, command).await {
        Ok(exit) => exit,
        Err(failure) => {
            screen::note(&failure.report(language, screen::colours()));
            if let Some(differs) = clock::explain(&context, &failure).await {
                screen::note(&differs);
            }
            failure.exit()
        }
    };
    log::finish();
    ExitCode::from(exit as u8)
}

async fn execute(context: &Context<'_>, command: Command) -> Result<Exit, Failure> {
    if let Some(example) = example::asked_for(&command) {
        return example.print(context);
    }
    match command {
        Command::Dev(options) => operate::dev(context, options).await,
        Command::Serve(options) => operate::serve(context, options).await,
        Command::Signer(options) => operate::signer(context, options).await,
        Command::Migrate(options) => operate::migrate(context, options).await,
        Command::Setup(options) => setup::run(context, &options),
        Command::Vault(verb) => vault::run(context, verb).await,
        Command::Retention(options) => retention::run(context, options).await,
        Command::Ca(verb) => ca::run(context, verb).await,
        Command::Audit(verb) => audit::run(context, verb).await,
        Command::Receipt(verb) => receipt::run(context, verb).await,
        Command::Doctor(options) => doctor::doctor(context, &options).await,
        Command::Contract(verb) => contract::run(verb, context.language),
        Command::Completions { shell } => completions(shell),
        Command::Join(options) => join::run(context, options).await,
        Command::Cert(verb) => cert::run(context, verb).await,
        Command::Whoami { methods } => whoami::run(&Connection::open(context).await?, methods).await,
        Command::Today => today::run(&Connection::open(context).await?).await,
        Command::Agency(verb) => agency::run(&Connection::open(context).await?, verb).await,
        Command::Agreement(verb) => agreement::run(&Connection::open(context).await?, verb).await,
        Command::Programme(verb) => programme::run(&Connection::open(context).await?, verb).await,
        Command::Trainer(verb) => trainer::run(&Connection::open(context).await?, verb).await,
        Command::Schedule(verb) => schedule::run(&Connection::open(context).await?, verb).await,
        Command::Assignment(verb) => assignment::run(&Connection::open(context).await?, verb).await,
        Command::Facility(verb) => facility::run(&Connection::open(context).await?, verb).await,
        Command::Changes(verb) => change::run(&Connection::open(context).await?, verb).await,
        Command::Watch(wanted) => watch::run(&Connection::open(context).await?, wanted).await,
        Command::Disclosure(verb) => disclosure::run(&Connection::open(context).await?, verb).await,
        Command::Roster(verb) => roster::run(&Connection::open(context).await?, verb).await,
        Command::Trainee(verb) => trainee::run(&Connection::open(context).await?, verb).await,
    }
}

fn completions(shell: Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        shell,
        &mut help::command(words::language(), screen::help_width()),
        "gerbang",
        &mut script,
    );
    screen::print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Ok)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    /// Every command below the root, with its path.
    fn commands(command: &clap::Command, path: &str, found: &mut Vec<(String, String)>) {
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            let path = format!("{path} {}", sub.get_name());
            found.push((path.clone(), sub.get_after_help().map(ToString::to_string).unwrap_or_default()));
            commands(sub, &path, found);
        }
    }

    /// Splits at spaces, but for what stands in quotation marks.
    fn words_of(line: &str) -> Vec<String> {
        let parts = line.split('"').enumerate();
        let words = parts.flat_map(|(index, part)| match index % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        });
        words.collect()
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_help_page_has_examples_that_parse() {
        let mut found = vec![("gerbang".to_owned(), ROOT_HELP.to_owned())];
        commands(&Cli::command(), "gerbang", &mut found);
        assert!(found.len() > 40, "{}", found.len());
        for (path, help) in found {
            let examples: Vec<_> = help.lines().filter(|line| line.starts_with("  gerbang ")).collect();
            assert!(!examples.is_empty(), "{path} has no example");
            assert!(examples.iter().any(|line| line.trim_start().starts_with(&path)), "{path}: {examples:?}");
            for line in examples {
                let words = words_of(line.split(" > ").next().unwrap_or(line));
                if let Err(error) = Cli::try_parse_from(&words) {
                    panic!("{words:?}: {error}");
                }
            }
        }
    }

    #[test]
    fn wrong_usage_is_refused_before_anything_is_sent() {
        for line in [
            "gerbang agreement list --state unknown",
            "gerbang assignment list --from 2026-03-02T08:00",
            "gerbang schedule cancel --note x",
            "gerbang schedule confirm --facility bengkel-las",
            "gerbang schedule confirm blk/las-01 --from today",
            "gerbang assignment on 2026-03-02T08:00:00+07:00",
            "gerbang assignment clear",
            "gerbang assignment clear 0192 --trainer-agency blk",
            "gerbang roster promote blk/las 07f3 --out-of-rank health",
            "gerbang agreement reject blk/pks",
            "gerbang agency list --limit 0",
            "gerbang schedule push a.json --request-id 7",
            "gerbang agency register-system blk/sim --role king",
            "gerbang agency rename blk BLK",
            "gerbang agency retire-system",
            "gerbang join --server a:1 --p12 a.p12",
            "gerbang join --server a:1 --name ../a",
            "gerbang cert invite",
            "gerbang cert invite --system sim",
            "gerbang cert invite blk/sim --days 398",
            "gerbang cert request --key a.key",
            "gerbang cert request --submit a.csr",
            "gerbang cert revoke",
            "gerbang cert revoke 5a0c --agency blk",
            "gerbang cert revoke 5a0c --reason lost",
            "gerbang cert renew --exec true",
            "gerbang cert list --expiring soon",
        ] {
            assert_eq!(Cli::try_parse_from(words_of(line)).unwrap_err().exit_code(), 2, "{line}");
        }
    }

    /// What people and scripts have typed before goes on working, without being shown.
    #[test]
    fn earlier_spellings_are_taken() {
        for line in [
            "gerbang agency register-system blk sim --role partner",
            "gerbang cert invite blk --system sim",
            "gerbang cert collect 0192 --out sim.pem --with-profile",
            "gerbang facility list --prison lapas-tpi",
        ] {
            Cli::try_parse_from(words_of(line)).unwrap();
        }
    }

    #[test]
    fn choices_are_the_contracts_values_in_any_case_or_the_words_of_tables() {
        for (word, number) in [("Active", 4), ("berlaku", 4), ("belum-berlaku", 3), ("\"BELUM BERLAKU\"", 3)]
        {
            let line = format!("gerbang agreement list --state {word} -o json");
            let parsed = Cli::try_parse_from(words_of(&line)).unwrap();
            assert!(format!("{parsed:?}").contains(&format!("state: Some({number})")), "{parsed:?}");
        }
    }
}
