//! The comments of the contract's files, by what they stand above. Refuses nothing: what has no comment has an empty one.

use std::collections::HashMap;

use prost_reflect::{
    DescriptorPool, EnumDescriptor, EnumValueDescriptor, FieldDescriptor, FileDescriptor, MessageDescriptor,
    MethodDescriptor, OneofDescriptor, ServiceDescriptor,
};

/// Every comment of a pool whose files carry their source information, as flowing text.
#[derive(Debug)]
pub struct Comments(HashMap<String, HashMap<Vec<i32>, String>>);

impl Comments {
    /// Collects the comments of a package.
    pub fn of(pool: &DescriptorPool, package: &str) -> Self {
        let files = pool.files().filter(|file| file.package_name() == package);
        Self(files.map(|file| (file.name().to_owned(), of_file(&file))).collect())
    }

    fn find(&self, file: &FileDescriptor, path: &[i32]) -> &str {
        self.0.get(file.name()).and_then(|texts| texts.get(path)).map_or("", String::as_str)
    }

    /// The comment of a service.
    pub fn service(&self, of: &ServiceDescriptor) -> &str {
        self.find(&of.parent_file(), of.path())
    }

    /// The comment of a method, reasons included.
    pub fn method(&self, of: &MethodDescriptor) -> &str {
        self.find(&of.parent_service().parent_file(), of.path())
    }

    /// The comment of a message.
    pub fn message(&self, of: &MessageDescriptor) -> &str {
        self.find(&of.parent_file(), of.path())
    }

    /// The comment of a field.
    pub fn field(&self, of: &FieldDescriptor) -> &str {
        self.find(&of.parent_message().parent_file(), of.path())
    }

    /// The comment of a oneof.
    pub fn oneof(&self, of: &OneofDescriptor) -> &str {
        self.find(&of.parent_message().parent_file(), of.path())
    }

    /// The comment of an enum.
    pub fn of_enum(&self, of: &EnumDescriptor) -> &str {
        self.find(&of.parent_file(), of.path())
    }

    /// The comment of an enum's value.
    pub fn value(&self, of: &EnumValueDescriptor) -> &str {
        self.find(&of.parent_enum().parent_file(), of.path())
    }
}

/// The first sentence of a comment, without its full stop.
pub fn first_sentence(comment: &str) -> &str {
    let first = comment.split(". ").next().unwrap_or_default();
    first.trim_end_matches('.')
}

fn of_file(file: &FileDescriptor) -> HashMap<Vec<i32>, String> {
    let places = file.file_descriptor_proto().source_code_info.as_ref();
    let places = places.map(|info| info.location.as_slice()).unwrap_or_default();
    let said = places.iter().map(|place| (place.path.clone(), flowing(place.leading_comments())));
    said.filter(|(_, text)| !text.is_empty()).collect()
}

/// The text without its line breaks, which are the editor's; an empty line still parts paragraphs.
fn flowing(comment: &str) -> String {
    let lines: Vec<_> = comment.lines().map(str::trim).collect();
    let paragraphs = lines.split(|line| line.is_empty()).map(|lines| lines.join(" "));
    paragraphs.filter(|paragraph| !paragraph.is_empty()).collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_flow_and_paragraphs_stay_apart() {
        assert_eq!(flowing(" One\n sentence.\n\n Another.\n"), "One sentence.\n\nAnother.");
        assert_eq!(flowing(""), "");
        assert_eq!(first_sentence("Stores each (RFC 5545). It needs more."), "Stores each (RFC 5545)");
        assert_eq!(first_sentence("Keeps it."), "Keeps it");
    }
}
