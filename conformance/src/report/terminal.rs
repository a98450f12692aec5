use super::Report;

/// x
#[derive(Debug, Clone, Copy)]
pub struct TerminalStyle {
    /// Columns.
    pub width: usize,
    /// Whether to colour.
    pub colour: bool,
}

impl TerminalStyle {
    /// Without colours.
    #[must_use]
    pub fn plain(width: usize) -> Self {
        Self { width, colour: false }
    }
}

pub(super) fn write(report: &Report, style: TerminalStyle) -> String {
    let _ = style;
    report.alarms().map(|c| format!("{} {} {}\n", c.verdict, c.id, c.why)).collect()
}
