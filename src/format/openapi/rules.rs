//! The rules of buf.validate as words of JSON Schema. Owns which rules have such a word; refuses the others by name, so that no
//! rule of the contract is left out unseen.

use prost_reflect::{DynamicMessage, FieldDescriptor, Value as Set};
use serde_json::{Map, Value, json};

/// A rule, or a kind of field, for which the document has no word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {what} has no schema here")]
pub struct Unwritable {
    /// The field's full name.
    pub field: String,
    /// The rule or the kind.
    pub what: String,
}

impl Unwritable {
    /// Makes the error of a field.
    pub fn of(field: &FieldDescriptor, what: impl Into<String>) -> Self {
        Self { field: field.full_name().to_owned(), what: what.into() }
    }
}

/// The rules of a field; nothing where it has none.
pub fn of(field: &FieldDescriptor) -> Option<DynamicMessage> {
    let extension = field.parent_file().parent_pool().get_extension_by_name("buf.validate.field")?;
    let options = field.options();
    options
        .has_extension(&extension)
        .then(|| options.get_extension(&extension).as_message().cloned())
        .flatten()
}

/// Writes the rules into the schema of a field's value; those for the items of a list into `items`, if there are such.
pub fn write(
    field: &FieldDescriptor,
    rules: &DynamicMessage,
    schema: &mut Map<String, Value>,
) -> Result<(), Unwritable> {
    for (kind, rules) in rules.fields() {
        match (kind.name(), rules) {
            // Which members an object must have stands beside them.
            ("required", _) => {}
            ("string", Set::Message(rules)) => each(field, "string", rules, text, schema)?,
            ("int32", Set::Message(rules)) => each(field, "int32", rules, number, schema)?,
            ("int64", Set::Message(rules)) => each(field, "int64", rules, number, schema)?,
            ("enum", Set::Message(rules)) => values(field, rules, schema)?,
            ("repeated", Set::Message(rules)) => {
                each(field, "repeated", rules, list, schema)?;
                let of_items = get(rules, "items");
                if let (Some(Set::Message(rules)), Some(Value::Object(items))) =
                    (of_items, schema.get_mut("items"))
                {
                    write(field, &rules, items)?;
                }
            }
            (other, _) => return Err(Unwritable::of(field, format!("the rule {other}"))),
        }
    }
    Ok(())
}

