//! The options that say what the authenticator is. Those of its model are made from the library's list of settings.

use std::fs;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use stuntkey::authenticator::{Model, Setting, SettingKind, SettingOption};

use crate::secret::{Seed, Stateless};

#[derive(Debug, Args)]
#[command(next_help_heading = "Authenticator")]
pub(crate) struct Authenticator {
    #[command(flatten)]
    pub(crate) seed: Seed,

    #[command(flatten)]
    pub(crate) settings: Settings,

    #[command(flatten)]
    pub(crate) stateless: Stateless,

    #[command(flatten)]
    pub(crate) authority: Authority,
}

impl Authenticator {
    /// The name of an option that was given: none of them goes with somebody else's key.
    pub(crate) fn first(&self) -> Option<&'static str> {
        let others = [
            (self.seed.is_an_argument(), "seed"),
            (self.stateless.is_an_argument(), "stateless"),
            (self.authority.attestation_ca.is_some(), "attestation-ca"),
        ];
        self.settings.first().or_else(|| others.iter().find(|(is_given, _)| *is_given).map(|(_, name)| *name))
    }
}

#[derive(Debug, Args)]
pub(crate) struct Authority {
    /// The CA of attestation certificates: PEM with a certificate and its key
    #[arg(long, value_name = "FILE")]
    pub(crate) attestation_ca: Option<PathBuf>,
}

/// The model that the options describe.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) model: Model,
    /// Whether the user is asked at the terminal, for which a model has no setting.
    pub(crate) asks: bool,
    /// Whether the options say from which model to start.
    begins: bool,
    /// What the options change.
    changes: Vec<(Setting, SettingOption, String)>,
}

impl Settings {
    /// The same as a key that others hold: without `--model` it starts from [`DEFAULT_KEY`].
    pub(crate) fn of_a_key(&self) -> Model {
        if self.begins {
            return self.model.clone();
        }
        let mut model = Model::named(DEFAULT_KEY).unwrap_or_default();
        for (setting, _, text) in &self.changes {
            // Every text was read before.
            drop(setting.set(&mut model, text));
        }
        model
    }

    /// The name of an option that was given.
    pub(crate) fn first(&self) -> Option<&'static str> {
        match (self.begins, self.changes.first()) {
            (true, _) => Some(MODEL),
            (false, Some((_, option, _))) => Some(option.name),
            (false, None) => self.asks.then_some(USER),
        }
    }

    /// Whether it lacks an algorithm that the default model has.
    pub(crate) fn has_few_algorithms(&self) -> bool {
        self.model.algorithms.len() < default_model().algorithms.len()
    }
}

const MODEL: &str = "model";
const DEFAULT: &str = "every_algorithm";
const DEFAULT_KEY: &str = "full";
/// The option that takes `ask`, a value that its setting does not have.
const USER: &str = "user";
const ASK: &str = "ask";

fn default_model() -> Model {
    Model::named(DEFAULT).unwrap_or_default()
}

fn options() -> impl Iterator<Item = (Setting, SettingOption)> {
    Model::settings().filter_map(|setting| Some((setting, setting.option()?)))
}

