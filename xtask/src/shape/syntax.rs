//! What is measured of one Rust file's syntax.

use super::files::Source;
use anyhow::{Context, Result};
use proc_macro2::Span;
use serde::Serialize;
use std::fmt;
use std::ops::RangeInclusive;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// Where something is: the file and its line, from one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A function and its length from the signature to the closing brace.
#[derive(Clone, Serialize)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) lines: usize,
    pub(super) place: Place,
}

/// All that one file adds to its crate's figures.
#[derive(Default)]
pub(super) struct Measured {
    pub(super) functions: Vec<Function>,
    pub(super) tuple_lets: Vec<Place>,
    pub(super) bool_matches: Vec<Place>,
    /// Names that the file itself chose, of items and fields, and the line of each.
    pub(super) names: Vec<(String, usize)>,
    pub(super) code_lines: usize,
    pub(super) why_comments: usize,
}

pub(super) fn measure(source: &Source) -> Result<Measured> {
    let file =
        syn::parse_file(&source.text).with_context(|| format!("{} is not Rust", source.path))?;
    let mut visitor = Visitor {
        path: &source.path,
        measured: Measured::default(),
        test_lines: Vec::new(),
        in_test: source.is_test(),
    };
    visitor.visit_file(&file);
    let mut measured = visitor.measured;
    if !source.is_test() {
        let lines = count_lines(&source.text, &visitor.test_lines);
        (measured.code_lines, measured.why_comments) = lines;
    }
    Ok(measured)
}

/// Whether attributes put an item into tests only.
pub(super) fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        path.is_ident("test")
            || path.is_ident("cfg")
                && attribute
                    .parse_args::<syn::Path>()
                    .is_ok_and(|condition| condition.is_ident("test"))
    })
}

/// Lines of code and lines that only hold a `//` comment, outside of tests. Neither documentation
/// nor empty lines count.
fn count_lines(text: &str, tests: &[RangeInclusive<usize>]) -> (usize, usize) {
    let outside = text.lines().enumerate().filter(|(index, _)| {
        let line = index + 1;
        !tests.iter().any(|test| test.contains(&line))
    });
    let lines: Vec<&str> = outside.map(|(_, line)| line.trim()).collect();
    let code = lines
        .iter()
        .filter(|l| !l.is_empty() && !l.starts_with("//"));
    (code.count(), lines.iter().filter(|l| is_why(l)).count())
}

fn is_why(line: &str) -> bool {
    line.strip_prefix("//")
        .is_some_and(|rest| !rest.starts_with(['/', '!']))
}

struct Visitor<'a> {
    path: &'a str,
    measured: Measured,
    test_lines: Vec<RangeInclusive<usize>>,
    in_test: bool,
}

impl Visitor<'_> {
    fn place(&self, span: Span) -> Place {
        Place {
            file: self.path.to_owned(),
            line: span.start().line,
        }
    }

    fn name(&mut self, ident: &syn::Ident) {
        let line = ident.span().start().line;
        self.measured.names.push((ident.to_string(), line));
    }

    /// Visits an item whose lines do not count if it is a test.
    fn within(&mut self, attributes: &[syn::Attribute], span: Span, visit: impl FnOnce(&mut Self)) {
        let before = self.in_test;
        if is_test(attributes) {
            self.in_test = true;
            self.test_lines.push(span.start().line..=span.end().line);
        }
        visit(self);
        self.in_test = before;
    }

    fn function(
        &mut self,
        signature: &syn::Signature,
        visibility: Option<&syn::Visibility>,
        block: &syn::Block,
    ) {
        if self.in_test {
            return;
        }
        // Attributes and documentation come before the visibility and are not part of the length.
        let visible = visibility.filter(|v| !matches!(v, syn::Visibility::Inherited));
        let start = visible
            .map_or_else(|| signature.span(), Spanned::span)
            .start()
            .line;
        self.measured.functions.push(Function {
            name: signature.ident.to_string(),
            lines: block.span().end().line + 1 - start,
            place: self.place(signature.ident.span()),
        });
    }
}

impl<'ast> Visit<'ast> for Visitor<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.name(&item.ident);
        self.within(&item.attrs, item.span(), |this| {
            visit::visit_item_mod(this, item)
        });
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.within(&item.attrs, item.span(), |this| {
            this.name(&item.sig.ident);
            this.function(&item.sig, Some(&item.vis), &item.block);
            visit::visit_item_fn(this, item);
        });
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.within(&item.attrs, item.span(), |this| {
            for member in &item.items {
                match member {
                    // A trait's own names are not chosen here.
                    syn::ImplItem::Fn(f) if item.trait_.is_none() => this.name(&f.sig.ident),
                    syn::ImplItem::Const(c) if item.trait_.is_none() => this.name(&c.ident),
                    _ => {}
                }
            }
            visit::visit_item_impl(this, item);
        });
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, Some(&item.vis), &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.name(&item.sig.ident);
        if let Some(block) = &item.default {
            self.function(&item.sig, None, block);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.name(&item.ident);
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.name(&item.ident);
        visit::visit_item_enum(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.name(&item.ident);
        visit::visit_item_trait(self, item);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.name(&item.ident);
        visit::visit_item_type(self, item);
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.name(&item.ident);
        visit::visit_item_const(self, item);
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.name(&item.ident);
        visit::visit_item_static(self, item);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.name(&variant.ident);
        visit::visit_variant(self, variant);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if let Some(ident) = &field.ident {
            self.name(ident);
        }
        visit::visit_field(self, field);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        let value = local.init.as_ref().map(|init| &*init.expr);
        if is_tuple_pattern(&local.pat) && matches!(value, Some(syn::Expr::Tuple(_))) {
            let place = self.place(local.span());
            self.measured.tuple_lets.push(place);
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_match(&mut self, expression: &'ast syn::ExprMatch) {
        if expression.arms.iter().any(|arm| is_bool(&arm.pat)) {
            let place = self.place(expression.span());
            self.measured.bool_matches.push(place);
        }
        visit::visit_expr_match(self, expression);
    }
}

fn is_tuple_pattern(pattern: &syn::Pat) -> bool {
    match pattern {
        syn::Pat::Tuple(_) => true,
        syn::Pat::Type(typed) => is_tuple_pattern(&typed.pat),
        _ => false,
    }
}

fn is_bool(pattern: &syn::Pat) -> bool {
    matches!(pattern, syn::Pat::Lit(literal) if matches!(literal.lit, syn::Lit::Bool(_)))
}
