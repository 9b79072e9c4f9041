//! Whether a server's URI is handed out, by what probes of it say.

use std::num::NonZeroU8;

/// What a probe, a real Allocate request, came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probed {
    /// It gave an allocation.
    Good,
    /// It answered with this error code: it lives, and takes nobody. 403 is what a coturn answers that drains, 486 is a quota, 508 no
    /// capacity (RFC 8656 §7.2); 401 behind the challenge is a secret that it does not share.
    Refused(u16),
    /// No answer, a broken one, or no connection.
    Dead,
}

/// The health of one URI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Not probed yet: handed out.
    Unproven,
    /// Handed out; so many probes in a row found it dead.
    Healthy {
        /// Dead probes in a row.
        dead: u8,
    },
    /// Not handed out; so many probes in a row were good.
    Out {
        /// Good probes in a row.
        good: u8,
    },
}

/// How quick a URI is to leave and to return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthRules {
    /// So many dead probes in a row take it out. One that was refused does at once: the server said so.
    pub dead_probes: NonZeroU8,
    /// So many good probes in a row bring it back.
    pub good_probes: NonZeroU8,
}

impl Default for HealthRules {
    /// A probe sends again what is lost, so one that fails is no lost packet; two tell a restart from an end.
    fn default() -> Self {
        let two = NonZeroU8::MIN.saturating_add(1);
        Self { dead_probes: two, good_probes: two }
    }
}

impl Health {
    /// Whether the URI is handed out.
    #[must_use]
    pub fn is_handed_out(self) -> bool {
        match self {
            Self::Unproven | Self::Healthy { .. } => true,
            Self::Out { .. } => false,
        }
    }

    /// Its health behind one more probe.
    #[must_use]
    pub fn after(self, probed: Probed, rules: &HealthRules) -> Self {
        match (self, probed) {
            (Self::Unproven | Self::Healthy { .. }, Probed::Good) => Self::Healthy { dead: 0 },
            (Self::Out { good }, Probed::Good) if good + 1 >= rules.good_probes.get() => Self::Healthy { dead: 0 },
            (Self::Out { good }, Probed::Good) => Self::Out { good: good + 1 },
            (Self::Healthy { dead }, Probed::Dead) if dead + 1 < rules.dead_probes.get() => {
                Self::Healthy { dead: dead + 1 }
            }
            // One that never was good need not be given the benefit of the doubt.
            (_, Probed::Dead | Probed::Refused(_)) => Self::Out { good: 0 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(probes: &[Probed]) -> Health {
        probes.iter().fold(Health::Unproven, |health, probed| health.after(*probed, &HealthRules::default()))
    }

    #[test]
    fn an_unproven_one_is_handed_out_until_its_first_probe_fails() {
        assert!(Health::Unproven.is_handed_out());
        assert!(after(&[Probed::Good]).is_handed_out());
        assert!(!after(&[Probed::Dead]).is_handed_out());
    }

    #[test]
    fn two_dead_probes_in_a_row_take_it_out() {
        use Probed::{Dead, Good};
        assert!(after(&[Good, Dead]).is_handed_out());
        assert!(after(&[Good, Dead, Good, Dead]).is_handed_out());
        assert!(!after(&[Good, Dead, Dead]).is_handed_out());
    }

    #[test]
    fn one_that_refuses_leaves_at_once() {
        for code in [401, 403, 486, 508] {
            assert!(!after(&[Probed::Good, Probed::Refused(code)]).is_handed_out(), "{code}");
        }
    }

    #[test]
    fn two_good_probes_in_a_row_bring_it_back() {
        use Probed::{Dead, Good, Refused};
        assert!(!after(&[Refused(486), Good]).is_handed_out());
        assert!(!after(&[Refused(486), Good, Dead, Good]).is_handed_out());
        assert!(!after(&[Refused(486), Good, Refused(508), Good]).is_handed_out());
        assert!(after(&[Refused(486), Good, Good]).is_handed_out());
    }
}