/// A word of JSON Schema with its value, or `Value::Null` where the schema says it already; `None` for an unknown rule.
type Word = Option<(&'static str, Value)>;

fn each(
    field: &FieldDescriptor,
    kind: &str,
    rules: &DynamicMessage,
    word: fn(&str, &Set) -> Word,
    schema: &mut Map<String, Value>,
) -> Result<(), Unwritable> {
    for (rule, value) in rules.fields() {
        let unknown = || Unwritable::of(field, format!("the rule {kind}.{}", rule.name()));
        match word(rule.name(), value).ok_or_else(unknown)? {
            (_, Value::Null) => {}
            (word, value) => drop(schema.insert(word.to_owned(), value)),
        }
    }
    Ok(())
}

/// Both count characters, not bytes.
fn text(rule: &str, value: &Set) -> Word {
    Some(match (rule, value) {
        ("min_len", Set::U64(min)) => ("minLength", json!(min)),
        ("max_len", Set::U64(max)) => ("maxLength", json!(max)),
        ("pattern", Set::String(pattern)) => ("pattern", json!(pattern)),
        ("uuid", Set::Bool(true)) => ("format", json!("uuid")),
        _ => return None,
    })
}

fn number(rule: &str, value: &Set) -> Word {
    let value = match value {
        Set::I32(value) => i64::from(*value),
        Set::I64(value) => *value,
        _ => return None,
    };
    Some(match rule {
        "gte" => ("minimum", json!(value)),
        "lte" => ("maximum", json!(value)),
        "gt" => ("exclusiveMinimum", json!(value)),
        "lt" => ("exclusiveMaximum", json!(value)),
        _ => return None,
    })
}

/// The schema of an enum in a request lists its values but the one of 0; a field that takes fewer lists its own beside it.
fn values(
    field: &FieldDescriptor,
    rules: &DynamicMessage,
    schema: &mut Map<String, Value>,
) -> Result<(), Unwritable> {
    let mut excluded = Vec::new();
    for (rule, value) in rules.fields() {
        match (rule.name(), value) {
            ("defined_only", Set::Bool(true)) => {}
            ("not_in", Set::List(numbers)) => excluded.extend(numbers.iter().filter_map(Set::as_i32)),
            (other, _) => return Err(Unwritable::of(field, format!("the rule enum.{other}"))),
        }
    }
    if let Some(of) = field.kind().as_enum().filter(|_| excluded.iter().any(|number| *number != 0)) {
        let taken = of.values().filter(|value| value.number() != 0 && !excluded.contains(&value.number()));
        let names: Vec<_> = taken.map(|value| value.name().to_owned()).collect();
        schema.insert("enum".to_owned(), names.into());
    }
    Ok(())
}

fn list(rule: &str, value: &Set) -> Word {
    Some(match (rule, value) {
        ("min_items", Set::U64(min)) => ("minItems", json!(min)),
        ("max_items", Set::U64(max)) => ("maxItems", json!(max)),
        ("unique", Set::Bool(true)) => ("uniqueItems", json!(true)),
        ("items", Set::Message(_)) => ("items", Value::Null),
        _ => return None,
    })
}

/// Says whether a request must hold the field: the rules ask for it, or refuse the default that stands for a field left out.
pub fn asks_for(field: &FieldDescriptor, rules: &DynamicMessage) -> bool {
    let rule = |kind: &str, name: &str| {
        let of_kind = get(rules, kind)?;
        get(of_kind.as_message()?, name)
    };
    let at_least_one = |kind, name| rule(kind, name).and_then(|min| min.as_u64()).is_some_and(|min| min > 0);
    if rules.get_field_by_name("required").is_some_and(|required| required.as_bool() == Some(true)) {
        return true;
    }
    // The rules of a field with presence are for the value that is there.
    if field.supports_presence() {
        return false;
    }
    if field.is_list() {
        return at_least_one("repeated", "min_items");
    }
    let pattern = rule("string", "pattern");
    let above_zero = |kind| {
        let bound = |name| rule(kind, name).and_then(|bound| whole(&bound));
        bound("gte").is_some_and(|min| min > 0) || bound("gt").is_some_and(|min| min >= 0)
    };
    at_least_one("string", "min_len")
        || rule("string", "uuid").is_some()
        || pattern.is_some_and(|pattern| !takes_nothing(pattern.as_str().unwrap_or_default()))
        || above_zero("int32")
        || above_zero("int64")
        || rule("enum", "not_in")
            .is_some_and(|numbers| numbers.as_list().is_some_and(|numbers| numbers.contains(&Set::I32(0))))
}

fn whole(value: &Set) -> Option<i64> {
    value.as_i64().or_else(|| value.as_i32().map(i64::from))
}

/// Says whether a pattern matches the empty text.
fn takes_nothing(pattern: &str) -> bool {
    let parsed = regex_syntax::Parser::new().parse(pattern);
    parsed.is_ok_and(|parsed| parsed.properties().minimum_len() == Some(0))
}

fn get(message: &DynamicMessage, field: &str) -> Option<Set> {
    if !message.has_field_by_name(field) {
        return None;
    }
    message.get_field_by_name(field).map(|value| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_of_what_may_be_left_out_takes_the_empty_text() {
        for (pattern, taken) in [
            ("^(agencies/[a-z][a-z0-9-]{1,39})?$", true),
            ("^[!-~]*$", true),
            ("^agencies/[a-z][a-z0-9-]{1,39}$", false),
            ("^[A-Za-z0-9+/]+={0,2}$", false),
            ("^[0-9a-f]{32}$", false),
        ] {
            assert_eq!(takes_nothing(pattern), taken, "{pattern}");
        }
    }

    #[test]
    fn a_rule_without_a_word_is_refused() {
        assert_eq!(text("email", &Set::Bool(true)), None);
        assert_eq!(number("const", &Set::I32(1)), None);
        assert_eq!(number("gt", &Set::I64(1)), Some(("exclusiveMinimum", json!(1))));
        assert_eq!(list("unique", &Set::Bool(true)), Some(("uniqueItems", json!(true))));
    }
}
