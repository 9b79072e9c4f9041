//! What is relayed: which allocation it belongs to, which packet it is, and bytes that no other packet has in the same places.

/// Allocation (4), sequence number (8).
const HEADER_BYTES: usize = 12;
/// Starts of the pattern; a prime, so that neighbours differ.
const STARTS: usize = 251;

/// Packets of one size.
#[derive(Debug)]
pub(super) struct Payload {
    pattern: Vec<u8>,
    body_bytes: usize,
}

/// Which packet it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) allocation: u32,
    pub(super) sequence: u64,
}

impl Payload {
    /// Packets of so many bytes; of the label alone, where that is more.
    pub(super) fn new(bytes: usize) -> Self {
        let body_bytes = bytes.saturating_sub(HEADER_BYTES);
        // A linear congruential sequence: no run of it repeats within a packet.
        let mut state: u32 = 1;
        let pattern = (0..body_bytes + STARTS).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        Self { pattern: pattern.collect(), body_bytes }
    }

    /// Its bytes, appended.
    pub(super) fn write(&self, label: Label, into: &mut Vec<u8>) {
        into.extend_from_slice(&label.allocation.to_be_bytes());
        into.extend_from_slice(&label.sequence.to_be_bytes());
        into.extend_from_slice(self.body(label));
    }

    pub(super) fn len(&self) -> usize {
        HEADER_BYTES + self.body_bytes
    }

    /// What the bytes say that they are; whether they are is for [`Payload::is_intact`] to tell.
    pub(super) fn label(&self, bytes: &[u8]) -> Option<Label> {
        let (allocation, rest) = bytes.split_first_chunk()?;
        let sequence = rest.first_chunk()?;
        Some(Label { allocation: u32::from_be_bytes(*allocation), sequence: u64::from_be_bytes(*sequence) })
    }

    /// Whether the bytes are as they were written.
    pub(super) fn is_intact(&self, label: Label, bytes: &[u8]) -> bool {
        bytes.get(HEADER_BYTES..).is_some_and(|body| body == self.body(label))
    }

    fn body(&self, label: Label) -> &[u8] {
        let start = (label.sequence % STARTS as u64) as usize;
        &self.pattern[start..start + self.body_bytes]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(payload: &Payload, label: Label) -> Vec<u8> {
        let mut bytes = Vec::new();
        payload.write(label, &mut bytes);
        bytes
    }

    #[test]
    fn a_packet_that_came_as_it_was_written_says_whose_it_is() {
        for size in [HEADER_BYTES, 160, 1_200] {
            let (payload, label) = (Payload::new(size), Label { allocation: 7, sequence: 1 << 40 });
            let bytes = written(&payload, label);
            assert_eq!((bytes.len(), payload.len()), (size, size));
            assert_eq!(payload.label(&bytes), Some(label));
            assert!(payload.is_intact(label, &bytes));
        }
    }

    #[test]
    fn a_changed_cut_or_mixed_packet_is_not_intact() {
        let (payload, label) = (Payload::new(160), Label { allocation: 7, sequence: 1_000 });
        let bytes = written(&payload, label);
        let next = written(&payload, Label { sequence: 1_001, ..label });
        let mut flipped = bytes.clone();
        flipped[100] ^= 1;
        let mixed = [&bytes[..HEADER_BYTES], &next[HEADER_BYTES..]].concat();
        for wrong in [flipped, bytes[..159].to_vec(), bytes[..3].to_vec(), mixed] {
            assert!(!payload.is_intact(label, &wrong));
        }
        assert_eq!(payload.label(&bytes[..HEADER_BYTES - 1]), None);
    }
}
