//! The expression language of the control repo: what may stand between `{{` and `}}`.
//!
//! A text is cut into literal parts and expressions; an expression's references are read from its
//! parsed form, so what it depends on is known before anything is evaluated. The syntax is that of
//! minijinja expressions; `{%` and `{#` are ordinary text.

use std::sync::OnceLock;

use minijinja::machinery::ast::{BinOpKind, CallArg, Expr};
use minijinja::machinery::{Span as Place, Token, parse_expr, tokenize};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, ErrorKind, UndefinedBehavior};

use super::plain_filters::{self, MAX_TEXT};

/// One part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Segment<'t> {
    /// Text that stands for itself.
    Text(&'t str),
    /// What stands between `{{` and `}}`, and the byte at which its `{{` begins.
    Expression {
        /// The expression's source, trimmed.
        source: &'t str,
        /// Offset of `{{` in the text.
        start: usize,
        /// Offset after `}}` in the text.
        end: usize,
    },
}

/// An expression that is opened at this offset and never closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unclosed(pub usize);

/// Something that an expression refers to: a root such as `env`, and the name below it if the
/// expression says it literally.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The root: `env`, `app`, `config`, `secrets`…
    pub root: String,
    /// The name below it; `None` when the root is used as a whole or with a computed name.
    pub name: Option<String>,
    /// Whether a missing name is all right here (`default`, `is defined`).
    pub optional: bool,
}

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpressionFault {
    /// It isn't a valid expression.
    Syntax(String),
    /// It names something that doesn't exist.
    Undefined,
    /// A filter or an operator can't do this.
    Operation(String),
    /// It yields a list, a mapping or nothing instead of text.
    NotText(&'static str),
}

/// The most fuel that one expression may use; bounds time and memory.
const FUEL: u64 = 20_000;
/// The deepest nesting of an expression in a template. The parser makes a long chain of operators or calls as
/// deep as it is long, without a limit of its own, and whatever walks it then needs that much stack.
const MAX_NESTING: usize = 200;
/// The most tokens of an expression. The parser, and whoever walks or drops the tree that it makes, goes a
/// level deeper for each in the worst case, and the stack of a thread ends some time.
const MAX_TOKENS: usize = 256;
/// The most expressions of one text.
const MAX_EXPRESSIONS: usize = 1_000;

/// Cuts a text into its parts. Quoted strings and balanced braces inside an expression may hold `}}`.
pub fn split(text: &str) -> Result<Vec<Segment<'_>>, Unclosed> {
    let mut segments = Vec::new();
    let mut rest = 0;
    while let Some(open) = text[rest..].find("{{").map(|i| rest + i) {
        if open > rest {
            segments.push(Segment::Text(&text[rest..open]));
        }
        let close = closing(&text[open + 2..]).map(|i| open + 2 + i).ok_or(Unclosed(open))?;
        segments.push(Segment::Expression {
            source: text[open + 2..close].trim(),
            start: open,
            end: close + 2,
        });
        rest = close + 2;
    }
    if rest < text.len() {
        segments.push(Segment::Text(&text[rest..]));
    }
    Ok(segments)
}

/// Why a text has no value that was cut into more parts than anybody means. `Ok` for all others.
pub fn within_budget(text: &str, segments: &[Segment<'_>]) -> Result<(), ExpressionFault> {
    if text.len() > MAX_TEXT {
        return Err(ExpressionFault::Operation("a text with expressions is at most 1 MiB long".into()));
    }
    // Every second part can be text.
    if segments.len() > 2 * MAX_EXPRESSIONS {
        return Err(ExpressionFault::Operation("a text has at most 1,000 expressions".into()));
    }
    Ok(())
}

/// Whether a text has an expression in it.
pub fn has_expression(text: &str) -> bool {
    text.contains("{{")
}

fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth, mut quote) = (0, 0usize, None);
    while at < bytes.len() {
        let byte = bytes[at];
        match (quote, byte) {
            (Some(_), b'\\') => at += 1,
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'{') => depth += 1,
            (None, b'}') if depth > 0 => depth -= 1,
            (None, b'}') if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            (None, _) => {}
        }
        at += 1;
    }
    None
}

