//! Every public operation consults the policy before it does anything else.

use std::{
    fs,
    path::{Path, PathBuf},
};

use syn::{FnArg, Item, ItemFn, Stmt, Visibility, visit::Visit};

/// Functions of `ops.rs` files that are not operations, each with the reason.
const NOT_OPERATIONS: &[(&str, &str)] = &[
    (
        "audit::append",
        "a part of an operation's transaction, after its decision",
    ),
    (
        "audit::enqueue",
        "a part of an operation's transaction, after its decision",
    ),
    (
        "audit::enqueue_all",
        "a part of an operation's transaction, after its decision",
    ),
    (
        "jobs::find_attempt",
        "finds out which attempt acts: there is no actor to decide about yet",
    ),
    (
        "health::probe",
        "public: says of each part whether it works, and nothing else",
    ),
    (
        "audit::stands",
        "the signer's own process, with a login of its own and no request",
    ),
    (
        "audit::verify_database",
        "the verifier's own process, with a login of its own and no request",
    ),
    (
        "audit::chain_id",
        "the signer's and verifier's own processes",
    ),
    ("audit::size", "the signer's and verifier's own processes"),
    ("workers::new_token", "makes nothing known to anybody"),
    (
        "workers::find_by_token",
        "finds out who acts: there is no actor to decide about yet",
    ),
    (
        "sessions::load",
        "finds out who acts: there is no actor to decide about yet",
    ),
];

/// Looks for `cx.may…(…)` or `cx.visible…(…)`.
#[derive(Default)]
struct Consults(bool);

impl<'ast> Visit<'ast> for Consults {
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let on_cx = matches!(&*call.receiver, syn::Expr::Path(path) if path.path.is_ident("cx"));
        let name = call.method.to_string();
        if on_cx && (name.starts_with("may") || name.starts_with("visible")) {
            self.0 = true;
        }
        syn::visit::visit_expr_method_call(self, call);
    }
}

fn consults_first(function: &ItemFn) -> bool {
    let takes_cx = function.sig.inputs.first().is_some_and(|input| match input {
        FnArg::Typed(typed) => match &*typed.ty {
            syn::Type::Reference(reference) => matches!(&*reference.elem,
                syn::Type::Path(path) if path.path.segments.last().is_some_and(|s| s.ident == "Cx")),
            _ => false,
        },
        FnArg::Receiver(_) => false,
    });
    let mut found = Consults::default();
    match function.block.stmts.first() {
        Some(Stmt::Local(local)) => found.visit_local(local),
        Some(Stmt::Expr(expr, _)) => found.visit_expr(expr),
        _ => {}
    }
    takes_cx && found.0
}

fn operations(file: &Path, source: &str) -> Vec<(String, bool)> {
    let noun = file
        .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .ok()
        .and_then(|path| path.iter().next())
        .map(|part| part.to_string_lossy().into_owned())
        .unwrap_or_default();
    let parsed = syn::parse_file(source).expect("the crate compiles, so its files parse");
    let functions = parsed.items.iter().filter_map(|item| match item {
        Item::Fn(function) if matches!(function.vis, Visibility::Public(_)) => Some(function),
        _ => None,
    });
    functions
        .map(|f| (format!("{noun}::{}", f.sig.ident), consults_first(f)))
        .collect()
}

fn ops_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)
        .expect("the source folder is there")
        .flatten()
    {
        let path = entry.path();
        let in_ops = path
            .parent()
            .and_then(Path::file_name)
            .is_some_and(|name| name == "ops");
        if path.is_dir() {
            files.extend(ops_files(&path));
        } else if path.file_name().is_some_and(|name| name == "ops.rs")
            || in_ops && path.extension().is_some_and(|ending| ending == "rs")
        {
            files.push(path);
        }
    }
    files
}

#[test]
fn every_public_operation_consults_the_policy_first() {
    let files = ops_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    assert!(
        !files.is_empty(),
        "no operations found: the walk looks in the wrong place"
    );
    let wrong: Vec<String> = files
        .iter()
        .flat_map(|file| operations(file, &fs::read_to_string(file).expect("readable")))
        .filter(|(name, consults)| !consults && NOT_OPERATIONS.iter().all(|(n, _)| n != name))
        .map(|(name, _)| name)
        .collect();
    assert!(
        wrong.is_empty(),
        "operations that act before they ask: {wrong:?}"
    );
}

#[test]
fn the_walk_notices_an_operation_that_does_not_ask() {
    let asks = "pub async fn list(cx: &Cx) -> Result<()> { cx.may(Action::Search).await?; Ok(()) }";
    let acts = "pub async fn list(cx: &Cx) -> Result<()> { let x = 1; cx.may(Action::Search).await?; Ok(()) }";
    let without =
        "pub async fn list(db: &PgPool) -> Result<()> { cx.may(Action::Search).await?; Ok(()) }";
    let verdict = |source| operations(Path::new("x"), source)[0].1;
    assert!(verdict(asks));
    assert!(!verdict(acts));
    assert!(!verdict(without));
}
