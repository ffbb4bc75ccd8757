//! The figures, for people.

use super::{Drained, Latency};
use crate::commands::exit::Failure;
use crate::commands::output::print;

/// What the gate may cost, in processor time of the bare loop.
const BAR: f64 = 1.25;

/// Prints every round, the median ratio, and the latency.
pub(super) fn report(
    rounds: &[(Drained, Drained)],
    latency: Option<&Latency>,
) -> Result<(), Failure> {
    let mut text =
        String::from("round  who        messages/s  CPU-s per million  peak MiB  ratio of CPU-s\n");
    for (number, (gate, bare)) in rounds.iter().enumerate() {
        let ratio = format!("{:.2}", ratio(gate, bare));
        text.push_str(&line(number + 1, "gate", gate, &ratio));
        text.push_str(&line(number + 1, "bare loop", bare, "1.00"));
    }
    let ratios = rounds.iter().map(|(gate, bare)| ratio(gate, bare));
    if let Some(median) = median(ratios.collect()) {
        let verdict = if median <= BAR { "within" } else { "above" };
        text.push_str(&format!(
            "median ratio {median:.2}, {verdict} the bar of {BAR} (gate: exactly once, commits every \
             100 ms; bare loop: at least once, no decision)\n",
        ));
    }
    if let Some(latency) = latency {
        let percentile = |percent| latency.percentile_ms(percent).unwrap_or_default();
        text.push_str(&format!(
            "added latency at {} messages a second: p50 {} ms, p99 {} ms ({} messages; from the \
             input's timestamp until a reader of committed records sees it)\n",
            latency.rate,
            percentile(50),
            percentile(99),
            latency.count(),
        ));
    }
    print(&text)
}

fn line(round: usize, who: &str, drained: &Drained, ratio: &str) -> String {
    format!(
        "{round:<5}  {who:<9}  {:>10.0}  {:>17.3}  {:>8}  {ratio:>14}\n",
        drained.per_second,
        drained.processor_s_per_million,
        drained.peak_bytes >> 20,
    )
}

fn ratio(gate: &Drained, bare: &Drained) -> f64 {
    gate.processor_s_per_million / bare.processor_s_per_million
}

/// The middle one; of two the mean.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let upper = values.get(values.len() / 2)?;
    let lower = values.get(values.len().saturating_sub(1) / 2)?;
    Some((lower + upper) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one_or_the_mean_of_two() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }
}