/// What an expression refers to, in the order in which it says so.
pub fn references(source: &str) -> Result<Vec<Reference>, ExpressionFault> {
    let parsed = parse(source)?;
    let mut found = Vec::new();
    collect(&parsed, false, &mut found)?;
    Ok(found)
}

/// A bare use of a name: `ROOT.NAME` and the names of the filters that it goes through, if the
/// expression is exactly that.
pub fn filtered_name(source: &str) -> Option<(String, String, Vec<String>)> {
    let parsed = parse(source).ok()?;
    let mut filters = Vec::new();
    let mut expr = &parsed;
    while let Expr::Filter(filter) = expr {
        if !filter.args.is_empty() {
            return None;
        }
        filters.push(filter.name.to_string());
        expr = filter.expr.as_ref()?;
    }
    filters.reverse();
    named(expr).map(|(root, name)| (root.to_string(), name, filters))
}

/// Evaluates an expression to text. `context` is a mapping of the roots.
pub fn evaluate(source: &str, context: &Value) -> Result<String, ExpressionFault> {
    require_short(source)?;
    let expression =
        engine().compile_expression(source).map_err(|e| ExpressionFault::Syntax(describe(&e)))?;
    let value = expression.eval(context.clone()).map_err(|e| match e.kind() {
        ErrorKind::UndefinedError => ExpressionFault::Undefined,
        ErrorKind::SyntaxError => ExpressionFault::Syntax(describe(&e)),
        _ => ExpressionFault::Operation(describe(&e)),
    })?;
    let text = match value.kind() {
        ValueKind::String | ValueKind::Number | ValueKind::Bool => value.to_string(),
        ValueKind::Undefined => return Err(ExpressionFault::Undefined),
        ValueKind::None => return Err(ExpressionFault::NotText("nothing")),
        ValueKind::Map => return Err(ExpressionFault::NotText("a mapping")),
        ValueKind::Seq | ValueKind::Iterable => return Err(ExpressionFault::NotText("a list")),
        _ => return Err(ExpressionFault::NotText("something that isn't text")),
    };
    if text.len() > MAX_TEXT {
        return Err(ExpressionFault::Operation("the result is longer than 1 MiB".into()));
    }
    Ok(text)
}

/// Where an expression, or one in a template, becomes nested too deeply. To be asked before a text is
/// parsed. Invalid text has no such place.
pub fn too_nested(source: &str, is_expression: bool, syntax: &SyntaxConfig) -> Option<Place> {
    // Depths by open bracket; what commas separate stands side by side.
    let mut open = vec![0usize];
    // Branches by open `if`: each lies in the one before it.
    let mut branches: Vec<usize> = Vec::new();
    let mut starts_block = false;
    for token in tokenize(source, is_expression, syntax.clone()) {
        let Ok((token, place)) = token else { return None };
        let is_first = std::mem::replace(&mut starts_block, matches!(token, Token::BlockStart));
        let last = open.last_mut().expect("the outermost level is never closed");
        match token {
            Token::BlockStart | Token::VariableStart => open = vec![0],
            Token::Ident("if") if is_first => branches.push(1),
            Token::Ident("elif") if is_first => {
                branches.last_mut().into_iter().for_each(|count| *count += 1);
            }
            Token::Ident("endif") if is_first => {
                branches.pop();
            }
            Token::Comma => *last = 0,
            Token::BracketOpen | Token::ParenOpen | Token::BraceOpen => {
                *last += 1;
                open.push(0);
            }
            Token::BracketClose | Token::ParenClose | Token::BraceClose => {
                if open.len() > 1 {
                    open.pop();
                }
            }
            Token::Ident(word) if !matches!(word, "and" | "or" | "not" | "is" | "in" | "if") => {}
            Token::TemplateData(_)
            | Token::VariableEnd
            | Token::BlockEnd
            | Token::Str(_)
            | Token::String(_)
            | Token::Int(_)
            | Token::Int128(_)
            | Token::Float(_)
            | Token::Colon
            | Token::Assign => {}
            _ => *last += 1,
        }
        if open.iter().sum::<usize>() > MAX_NESTING || branches.iter().sum::<usize>() > MAX_NESTING {
            return Some(place);
        }
    }
    None
}

fn parse(source: &str) -> Result<Expr<'_>, ExpressionFault> {
    require_short(source)?;
    parse_expr(source).map_err(|e| ExpressionFault::Syntax(describe(&e)))
}

