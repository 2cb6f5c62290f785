//! Precision where fewer people have synkinesis than in the data set.

use crate::training::metrics::Z;

/// Share of people with facial palsy who come to have synkinesis, by which the task names precision; in a data set
/// of our own making the share is whatever was drawn.
pub const PREVALENCE: f64 = 0.21;

/// Bayes' rule; `None` where nobody would be called.
pub fn precision(recall: f64, specificity: f64) -> Option<f64> {
    let (right, wrong) = (recall * PREVALENCE, (1.0 - specificity) * (1.0 - PREVALENCE));
    (right + wrong > 0.0).then(|| right / (right + wrong))
}

/// The adjusted logit interval of Mercaldo, Lau and Zhou (2007) for `hits` of `with` found and `spared` of
/// `without` spared, at 95 %. It is widened to hold the plain estimate, which may lie at 1.
pub fn interval95([hits, with]: [f64; 2], [spared, without]: [f64; 2]) -> Option<[f64; 2]> {
    if with <= 0.0 || without <= 0.0 {
        return None;
    }
    let estimate = precision(hits / with, spared / without);
    // Agresti and Coull's: as if z squared more cases had been seen, half of them hits.
    let (more, with, without) = (Z * Z, with + Z * Z, without + Z * Z);
    let (recall, specificity) = ((hits + more / 2.0) / with, (spared + more / 2.0) / without);
    let odds = recall * PREVALENCE / ((1.0 - specificity) * (1.0 - PREVALENCE));
    let variance = (1.0 - recall) / recall / with + specificity / (1.0 - specificity) / without;
    let at = |shift: f64| 1.0 / (1.0 + (-(odds.ln() + shift * variance.sqrt())).exp());
    let (low, high) = (at(-Z), at(Z));
    Some([estimate.map_or(low, |it| low.min(it)), estimate.map_or(high, |it| high.max(it))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bayes_by_hand() {
        // 0.9 x 0.21 = 0.189 found, 0.1 x 0.79 = 0.079 called wrongly.
        assert!((precision(0.9, 0.9).unwrap() - 0.189 / 0.268).abs() < 1e-12);
        assert_eq!(precision(1.0, 1.0), Some(1.0));
        assert_eq!(precision(0.0, 1.0), None);
    }

    #[test]
    fn the_interval_holds_the_estimate_and_narrows_with_people() {
        let width = |people: f64| {
            let [low, high] = interval95([0.9 * people, people], [0.9 * people, people]).unwrap();
            let estimate = precision(0.9, 0.9).unwrap();
            assert!(low < estimate && estimate < high && 0.0 < low && high < 1.0);
            high - low
        };
        assert!(width(30.0) > 1.9 * width(300.0));
        let [low, high] = interval95([28.0, 28.0], [52.0, 52.0]).unwrap();
        assert!((0.6..0.95).contains(&low) && high == 1.0, "{low} {high}");
        assert_eq!(interval95([1.0, 1.0], [0.0, 0.0]), None);
    }
}
