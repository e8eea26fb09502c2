//! Which schemes belong on one line: those of one family that differ in one
//! parameter.

use std::collections::BTreeSet;

/// The lines, each with the places of its schemes in the list, in the order of
/// the list. Where several parameters of a family vary, the one of most values
/// runs along the line and the others name it.
pub(super) fn lines(schemes: &[&str]) -> Vec<(String, Vec<usize>)> {
    let mut lines: Vec<(String, Vec<usize>)> = Vec::new();
    for (index, scheme) in schemes.iter().enumerate() {
        let name = line_of(scheme, schemes);
        match lines.iter_mut().find(|(line, _)| *line == name) {
            Some((_, members)) => members.push(index),
            None => lines.push((name, vec![index])),
        }
    }
    lines
}

/// The family of a scheme: what stands before the colon.
pub(super) fn family(scheme: &str) -> &str {
    scheme.split(':').next().unwrap_or(scheme)
}

fn line_of(scheme: &str, all: &[&str]) -> String {
    let values = |key: &str| -> usize {
        let of_family = all.iter().filter(|other| family(other) == family(scheme));
        let of_key = of_family.flat_map(|other| parameters(other)).filter(|(k, _)| *k == key);
        of_key.map(|(_, value)| value).collect::<BTreeSet<_>>().len()
    };
    let mut swept: Option<(&str, usize)> = None;
    for (key, _) in parameters(scheme) {
        let count = values(key);
        if count > swept.map_or(1, |(_, most)| most) {
            swept = Some((key, count));
        }
    }
    let fixed = parameters(scheme)
        .filter(|(key, _)| swept.is_some_and(|(swept, _)| *key != swept) && values(key) > 1)
        .map(|(key, value)| format!(" {key}={value}"));
    family(scheme).to_owned() + &fixed.collect::<String>()
}

fn parameters(scheme: &str) -> impl Iterator<Item = (&str, &str)> {
    let list = scheme.split_once(':').map_or("", |(_, list)| list);
    list.split(',').filter_map(|parameter| parameter.split_once('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_parameter_runs_along_a_line() {
        let schemes = [
            "rev:r=4",
            "rev:r=8",
            "bloom:m=4,k=1",
            "bloom:m=4,k=2",
            "bloom:m=8,k=1",
            "bloom:m=8,k=2",
            "bloom:m=16,k=1",
            "lamport",
            "vc-capped:k=4,drop=oldest,seed=0",
        ];
        let lines = lines(&schemes);
        let expected = [
            ("rev", vec![0, 1]),
            ("bloom k=1", vec![2, 4, 6]),
            ("bloom k=2", vec![3, 5]),
            ("lamport", vec![7]),
            ("vc-capped", vec![8]),
        ];
        assert_eq!(lines, expected.map(|(name, members)| (name.to_owned(), members)));
    }
}