fn require_short(source: &str) -> Result<(), ExpressionFault> {
    let tokens = tokenize(source, true, SyntaxConfig::default()).take(MAX_TOKENS + 1).count();
    if tokens > MAX_TOKENS {
        return Err(ExpressionFault::Operation(format!("it has more than {MAX_TOKENS} parts")));
    }
    Ok(())
}

fn engine() -> &'static Environment<'static> {
    static ENGINE: OnceLock<Environment<'static>> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let mut engine = Environment::empty();
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine.set_fuel(Some(FUEL));
        engine.set_recursion_limit(64);
        plain_filters::register(&mut engine);
        engine
    })
}

fn describe(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => detail.to_string(),
        None => error.kind().to_string(),
    }
}

fn named<'a>(expr: &'a Expr<'_>) -> Option<(&'a str, String)> {
    match expr {
        Expr::GetAttr(get) => match &get.expr {
            Expr::Var(var) => Some((var.id, get.name.to_string())),
            _ => None,
        },
        Expr::GetItem(get) => match (&get.expr, &get.subscript_expr) {
            (Expr::Var(var), Expr::Const(name)) => name.value.as_str().map(|name| (var.id, name.to_string())),
            _ => None,
        },
        _ => None,
    }
}

fn collect(expr: &Expr<'_>, optional: bool, found: &mut Vec<Reference>) -> Result<(), ExpressionFault> {
    if let Some((root, name)) = named(expr) {
        found.push(Reference { root: root.to_string(), name: Some(name), optional });
        return Ok(());
    }
    match expr {
        Expr::Var(var) => {
            found.push(Reference { root: var.id.to_string(), name: None, optional });
            Ok(())
        }
        Expr::Const(_) => Ok(()),
        Expr::Slice(slice) => {
            collect(&slice.expr, optional, found)?;
            let parts = [&slice.start, &slice.stop, &slice.step];
            collect_all(parts.into_iter().flatten(), found)
        }
        Expr::UnaryOp(op) => collect(&op.expr, false, found),
        // A repeated string isn't bounded by fuel.
        Expr::BinOp(op) if matches!(op.op, BinOpKind::Mul | BinOpKind::Pow) => {
            Err(ExpressionFault::Operation("`*` isn't available here".into()))
        }
        Expr::BinOp(op) => collect_all([&op.left, &op.right], found),
        Expr::Compare(compare) => {
            collect(&compare.expr, false, found)?;
            collect_all(compare.ops.iter().map(|op| &op.expr), found)
        }
        Expr::IfExpr(choice) => {
            collect_all([&choice.test_expr, &choice.true_expr], found)?;
            collect_all(&choice.false_expr, found)
        }
        Expr::Filter(filter) => {
            if let Some(inner) = &filter.expr {
                collect(inner, matches!(filter.name, "default" | "d"), found)?;
            }
            collect_all(filter.args.iter().map(argument), found)
        }
        Expr::Test(test) => {
            collect(&test.expr, matches!(test.name, "defined" | "undefined"), found)?;
            collect_all(test.args.iter().map(argument), found)
        }
        Expr::GetAttr(get) => collect(&get.expr, optional, found),
        Expr::GetItem(get) => {
            collect(&get.expr, optional, found)?;
            collect(&get.subscript_expr, false, found)
        }
        Expr::Call(call) => {
            collect(&call.expr, false, found)?;
            collect_all(call.args.iter().map(argument), found)
        }
        Expr::List(list) => collect_all(&list.items, found),
        Expr::Tuple(tuple) => collect_all(&tuple.items, found),
        Expr::Map(map) => collect_all(map.keys.iter().chain(&map.values), found),
    }
}

fn collect_all<'e, 's: 'e>(
    exprs: impl IntoIterator<Item = &'e Expr<'s>>,
    found: &mut Vec<Reference>,
) -> Result<(), ExpressionFault> {
    exprs.into_iter().try_for_each(|expr| collect(expr, false, found))
}

