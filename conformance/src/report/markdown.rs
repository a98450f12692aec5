use super::Report;

pub(super) fn write(report: &Report) -> String {
    report.target.clone()
}
