//! A table as CSV: every digit, an estimate in three columns.

use super::table::{Table, Value};

impl Table {
    /// The table as CSV. A column of estimates becomes three: the mean under
    /// the column's own name, `…_half_width_95` and `…_seeds`.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(Vec::new());
        let header = self.columns.iter().flat_map(|column| {
            let key = &column.key;
            let more = [format!("{key}_half_width_95"), format!("{key}_seeds")];
            [key.clone()].into_iter().chain(more.into_iter().filter(|_| column.estimated))
        });
        // Writing to memory cannot fail, and rows have a value for each column.
        let mut wrote = writer.write_record(header);
        for row in &self.rows {
            let fields = self.columns.iter().zip(row).flat_map(|(column, value)| {
                let [mean, half, seeds] = fields(value);
                [mean].into_iter().chain([half, seeds].into_iter().filter(|_| column.estimated))
            });
            wrote = wrote.and_then(|()| writer.write_record(fields));
        }
        debug_assert!(wrote.is_ok(), "{}: {wrote:?}", self.name);
        String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
    }
}

fn fields(value: &Value) -> [String; 3] {
    let [mut half, mut seeds] = [const { String::new() }; 2];
    let mean = match value {
        Value::Missing => String::new(),
        Value::Text(text) => text.clone(),
        Value::Whole(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Estimate(estimate) | Value::Promised(estimate) => {
            half = estimate.half_width.map_or(String::new(), |half| half.to_string());
            seeds = estimate.seeds.to_string();
            estimate.mean.to_string()
        }
    };
    [mean, half, seeds]
}
