//! The contract without options of its own: for stock tools that know neither `buf.validate` nor extensions, such as
//! PHP's plugin of protoc and proto-loader of Node.
//!
//! Takes options in parentheses, `extend` blocks, and the imports that only these need, out of the text of a `.proto`
//! file. Messages, fields, numbers and services stay, and so do the comments. It refuses nothing: the contract has
//! been compiled when the program was built.

/// Imports that carry options and nothing else.
const OF_OPTIONS: [&str; 2] = ["buf/validate/validate.proto", "google/protobuf/descriptor.proto"];

/// A file's text without options of its own. `names_of` gives the names that an imported file declares, where it
/// is a file of the contract; an import of which no name is left in use goes.
pub fn plain<'a>(text: &str, names_of: impl Fn(&str) -> Option<Vec<&'a str>>) -> String {
    let mut left = without_options(text);
    for path in imports(text) {
        let unused = match names_of(path) {
            Some(names) => !names.iter().any(|name| uses(&left, name)),
            None => OF_OPTIONS.contains(&path),
        };
        if unused {
            left = left.replace(&format!("import \"{path}\";\n"), "");
        }
    }
    left
}

/// The names of messages and enums that a file declares at its top.
pub fn declared(text: &str) -> Vec<&str> {
    let declares = |line: &&str| line.starts_with("message ") || line.starts_with("enum ");
    text.lines().filter(declares).filter_map(|line| line.split(' ').nth(1)).collect()
}

fn imports(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.strip_prefix("import \"")?.strip_suffix("\";"))
}

/// Whether a line that is no comment has this word.
fn uses(text: &str, name: &str) -> bool {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_')).any(|word| word == name)
}

/// Copies the text, but for `option (…) … ;`, `extend … { … }` and the options in parentheses of fields and values.
fn without_options(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        // The contract's files have one statement a line.
        let begins = out.trim_end_matches(' ').ends_with('\n');
        let length = match first {
            '/' | '"' => skip(rest),
            'o' if begins && rest.starts_with("option (") => {
                rest = close_gap(&mut out, &rest[statement(rest, ';')..]);
                continue;
            }
            'e' if begins && rest.starts_with("extend ") => {
                rest = close_gap(&mut out, &rest[statement(rest, '}')..]);
                continue;
            }
            '[' => {
                let length = statement(rest, ']');
                push_kept(&mut out, &rest[1..length - 1]);
                rest = &rest[length..];
                continue;
            }
            _ => first.len_utf8(),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out
}

/// The bytes of the comment or string, or of the one character, with which the text begins.
fn skip(text: &str) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if !text.starts_with('"') {
        return text.chars().next().map_or(0, char::len_utf8);
    }
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    text.len()
}

/// The bytes up to and with the first `end` that stands outside of strings, comments and the brackets opened before.
fn statement(text: &str, end: char) -> usize {
    let (mut at, mut depth) = (0, 0_u32);
    while let Some(c) = text[at..].chars().next() {
        match c {
            '{' | '[' | '(' => depth += 1,
            '}' | ']' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += skip(&text[at..]);
        if c == end && depth == 0 {
            break;
        }
    }
    at
}

/// Takes away the rest of the line or lines on which a dropped statement stood alone, and the braces of an RPC that are
/// empty after that; returns what comes next.
fn close_gap<'a>(out: &mut String, after: &'a str) -> &'a str {
    out.truncate(out.trim_end_matches(' ').len());
    let mut rest = after.strip_prefix('\n').unwrap_or(after);
    if out.ends_with("\n\n") {
        rest = rest.strip_prefix('\n').unwrap_or(rest);
    }
    let Some(closed) = rest.trim_start().strip_prefix('}') else { return rest };
    let Some(opened) = out.trim_end().strip_suffix(") {").map(str::len) else { return rest };
    out.truncate(opened);
    out.push_str(");");
    closed
}

/// Writes the options of a field that stand in no parentheses, if there are any.
fn push_kept(out: &mut String, options: &str) {
    let mut kept = Vec::new();
    let mut rest = options;
    while !rest.trim().is_empty() {
        let length = statement(rest, ',');
        let option = rest[..length].trim_end_matches(',').trim();
        if !option.starts_with('(') {
            kept.push(option);
        }
        rest = &rest[length..];
    }
    if kept.is_empty() {
        out.truncate(out.trim_end().len());
    } else {
        out.push_str(&format!("[{}]", kept.join(", ")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITH: &str = r#"// A file; option (x) = 1; stays in a comment.
syntax = "proto3";

import "buf/validate/validate.proto";
import "gerbang/v1/access.proto";
import "gerbang/v1/common.proto";
import "google/protobuf/timestamp.proto";

extend google.protobuf.FieldOptions {
  // Told of.
  bool personal_data = 50001;
}

// A service.
service S {
  // The size.
  option (message_size) = {
    request_bytes_max: 1
  };
  // Access is told of here.
  rpc Push(A) returns (B) {
    option (access) = {
      roles: [ROLE_PARTNER]
    };
  }
}

message A {
  option (buf.validate.message).cel = {
    expression: "a; } ]"
  };
  // With option (x).
  string name = 1 [(buf.validate.field).string.pattern = "^[a-z];\"]{1,3}$"];
  Field field = 2 [
    deprecated = true,
    (personal_data) = true
  ];
  map<string, bytes> odd = 3;
}
"#;

    const WITHOUT: &str = r#"// A file; option (x) = 1; stays in a comment.
syntax = "proto3";

import "gerbang/v1/common.proto";
import "google/protobuf/timestamp.proto";

// A service.
service S {
  // The size.
  // Access is told of here.
  rpc Push(A) returns (B);
}

message A {
  // With option (x).
  string name = 1;
  Field field = 2 [deprecated = true];
  map<string, bytes> odd = 3;
}
"#;

    #[test]
    fn options_of_ones_own_go_and_everything_else_stays() {
        let names = |path: &str| match path {
            "gerbang/v1/access.proto" => Some(vec!["Access", "Role"]),
            "gerbang/v1/common.proto" => Some(vec!["Warning", "Field"]),
            _ => None,
        };
        assert_eq!(plain(WITH, names), WITHOUT);
    }

    #[test]
    fn what_a_file_declares_is_read_at_its_top() {
        assert_eq!(declared("message A {\n  message B {\n}\n}\nenum C {\n"), ["A", "C"]);
    }
}
