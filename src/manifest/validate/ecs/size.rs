//! The sizes that a task of Fargate can have.

use std::fmt::{self, Display, Formatter};

/// A size of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// In units of 1/1024 vCPU.
    pub cpu: i64,
    /// In MiB.
    pub memory: i64,
}

/// The memory that goes with a cpu.
#[derive(Clone, Copy, Debug)]
pub enum Memory {
    /// One of these.
    Of(&'static [i64]),
    /// From the first to the second, in steps of the third.
    Steps(i64, i64, i64),
}

/// The sizes of Fargate, as the API's own documentation and cfn-lint have them.
const SIZES: [(i64, Memory); 8] = [
    (256, Memory::Of(&[512, 1024, 2048])),
    (512, Memory::Of(&[1024, 2048, 3072, 4096])),
    (1024, Memory::Steps(2048, 8192, 1024)),
    (2048, Memory::Steps(4096, 16384, 1024)),
    (4096, Memory::Steps(8192, 30720, 1024)),
    (8192, Memory::Steps(16384, 61440, 4096)),
    (16384, Memory::Steps(32768, 122_880, 8192)),
    (32768, Memory::Of(&[61440, 122_880, 249_856])),
];

impl Size {
    /// The smallest size that holds that much.
    pub fn holding(cpu: i64, memory: i64) -> Option<Size> {
        let large = SIZES.iter().filter(|(has, _)| *has >= cpu);
        large.filter_map(|(cpu, memories)| Some(Size { cpu: *cpu, memory: memories.holding(memory)? })).next()
    }

    /// All values of cpu.
    pub fn cpus() -> impl Iterator<Item = i64> {
        SIZES.iter().map(|(cpu, _)| *cpu)
    }

    /// The memory that goes with a cpu; `None` when no size has that cpu.
    pub fn memory_of(cpu: i64) -> Option<Memory> {
        SIZES.iter().find(|(has, _)| *has == cpu).map(|(_, memory)| *memory)
    }
}

impl Memory {
    /// Whether it is among them.
    pub fn has(self, memory: i64) -> bool {
        self.holding(memory) == Some(memory)
    }

    /// The least of them that isn't less.
    fn holding(self, memory: i64) -> Option<i64> {
        match self {
            Memory::Of(all) => all.iter().copied().find(|one| *one >= memory),
            Memory::Steps(least, most, step) => {
                // Every row begins at a multiple of its step.
                let next = memory.max(least).checked_add(step - 1)? / step * step;
                (next <= most).then_some(next)
            }
        }
    }
}

/// As it is written in app.yaml.
impl Display for Size {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "task: {{ cpu: {}, memory: {} }}", self.cpu, self.memory)
    }
}

impl Display for Memory {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Memory::Of(all) => {
                for (index, one) in all.iter().enumerate() {
                    let before = match index {
                        0 => "",
                        _ if index + 1 == all.len() => " or ",
                        _ => ", ",
                    };
                    write!(f, "{before}{one}")?;
                }
                Ok(())
            }
            Memory::Steps(least, most, step) => write!(f, "from {least} to {most} in steps of {step}"),
        }
    }
}

/// A cpu as the API takes it, in its units: `256`, `.25 vCPU`.
pub fn cpu(text: &str) -> Option<i64> {
    amount(text, "vcpu")
}

/// A memory as the API takes it, in MiB: `512`, `0.5 GB`.
pub fn memory(text: &str) -> Option<i64> {
    amount(text, "gb")
}

/// A whole number, or a decimal number of `unit`, which is 1024 of the others.
fn amount(text: &str, unit: &str) -> Option<i64> {
    let text = text.trim().to_ascii_lowercase();
    let Some(number) = text.strip_suffix(unit) else { return digits(&text) };
    let (whole, fraction) = number.trim_end().split_once('.').unwrap_or((number.trim_end(), "0"));
    let whole = if whole.is_empty() { 0 } else { digits(whole)? };
    let scale = 10_i64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let part = digits(fraction)?.checked_mul(1024)?;
    (part % scale == 0).then_some(())?;
    whole.checked_mul(1024)?.checked_add(part / scale)
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|b| b.is_ascii_digit()).then_some(())?;
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{SIZES, Size, cpu, memory};

    #[test]
    fn amounts_are_read_as_the_api_reads_them() {
        assert_eq!(cpu("256"), Some(256));
        assert_eq!(cpu(".25 vCPU"), Some(256));
        assert_eq!(cpu("0.5vcpu"), Some(512));
        assert_eq!(cpu("2 vCPU"), Some(2048));
        assert_eq!(memory("0.5 GB"), Some(512));
        assert_eq!(memory("30GB"), Some(30720));
        for text in ["256m", "", "1.5", "-1", "1.0001 vCPU", "vCPU.", "512Mi", "99999999999999999999"] {
            assert_eq!(cpu(text), None, "{text}");
        }
        assert_eq!(memory("9999999999999999 GB"), None);
    }

    #[test]
    fn the_smallest_size_holds_what_is_asked() {
        let holding = |cpu, memory| Size::holding(cpu, memory).map(|size| (size.cpu, size.memory));
        assert_eq!(holding(0, 0), Some((256, 512)));
        assert_eq!(holding(256, 1500), Some((256, 2048)));
        assert_eq!(holding(100, 3000), Some((512, 3072)));
        assert_eq!(holding(300, 100), Some((512, 1024)));
        assert_eq!(holding(8192, 17000), Some((8192, 20480)));
        assert_eq!(holding(20000, 1), Some((32768, 61440)));
        assert_eq!(holding(1, 300_000), None);
        assert_eq!(holding(1, i64::MAX), None);
    }

    #[test]
    fn every_row_begins_at_a_size() {
        for (cpu, memory) in SIZES {
            let least = memory.holding(0).unwrap();
            assert!(memory.has(least) && !memory.has(least - 1), "{cpu}");
        }
    }
}