fn argument<'e, 's>(argument: &'e CallArg<'s>) -> &'e Expr<'s> {
    match argument {
        CallArg::Pos(e) | CallArg::Kwarg(_, e) | CallArg::PosSplat(e) | CallArg::KwargSplat(e) => e,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    fn texts(text: &str) -> Vec<String> {
        split(text)
            .unwrap()
            .iter()
            .map(|s| match s {
                Segment::Text(t) => format!("t:{t}"),
                Segment::Expression { source, .. } => format!("e:{source}"),
            })
            .collect()
    }

    #[test]
    fn a_text_is_cut_at_its_expressions() {
        assert_eq!(texts("plain {% x %} {# y #}"), ["t:plain {% x %} {# y #}"]);
        assert_eq!(texts("a{{ b }}c{{d}}"), ["t:a", "e:b", "t:c", "e:d"]);
        assert_eq!(texts("{{ '{{' }} x }}"), ["e:'{{'", "t: x }}"]);
        assert_eq!(texts("{{ '}}' }}"), ["e:'}}'"]);
        assert_eq!(texts("{{ {'a': {'b': 1}}['a'] }}"), ["e:{'a': {'b': 1}}['a']"]);
        assert_eq!(texts(r#"{{ "a\"}}" }}"#), [r#"e:"a\"}}""#]);
        assert_eq!(split("ok {{ env.x"), Err(Unclosed(3)));
        assert_eq!(split("{{ 'a }}"), Err(Unclosed(0)));
    }

    #[test]
    fn references_are_read_without_evaluating() {
        let of = |s: &str| {
            references(s)
                .unwrap()
                .into_iter()
                .map(|r| {
                    format!(
                        "{}.{}{}",
                        r.root,
                        r.name.unwrap_or("*".into()),
                        if r.optional { "?" } else { "" }
                    )
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(of("env.a ~ config['B'] | upper"), ["env.a", "config.B"]);
        assert_eq!(of("env.x | default(app.name)"), ["env.x?", "app.name"]);
        assert_eq!(of("config"), ["config.*"]);
        assert_eq!(of("config[env.k]"), ["config.*", "env.k"]);
        assert_eq!(of("'a' if secrets.X == 'y' else [shared.Z]"), ["secrets.X", "shared.Z"]);
    }

    #[test]
    fn evaluation_is_strict_and_bounded() {
        let context = context! { env => context! { a => "1.10", list => vec![1] } };
        assert_eq!(evaluate("env.a", &context), Ok("1.10".into()));
        assert_eq!(evaluate("1", &context), Ok("1".into()));
        assert_eq!(evaluate("env.b", &context), Err(ExpressionFault::Undefined));
        assert_eq!(evaluate("env.b | default('z')", &context), Ok("z".into()));
        assert_eq!(evaluate("env.list", &context), Err(ExpressionFault::NotText("a list")));
        assert!(matches!(evaluate("env.a |", &context), Err(ExpressionFault::Syntax(_))));
        assert!(references("'x' * 99999999").is_err());
        let bomb = "'xxxxxxxxxx'".to_string() + &" | replace('x', 'xxxxxxxxxx')".repeat(6);
        assert!(matches!(evaluate(&bomb, &context), Err(ExpressionFault::Operation(_))));
    }

    #[test]
    fn a_long_chain_is_refused_before_it_is_parsed() {
        let context = context! { env => context! { a => "x" } };
        for link in [" ~ env.a", ".a", "|upper", "()", "[0]", " or env.a", " is defined", " - 1"] {
            let chain = "env.a".to_string() + &link.repeat(100_000);
            assert!(matches!(references(&chain), Err(ExpressionFault::Operation(_))), "{link}");
            assert!(matches!(evaluate(&chain, &context), Err(ExpressionFault::Operation(_))), "{link}");
            assert_eq!(filtered_name(&chain), None, "{link}");
        }
        for open in ["not ", "-", "(", "[", "{'a': "] {
            assert!(references(&open.repeat(100_000)).is_err(), "{open}");
        }
        let wide = format!("[{}]", "env.a|upper, ".repeat(1000));
        assert!(too_nested(&wide, true, &SyntaxConfig::default()).is_none());
    }

    #[test]
    fn a_filtered_name_is_recognised_only_when_bare() {
        assert_eq!(
            filtered_name("secrets.A | urlencode | b64encode"),
            Some(("secrets".into(), "A".into(), vec!["urlencode".into(), "b64encode".into()]))
        );
        assert_eq!(filtered_name("secrets.A ~ 'x'"), None);
        assert_eq!(filtered_name("secrets.A | replace('a', 'b')"), None);
    }
}