impl Args for Settings {
    fn augment_args(command: Command) -> Command {
        let names: Vec<String> =
            Model::names().map(|(name, what)| format!("{name} ({})", lower(what))).collect();
        let model = Arg::new(MODEL)
            .long(MODEL)
            .value_name("NAME|FILE")
            .help(format!(
                "The device to start from, which the options below change: a name, or a file with a model as JSON \
                 [default: {DEFAULT}; of a device {DEFAULT_KEY}]"
            ))
            .long_help(format!(
                "The device to start from, which the options below change: a file with a model as JSON, or a name: {} \
                 [default: {DEFAULT}; of a device {DEFAULT_KEY}]",
                names.join("; ")
            ))
            .value_parser(model);
        command.arg(model).args(options().map(|(setting, option)| argument(setting, option)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Settings {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut model = matches.get_one::<Model>(MODEL).cloned().unwrap_or_else(default_model);
        let mut asks = false;
        let mut changes = Vec::new();
        for (setting, option) in options() {
            let text = match option.value_name {
                Some(_) => matches
                    .get_many::<String>(option.name)
                    .map(|values| values.map(String::as_str).collect::<Vec<_>>().join(",")),
                None => matches.get_flag(option.name).then(|| option.implied.unwrap_or_default().to_owned()),
            };
            match text {
                Some(text) if option.name == USER && text.eq_ignore_ascii_case(ASK) => asks = true,
                Some(text) => {
                    setting.set(&mut model, &text).map_err(|error| {
                        let found = (error.found, error.expected);
                        clap::Error::raw(
                            ErrorKind::ValueValidation,
                            format!("--{}: found {}, expected {}\n", option.name, found.0, found.1),
                        )
                    })?;
                    changes.push((setting, option, text));
                }
                None => {}
            }
        }
        Ok(Self { model, asks, begins: matches.get_one::<Model>(MODEL).is_some(), changes })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn argument(setting: Setting, option: SettingOption) -> Arg {
    let mut help = option.help.map_or_else(|| setting.doc(), str::to_owned);
    let default = option.default.map(str::to_owned).or_else(|| setting.get(&default_model()));
    if let (Some(default), Some(_)) = (default, option.value_name) {
        help.push_str(&format!(" [default: {default}]"));
    }
    let argument = Arg::new(option.name).long(option.name).help(help);
    let Some(value_name) = option.value_name else {
        return argument.action(ArgAction::SetTrue);
    };
    let mut argument = argument.value_name(value_name);
    if let Some(implied) = option.implied {
        argument = argument.num_args(0..=1).require_equals(true).default_missing_value(implied);
    }
    let is_list = setting.kind() == SettingKind::List || option.name == USER;
    if is_list {
        argument = argument.action(ArgAction::Append).value_delimiter(',');
    }
    let values = setting.values();
    if values.is_empty() {
        return argument.value_parser(move |text: &str| check(setting, text));
    }
    let of_the_terminal = (option.name == USER).then_some((ASK, "You are asked on the terminal"));
    let values = values.into_iter().chain(of_the_terminal).map(|(name, what)| match what {
        "" => PossibleValue::new(name),
        what => PossibleValue::new(name).help(what),
    });
    argument.value_parser(PossibleValuesParser::new(values)).ignore_case(true)
}

/// The text, if it is one of the setting's values.
fn check(setting: Setting, text: &str) -> Result<String, String> {
    match setting.set(&mut Model::default(), text) {
        Ok(()) => Ok(text.to_owned()),
        Err(error) => Err(format!("expected {}", error.expected)),
    }
}

/// A model by its name, or from a file.
fn model(text: &str) -> Result<Model, String> {
    if let Some(model) = Model::named(text) {
        return Ok(model);
    }
    let json = fs::read_to_string(text).map_err(|error| {
        let names: Vec<&str> = Model::names().map(|(name, _)| name).collect();
        format!("expected one of {}, or a file with a model as JSON ({error})", names.join(", "))
    })?;
    serde_json::from_str(&json).map_err(|error| error.to_string())
}

/// A sentence with a small first letter, to stand inside another.
fn lower(sentence: &str) -> String {
    let mut characters = sentence.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use stuntkey::attestation::AttestationFormat;
    use stuntkey::authenticator::{Answers, CounterPolicy, FlagOverrides};
    use stuntkey::crypto::Algorithm;
    use stuntkey::webauthn::{Attachment, Flags};

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        settings: Settings,
    }

    fn parse(arguments: &[&str]) -> Result<Settings, clap::Error> {
        Line::try_parse_from(["line"].iter().chain(arguments)).map(|line| line.settings)
    }

    fn parsed(arguments: &[&str]) -> Model {
        parse(arguments).unwrap().model
    }

    #[test]
    fn without_options_it_has_every_algorithm_but_rs1() {
        let model = parsed(&[]);
        assert_eq!(model, Model::named("every_algorithm").unwrap());
        assert_eq!(model.algorithms.len(), Algorithm::ALL.len() - 1);
    }

    #[test]
    fn every_setting_with_an_option_can_be_given() {
        for (setting, option) in options() {
            let value = match setting.values().first() {
                Some((value, _)) => (*value).to_owned(),
                None => match option.name {
                    "aaguid" => "00112233-4455-6677-8899-aabbccddeeff".to_owned(),
                    "flag" => "uv=0".to_owned(),
                    "extension-data" => "a0".to_owned(),
                    "rsa-pool" => "true".to_owned(),
                    _ => "77".to_owned(),
                },
            };
            let argument = match option.value_name {
                Some(_) => format!("--{}={value}", option.name),
                None => format!("--{}", option.name),
            };
            let model = parsed(&[&argument]);
            let expected = if option.value_name.is_some() { &value } else { option.implied.unwrap() };
            let found = setting.get(&model).unwrap();
            assert!(found.eq_ignore_ascii_case(expected), "{argument}: {found}");
        }
    }

    #[test]
    fn names_are_read_whatever_their_case() {
        let model = parsed(&["--alg", "es256,Rs256", "--attachment", "Cross-Platform", "--format", "TPM"]);
        assert_eq!(model.algorithms, [Algorithm::Es256, Algorithm::Rs256]);
        assert_eq!(model.attachment, Attachment::CrossPlatform);
        assert_eq!(model.attestation.format, Some(AttestationFormat::Tpm));
    }

    #[test]
    fn a_model_is_begun_with_and_changed() {
        let model = parsed(&["--model", "phone", "--counter", "global", "--no-resident-key"]);
        let phone = Model::named("phone").unwrap();
        assert_eq!((model.backup, model.counter), (phone.backup, CounterPolicy::Global));
        assert!(!model.resident_key);
        let error = parse(&["--model", "no-such-device"]).map(drop).unwrap_err().to_string();
        assert!(error.contains("security_key_ctap2_0"), "{error}");
    }

    #[test]
    fn a_model_is_read_from_a_file_and_its_mistakes_are_placed() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("model.json");
        fs::write(&file, r#"{"counter":"zero","attestation":{"format":"apple"}}"#).unwrap();
        let model = parsed(&["--model", file.to_str().unwrap()]);
        assert_eq!(model.attestation.format, Some(AttestationFormat::Apple));
        fs::write(&file, r#"{"attestation":{"formats":"apple"}}"#).unwrap();
        let error = parse(&["--model", file.to_str().unwrap()]).map(drop).unwrap_err().to_string();
        assert!(error.contains("attestation.formats"), "{error}");
    }

    #[test]
    fn flags_and_answers_may_be_several() {
        let flags = FlagOverrides::default().force(Flags::UV, false).force(Flags::BE, true);
        assert_eq!(parsed(&["--flag", "uv=0", "--flag", "BE=1"]).flags, flags);
        assert!(parse(&["--flag", "uv=2"]).is_err() && parse(&["--flag", "xx=1"]).is_err());
        assert!(
            matches!(parsed(&["--user", "verified,denied"]).user, Answers::InTurn(answers) if answers.len() == 2)
        );
        assert!(parse(&["--user", "ask"]).unwrap().asks);
        assert_eq!(parsed(&["--attestation-intermediate"]).attestation.intermediates, Some(1));
        assert_eq!(parsed(&["--attestation-intermediate=2"]).attestation.intermediates, Some(2));
        assert!(parse(&["--credential-id-length", "15"]).is_err());
    }
}
