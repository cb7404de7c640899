//! Functions and their sizes, from the syntax tree.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

pub(crate) struct Function {
    pub(crate) name: String,
    /// From the signature to the closing brace.
    pub(crate) lines: usize,
    /// Where it starts.
    pub(crate) line: usize,
}

/// The functions of a source; none when it does not parse, which the compiler says better.
pub(crate) fn of(source: &str) -> Vec<Function> {
    let mut found = Found(Vec::new());
    if let Ok(file) = syn::parse_file(source) {
        found.visit_file(&file);
    }
    found.0
}

struct Found(Vec<Function>);

impl Found {
    fn add(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let (first, last) = (signature.span().start().line, block.span().end().line);
        self.0.push(Function { name: signature.ident.to_string(), lines: last + 1 - first, line: first });
    }
}

impl<'ast> Visit<'ast> for Found {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.add(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.add(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.add(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }
}
