//! Which of the known words somebody meant.

/// The known words that resemble `word`, the nearest first; none where nothing is near.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['_', ' '], "-");
    let word = plain(word);
    // A slip in a short word, a few in a long one.
    let most = (word.chars().count() / 3).clamp(1, 4);
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .filter_map(|candidate| {
            let other = plain(candidate);
            let distance = distance(&word, &other);
            let part = word.len() > 2 && other.len() > 2;
            if distance <= most {
                Some((distance, candidate))
            } else if part && (other.starts_with(&word) || word.starts_with(&other)) {
                Some((most + 1 + distance, candidate))
            } else {
                None
            }
        })
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.dedup_by_key(|(_, candidate)| *candidate);
    near.into_iter().map(|(_, candidate)| candidate).take(3).collect()
}

/// How many letters are to be changed, added, left out, or exchanged with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) =
        (one.chars().take(64).collect(), other.chars().take(64).collect());
    let width = other.len() + 1;
    let mut table: Vec<usize> = vec![0; (one.len() + 1) * width];
    for row in 0..=one.len() {
        for column in 0..width {
            let at = |row: usize, column: usize| table[row * width + column];
            let best = if row == 0 || column == 0 {
                row + column
            } else {
                let same = one[row - 1] == other[column - 1];
                let mut best = (at(row - 1, column) + 1)
                    .min(at(row, column - 1) + 1)
                    .min(at(row - 1, column - 1) + usize::from(!same));
                let crossed = row > 1
                    && column > 1
                    && one[row - 1] == other[column - 2]
                    && one[row - 2] == other[column - 1];
                if crossed {
                    best = best.min(at(row - 2, column - 2) + 1);
                }
                best
            };
            table[row * width + column] = best;
        }
    }
    table[one.len() * width + other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_seen_through() {
        let known = ["prompt", "params", "keep", "model", "mask", "local-style"];
        assert_eq!(nearest("promt", known), ["prompt"]);
        assert_eq!(nearest("Prompt", known), ["prompt"]);
        assert_eq!(nearest("kepe", known), ["keep"]);
        assert_eq!(nearest("local_style", known), ["local-style"]);
        assert_eq!(nearest("local", known), ["local-style"]);
        assert!(nearest("xyz", known).is_empty());
        assert!(nearest("", known).is_empty());
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
