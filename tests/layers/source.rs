//! The files of a crate, the names that each binds, and the paths that each names.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A module's path below the crate's root: `[]` is the root.
pub(crate) type Module = Vec<String>;

/// What a file says, without comments, strings and tests.
pub(crate) struct File {
    /// Relative to the repository.
    pub(crate) name: String,
    /// Names that `use` binds here, with the paths that they stand for.
    bindings: BTreeMap<String, Vec<String>>,
    /// What `use …::*` brings in.
    globs: Vec<Vec<String>>,
    /// All paths of two words and more; those in a module within the file begin with one `super` less.
    paths: Vec<Vec<String>>,
}

pub(crate) struct Crate {
    files: BTreeMap<Module, File>,
}

impl Crate {
    /// Reads the crate whose source is in this folder of the repository.
    pub(crate) fn read(repository: &Path, folder: &str) -> Self {
        let mut files = BTreeMap::new();
        let source = repository.join(folder);
        let mut folders = vec![source.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let is_tests = path.file_stem().is_some_and(|stem| stem == "tests");
                match path.extension().and_then(|end| end.to_str()) {
                    _ if is_tests => {}
                    Some("rs") => {
                        let below = path.strip_prefix(&source).unwrap().with_extension("");
                        let mut module: Module =
                            below.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
                        if module.len() == 1 && ["lib", "main"].contains(&module[0].as_str()) {
                            module.clear();
                        }
                        let name =
                            path.strip_prefix(repository).unwrap().to_str().unwrap().replace('\\', "/");
                        files.insert(module, File::read(name, &fs::read_to_string(&path).unwrap()));
                    }
                    None if path.is_dir() => folders.push(path),
                    _ => {}
                }
            }
        }
        Self { files }
    }

    pub(crate) fn len(&self) -> usize {
        self.files.len()
    }

    pub(crate) fn name(&self, module: &Module) -> &str {
        &self.files[module].name
    }

    /// Which file uses which others: those in which the things stand that it names, however often they are handed on.
    pub(crate) fn uses(&self) -> BTreeMap<Module, Vec<Module>> {
        let uses = |(module, file): (&Module, &File)| {
            let named = file.paths.iter().chain(file.bindings.values()).chain(&file.globs);
            let mut used: Vec<Module> = named.filter_map(|path| self.resolve(module, path, 0)).collect();
            used.retain(|used| used != module);
            used.sort();
            used.dedup();
            (module.clone(), used)
        };
        self.files.iter().map(uses).collect()
    }

    /// The file in which a path ends that stands in this module; `None` if it leads to another crate.
    fn resolve(&self, at: &Module, path: &[String], depth: usize) -> Option<Module> {
        if depth > 8 {
            return None;
        }
        let (first, rest) = path.split_first()?;
        let file = self.files.get(at)?;
        let (mut module, rest) = match first.as_str() {
            "crate" => (Module::new(), rest),
            "self" => (at.clone(), rest),
            "super" => (at.split_last()?.1.to_vec(), rest),
            name if self.files.contains_key(&below(at, name)) => (below(at, name), rest),
            name => {
                let stands_for = file.bindings.get(name)?;
                let whole: Vec<String> = stands_for.iter().chain(rest).cloned().collect();
                // A name that stands for itself is another crate's.
                return (whole != path).then(|| self.resolve(at, &whole, depth + 1)).flatten();
            }
        };
        for (i, word) in rest.iter().enumerate() {
            if word == "super" {
                module.pop()?;
            } else if self.files.contains_key(&below(&module, word)) {
                module.push(word.clone());
            } else {
                return self.handed_on(&module, &rest[i..], depth).or(Some(module));
            }
        }
        Some(module)
    }

    /// Where a thing stands that a module only hands on.
    fn handed_on(&self, module: &Module, path: &[String], depth: usize) -> Option<Module> {
        let file = self.files.get(module)?;
        let name = path.first()?;
        if let Some(stands_for) = file.bindings.get(name) {
            let whole: Vec<String> = stands_for.iter().chain(&path[1..]).cloned().collect();
            return self.resolve(module, &whole, depth + 1);
        }
        None
    }
}

fn below(module: &Module, name: &str) -> Module {
    module.iter().cloned().chain([name.to_owned()]).collect()
}

impl File {
    fn read(name: String, text: &str) -> Self {
        let mut file = Self { name, bindings: BTreeMap::new(), globs: Vec::new(), paths: Vec::new() };
        let tokens = tokens(&code(text));
        let mut at = 0;
        // Depths of braces at which a module within the file began.
        let (mut depth, mut inner) = (0_usize, Vec::new());
        while at < tokens.len() {
            match tokens[at].as_str() {
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    if inner.last() == Some(&depth) {
                        inner.pop();
                    }
                }
                "mod" if tokens.get(at + 2).is_some_and(|token| token == "{") => inner.push(depth),
                "use" if at == 0 || ["{", "}", ";", ")", "]", "pub"].contains(&tokens[at - 1].as_str()) => {
                    at = file.read_use(&tokens, at + 1, &[], inner.len());
                    continue;
                }
                _ => {}
            }
            if is_word(&tokens[at]) && (at == 0 || tokens[at - 1] != "::") {
                let mut path = vec![tokens[at].clone()];
                while tokens.get(at + 1).is_some_and(|token| token == "::")
                    && tokens.get(at + 2).is_some_and(|token| is_word(token))
                {
                    path.push(tokens[at + 2].clone());
                    at += 2;
                }
                if path.len() > 1 {
                    file.paths.extend(outward(path, inner.len()));
                }
            }
            at += 1;
        }
        file
    }

    /// Reads a tree of `use` from `at`; gives where it ends.
    fn read_use(&mut self, tokens: &[String], mut at: usize, before: &[String], inner: usize) -> usize {
        let mut path = before.to_vec();
        loop {
            match tokens[at].as_str() {
                "{" => {
                    at += 1;
                    while tokens[at] != "}" {
                        at = self.read_use(tokens, at, &path, inner);
                        if tokens[at] == "," {
                            at += 1;
                        }
                    }
                    return at + 1;
                }
                "*" => {
                    self.globs.extend(outward(path, inner));
                    return at + 1;
                }
                "::" => at += 1,
                ";" | "," | "}" => {
                    let name = path.last().unwrap().clone();
                    self.bind(name, path, inner);
                    return at;
                }
                "as" => {
                    self.bind(tokens[at + 1].clone(), path, inner);
                    return at + 2;
                }
                "self" if !path.is_empty() => at += 1,
                word => {
                    path.push(word.to_owned());
                    at += 1;
                }
            }
        }
    }

    fn bind(&mut self, name: String, path: Vec<String>, inner: usize) {
        let Some(path) = outward(path, inner) else { return };
        // Two of one name, such as a macro and a module, or two inner modules: both are used.
        if let Some(before) = self.bindings.insert(name, path) {
            self.paths.push(before);
        }
    }
}

