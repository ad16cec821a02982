//! The tree of a crate's modules: what each defines, and which paths it names.

use super::syntax::is_test;
use anyhow::{Context, Result};
use proc_macro2::{TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};

/// A module's place in its crate, such as `["gallery", "scan"]`; the root's is empty.
pub(super) type ModulePath = Vec<String>;

/// An import, `use path::name as alias`.
pub(super) struct Import {
    pub(super) path: Vec<String>,
    /// The name it has here; `*` of a glob.
    pub(super) name: String,
    /// Whether others can import it from here.
    pub(super) is_exported: bool,
    pub(super) line: usize,
}

/// One module without its children and its tests.
#[derive(Default)]
pub(super) struct Module {
    pub(super) imports: Vec<Import>,
    /// Paths of at least two names in code, and lines.
    pub(super) paths: Vec<(Vec<String>, usize)>,
    /// First names of all paths in code, by which an import is known to be used here.
    pub(super) used: BTreeSet<String>,
}

/// All modules below one root file.
pub(super) type Modules = BTreeMap<ModulePath, Module>;

/// Reads the modules of a crate from its root file.
pub(super) fn read(root: &Path) -> Result<Modules> {
    let mut modules = Modules::new();
    let folder = root.parent().context("a file has a folder")?;
    read_file(root, folder, Vec::new(), &mut modules)?;
    Ok(modules)
}

/// Reads a file as module `path`, whose children are in `folder`.
fn read_file(file: &Path, folder: &Path, path: ModulePath, modules: &mut Modules) -> Result<()> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let parsed =
        syn::parse_file(&text).with_context(|| format!("{} is not Rust", file.display()))?;
    read_items(&parsed.items, folder, path, modules)
}

fn read_items(
    items: &[syn::Item],
    folder: &Path,
    path: ModulePath,
    modules: &mut Modules,
) -> Result<()> {
    let mut module = Module::default();
    for item in items {
        if let syn::Item::Mod(child) = item {
            if !is_test(&child.attrs) {
                read_child(child, folder, &path, modules)?;
            }
        } else {
            module.visit_item(item);
        }
    }
    modules.insert(path, module);
    Ok(())
}

fn read_child(
    child: &syn::ItemMod,
    folder: &Path,
    parent: &[String],
    modules: &mut Modules,
) -> Result<()> {
    let name = child.ident.to_string();
    let below = folder.join(&name);
    let mut path = parent.to_vec();
    path.push(name.clone());
    if let Some((_, items)) = &child.content {
        return read_items(items, &below, path, modules);
    }
    let candidates = [folder.join(format!("{name}.rs")), below.join("mod.rs")];
    let file: &PathBuf = candidates
        .iter()
        .find(|file| file.exists())
        .with_context(|| format!("there is no file of module {}", path.join("::")))?;
    read_file(file, &below, path, modules)
}

impl<'ast> Visit<'ast> for Module {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Fn(f) => &f.attrs,
            syn::Item::Impl(i) => &i.attrs,
            syn::Item::Use(u) => &u.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !is_test(attributes) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let is_exported = !matches!(item.vis, syn::Visibility::Inherited);
        let line = item.use_token.span.start().line;
        self.flatten(&item.tree, &mut Vec::new(), is_exported, line);
    }

    /// `pub(in crate::a)` names a module and imports nothing from it.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        let line = path
            .segments
            .first()
            .map_or(0, |s| s.ident.span().start().line);
        self.path(names, line);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }
}

impl Module {
    fn path(&mut self, names: Vec<String>, line: usize) {
        if let Some(first) = names.first() {
            self.used.insert(first.clone());
        }
        if names.len() > 1 {
            self.paths.push((names, line));
        }
    }

    /// Takes every path out of a macro's tokens, which are not parsed.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut names = Vec::new();
        let mut continues = false;
        let mut line = 0;
        for token in tokens {
            match &token {
                TokenTree::Ident(ident) => {
                    if !continues {
                        self.path(std::mem::take(&mut names), line);
                        line = ident.span().start().line;
                    }
                    names.push(ident.to_string());
                    continues = false;
                }
                // `a::b` is an identifier, two colons and an identifier.
                TokenTree::Punct(punct) if punct.as_char() == ':' => continues = true,
                TokenTree::Group(group) => self.tokens(group.stream()),
                _ => continues = false,
            }
        }
        self.path(names, line);
    }

    /// Writes `use a::{b, c as d}` out as one import for each name.
    fn flatten(
        &mut self,
        tree: &syn::UseTree,
        before: &mut Vec<String>,
        is_exported: bool,
        line: usize,
    ) {
        let (last, name) = match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.flatten(&path.tree, before, is_exported, line);
                before.pop();
                return;
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.flatten(tree, before, is_exported, line);
                }
                return;
            }
            syn::UseTree::Name(name) => (name.ident.to_string(), name.ident.to_string()),
            syn::UseTree::Rename(rename) => (rename.ident.to_string(), rename.rename.to_string()),
            syn::UseTree::Glob(_) => ("*".to_owned(), "*".to_owned()),
        };
        self.import(before, last, name, is_exported, line);
    }

    fn import(
        &mut self,
        before: &[String],
        last: String,
        name: String,
        is_exported: bool,
        line: usize,
    ) {
        let mut path = before.to_vec();
        let mut name = name;
        match last.as_str() {
            // `use a::b::{self}` is `use a::b`, and a glob imports from the module itself.
            "self" => name = path.last().cloned().unwrap_or(name),
            "*" => {}
            _ => path.push(last),
        }
        self.imports.push(Import {
            path,
            name,
            is_exported,
            line,
        });
    }
}
