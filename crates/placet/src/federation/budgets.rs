//! What strangers can multiply at an authority. `docs/operating.md` shows the same table, held against this one by a test; the
//! engine's, by whose rules it resolves chains, is in `engine/src/budgets.rs`.

placet_base::budgets! {
    #[doc = "Entity statements of others, and what issuers say of trust marks, that are kept in memory."]
    KEPT = 1_024, "statements", "one goes, and is fetched anew";
    #[doc = "How long one of them is used."]
    FRESH = 60, "seconds", "fetched anew";
    #[doc = "The body of a request, which has one trust mark."]
    BODY = placet_jose::budgets::SIGNED_JWT + 1024, "bytes", "413";
}

#[cfg(test)]
mod tests {
    use placet_base::budgets::Budget;

    #[test]
    fn the_documentation_shows_this_table() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operating.md");
        let page = std::fs::read_to_string(page).unwrap();
        let row = |budget: &Budget| {
            let what = budget.what.trim_end_matches('.');
            format!("| {what} | {} {} | {} |", budget.limit, budget.unit, budget.beyond)
        };
        let rows = super::TABLE.iter().map(row).collect::<Vec<_>>().join("\n");
        assert!(page.contains(&format!("{rows}\n\n")), "docs/operating.md lacks\n{rows}");
    }
}
