//! An amount as Kubernetes writes it: `100m`, `0.5`, `200Mi`, `1e3`.

/// An amount, in billionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(i128);

/// 2^63 - 1.
const MOST: i128 = 9_223_372_036_854_775_807 * 1_000_000_000;

impl Quantity {
    /// The amount that a text writes. What is beyond 2^63 counts as that, and what is below a billionth
    /// as one, as Kubernetes has it.
    pub fn parse(text: &str) -> Option<Quantity> {
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, suffix) = rest.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return None;
        }
        let (base, exponent) = scale(suffix)?;
        let mut value: f64 =
            format!("{}.{fraction}", if whole.is_empty() { "0" } else { whole }).parse().ok()?;
        value *= base.powi(exponent) * 1e9;
        // Nothing that isn't zero becomes zero.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a cast from a float keeps to the bounds of its type"
        )]
        let amount = exact(whole, fraction, base, exponent).unwrap_or_else(|| value.ceil() as i128).min(MOST);
        Some(Quantity(if negative { -amount } else { amount }))
    }

    /// The amount as a number, to the precision that one has.
    #[expect(clippy::cast_precision_loss, reason = "amounts of machines are far from where it loses any")]
    pub fn to_number(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.0 < 0
    }
}

/// The base and the exponent that a suffix stands for.
fn scale(suffix: &str) -> Option<(f64, i32)> {
    Some(match suffix {
        "n" => (10.0, -9),
        "u" => (10.0, -6),
        "m" => (10.0, -3),
        "" => (10.0, 0),
        "k" => (10.0, 3),
        "M" => (10.0, 6),
        "G" => (10.0, 9),
        "T" => (10.0, 12),
        "P" => (10.0, 15),
        "E" => (10.0, 18),
        "Ki" => (2.0, 10),
        "Mi" => (2.0, 20),
        "Gi" => (2.0, 30),
        "Ti" => (2.0, 40),
        "Pi" => (2.0, 50),
        "Ei" => (2.0, 60),
        _ => {
            let exponent = suffix.strip_prefix(['e', 'E'])?;
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            let plain = !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|b| b.is_ascii_digit());
            (10.0, exponent.parse().ok().filter(|_| plain)?)
        }
    })
}

/// The amount without rounding, if it fits and needs none.
fn exact(whole: &str, fraction: &str, base: f64, exponent: i32) -> Option<i128> {
    let digits: i128 = format!("0{whole}{fraction}").parse().ok()?;
    let places = u32::try_from(fraction.len()).ok()?;
    let up = |base: i128, by: i32| base.checked_pow(u32::try_from(by).ok()?);
    let value = if base == 2.0 {
        digits.checked_mul(1_000_000_000)?.checked_mul(up(2, exponent)?)?
    } else {
        let by = exponent + 9;
        if by < 0 {
            return None;
        }
        digits.checked_mul(up(10, by)?)?
    };
    let unit = 10_i128.checked_pow(places)?;
    (value % unit == 0).then_some(value / unit)
}

#[cfg(test)]
mod tests {
    use super::Quantity;

    #[test]
    fn amounts_compare_whatever_their_unit() {
        let ascending =
            ["-1", "0", "1n", "100m", "0.5", ".75", "1", "1e3", "1Ki", "1.5Ki", "200Mi", "1G", "1Gi", "2E"];
        for pair in ascending.windows(2) {
            assert!(Quantity::parse(pair[0]) < Quantity::parse(pair[1]), "{pair:?}");
        }
        for (one, other) in [("1000m", "1"), ("1Gi", "1024Mi"), ("0.5", "500m"), ("1e3", "1k"), ("1.", "+1")]
        {
            assert_eq!(Quantity::parse(one), Quantity::parse(other), "{one}");
        }
        assert_eq!(Quantity::parse("1e9999"), Quantity::parse("9e999"));
        assert!(Quantity::parse("0.0000000001") > Quantity::parse("0"));
    }

    #[test]
    fn what_is_no_amount_is_none() {
        for bad in ["", "-", ".", "1.2.3", "200MB", "100 m", "Mi", "1e", "0x10", "1,5", "--1", "∞", "1e+-1"]
        {
            assert_eq!(Quantity::parse(bad), None, "{bad}");
        }
    }
}
