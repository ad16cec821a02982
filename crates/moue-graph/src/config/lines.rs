//! The lines of a text that name calculators, for error messages.

/// Where calculators are named in a text.
// The parser keeps no positions for what it accepts, so the lines are found by a search of their
// own. It only serves error messages: a calculator written over two lines gets line 0.
pub(super) struct CalculatorLines(Vec<(usize, String)>);

impl CalculatorLines {
    /// Finds every `calculator: "…"` of `text`.
    pub(super) fn of(text: &str) -> Self {
        let numbered = text.lines().enumerate();
        Self(
            numbered
                .filter_map(|(i, line)| Some((i + 1, calculator_name(line)?)))
                .collect(),
        )
    }

    /// The line, from 1, of the `nth` node that runs `calculator`; 0 if it was not found.
    pub(super) fn nth(&self, calculator: &str, nth: usize) -> usize {
        let mut named = self.0.iter().filter(|(_, name)| name == calculator);
        named.nth(nth).map_or(0, |(line, _)| *line)
    }
}

/// The calculator that a line names, if it names one.
fn calculator_name(line: &str) -> Option<String> {
    let code = line.split('#').next().unwrap_or_default();
    let value = &code[code.find("calculator")?..];
    let start = value.find(['"', '\''])? + 1;
    let end = start + value[start..].find(['"', '\''])?;
    Some(value[start..end].to_owned())
}