/// The path as the file's own module would write it; `None` if it stays within an inner module.
fn outward(path: Vec<String>, inner: usize) -> Option<Vec<String>> {
    match path[0].as_str() {
        "super" if inner > 0 => {
            let supers = path.iter().take_while(|word| *word == "super").count();
            let rest = path[supers..].to_vec();
            match supers.checked_sub(inner)? {
                0 => Some(["self".to_owned()].into_iter().chain(rest).collect()),
                left => Some(std::iter::repeat_n("super".to_owned(), left).chain(rest).collect()),
            }
        }
        _ => Some(path),
    }
}

fn is_word(token: &str) -> bool {
    token.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
}

/// The text without comments, strings and characters, up to the tests at its bottom.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let raw = || {
            let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
            rest[1 + hashes..].starts_with('"').then_some(hashes)
        };
        let last_is_word = out.chars().last().is_some_and(|c| c.is_alphanumeric() || c == '_');
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if c == '"' {
            string_length(rest)
        } else if let ('r', false, Some(hashes)) = (c, last_is_word, if c == 'r' { raw() } else { None }) {
            let end = format!("\"{}", "#".repeat(hashes));
            let begin = 2 + hashes;
            rest[begin..].find(&end).map_or(rest.len(), |at| begin + at + end.len())
        } else if c == '\'' {
            character_length(rest)
        } else {
            out.push(c);
            c.len_utf8()
        };
        if skipped > 1 || c == '"' || c == '\'' {
            out.push(' ');
        }
        rest = &rest[skipped..];
    }
    out
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (i, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return i + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    text.len()
}

/// A character's length; a lifetime's is that of its sign.
fn character_length(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match characters.next() {
        Some((_, '\\')) => text[3..].find('\'').map_or(1, |end| 3 + end + 1),
        Some(_) => match characters.next() {
            Some((i, '\'')) => i + 1,
            _ => 1,
        },
        None => 1,
    }
}

/// Words, `::` and single signs.
fn tokens(code: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        let length = if c.is_alphanumeric() || c == '_' {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            c.len_utf8()
        };
        if !c.is_whitespace() {
            tokens.push(rest[..length].to_owned());
        }
        rest = &rest[length..];
    }
    tokens
}

#[cfg(test)]
mod reading {
    use super::*;

    fn of(files: &[(&str, &str)]) -> Crate {
        let module = |name: &str| match name {
            "lib" => Module::new(),
            name => name.split('/').map(str::to_owned).collect(),
        };
        let files =
            files.iter().map(|(name, text)| (module(name), File::read((*name).to_owned(), text))).collect();
        Crate { files }
    }

    fn used(files: &[(&str, &str)], by: &str) -> Vec<String> {
        let all = of(files);
        let module: Module =
            if by == "lib" { Vec::new() } else { by.split('/').map(str::to_owned).collect() };
        all.uses()[&module].iter().map(|used| all.name(used).to_owned()).collect()
    }

    #[test]
    fn a_use_leads_to_the_file_in_which_the_thing_stands() {
        let files = [
            ("lib", "mod a; mod b;\npub use a::Thing;"),
            ("a", "mod deep; pub use deep::Thing; pub struct Other;"),
            ("a/deep", "pub struct Thing; use super::Other;"),
            (
                "b",
                "use crate::Thing; use crate::a::{self, Other as O};\nfn f() { a::deep::f(); std::fs::read(); }",
            ),
        ];
        assert_eq!(used(&files, "b"), ["a", "a/deep"]);
        assert_eq!(used(&files, "a/deep"), ["a"]);
        assert_eq!(used(&files, "lib"), ["a/deep"]);
    }

    #[test]
    fn comments_strings_tests_and_other_crates_are_no_uses() {
        let files = [
            ("lib", "mod a; mod b;"),
            (
                "a",
                "// crate::b::x\nconst X: &str = \"crate::b::y\"; const Y: &str = r#\"crate::b::\"z\"#; const C: char = '\"';\n\
                   fn f<'a>(x: &'a str) {} /* crate::b */\n#[cfg(test)]\nmod tests { use crate::b; }",
            ),
            ("b", "mod inner { use super::super::a::f; }"),
        ];
        assert!(used(&files, "a").is_empty());
        assert_eq!(used(&files, "b"), ["a"]);
    }
}
