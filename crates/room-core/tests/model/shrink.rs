//! The shortest list of steps that still fails.

use std::fmt::Write as _;

use antiphon_room_core::RoomConfig;

use crate::{
    cluster::run,
    rules::Rules,
    steps::{Step, steps},
};

/// What to print of a seed that fails.
pub(crate) fn report(rules: &dyn Rules, seed: u64, commands: usize) -> String {
    let (config, steps) = steps(seed, commands);
    let steps = shrink(rules, &config, steps);
    let wrong = run(rules, &config, &steps).err().unwrap_or_else(|| String::from("nothing, the second time"));
    let mut report = format!("seed {seed}: {wrong}\n{config:?}\n");
    for step in &steps {
        writeln!(report, "{step:?}").expect("a String grows");
    }
    report
}

/// Takes out ever smaller stretches for as long as what is left fails.
fn shrink(rules: &dyn Rules, config: &RoomConfig, mut steps: Vec<Step>) -> Vec<Step> {
    let mut stretch = steps.len() / 2;
    while stretch > 0 {
        let mut from = 0;
        while from < steps.len() {
            let mut fewer = steps.clone();
            fewer.drain(from..(from + stretch).min(steps.len()));
            if run(rules, config, &fewer).is_err() {
                steps = fewer;
            } else {
                from += stretch;
            }
        }
        stretch /= 2;
    }
    steps
}
