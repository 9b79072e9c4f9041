//! What is said about several rounds of one measurement.

/// The middle value; the mean of the two middle ones of an even number. `None` of nothing.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(sorted[middle]),
        _ => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
    }
}

/// The median of `ours / theirs`, round by round: what disturbs the machine for a while disturbs both sides of a round.
#[must_use]
pub fn median_ratio(rounds: &[(f64, f64)]) -> Option<f64> {
    let ratios: Vec<f64> = rounds.iter().map(|(ours, theirs)| ours / theirs).collect();
    median(&ratios)
}

/// The slope of the least-squares line through `(x, y)`; `None` when no line is determined.
#[must_use]
pub fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let count = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / count;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / count;
    let spread: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let covariance: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    (spread > 0.0).then(|| covariance / spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_value_or_the_mean_of_both() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn a_disturbance_of_both_sides_of_a_round_leaves_the_ratio_alone() {
        assert_eq!(median_ratio(&[(15.0, 10.0), (60.0, 40.0), (15.0, 10.0)]), Some(1.5));
    }

    #[test]
    fn one_disturbed_side_does_not_decide() {
        assert_eq!(median_ratio(&[(15.0, 10.0), (90.0, 10.0), (15.0, 10.0)]), Some(1.5));
    }

    #[test]
    fn the_slope_is_that_of_the_line_through_the_points() {
        let slope_of_line = slope(&[(0.0, 5.0), (1.0, 7.0), (2.0, 9.0)]).expect("three points");
        assert!((slope_of_line - 2.0).abs() < 1e-9);
        assert_eq!(slope(&[(1.0, 5.0)]), None);
        assert_eq!(slope(&[]), None);
    }
}
