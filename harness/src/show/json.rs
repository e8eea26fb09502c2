//! A table as JSON, for programs.

use serde_json::{Map, Value as Json, json};

use super::table::{Better, Column, Table, Unit, Value};

impl Table {
    /// The table as JSON: what its columns mean, and a row as an object.
    #[must_use]
    pub fn json(&self) -> Json {
        let columns = self.columns.iter().map(|column| {
            let better = match column.better {
                Better::Neither => Json::Null,
                Better::More => "more".into(),
                Better::Less => "less".into(),
            };
            let (key, heading) = (&column.key, &column.heading);
            json!({ "key": key, "heading": heading, "unit": column.unit.as_str(), "better": better })
        });
        let rows = self.rows.iter().map(|row| {
            let values = self.columns.iter().zip(row);
            let entry = |(column, value): (&Column, &Value)| {
                (column.key.clone(), json_of(value, column.unit))
            };
            values.map(entry).collect::<Map<_, _>>()
        });
        json!({
            "name": self.name,
            "title": self.title,
            "columns": columns.collect::<Vec<_>>(),
            "rows": rows.collect::<Vec<_>>(),
            "notes": self.notes,
        })
    }
}

fn json_of(value: &Value, unit: Unit) -> Json {
    match value {
        Value::Missing => Json::Null,
        Value::Text(text) => text.as_str().into(),
        Value::Whole(number) => (*number).into(),
        Value::Number(number) => (*number).into(),
        Value::Estimate(estimate) | Value::Promised(estimate) => json!({
            "mean": estimate.mean,
            "half_width_95": estimate.half_width,
            "seeds": estimate.seeds,
            // Of errors that were not seen; of other zeros it says nothing.
            "zero_bound_95": estimate.zero_bound().filter(|_| unit == Unit::Share),
            "promised": matches!(value, Value::Promised(_)),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Estimate;

    #[test]
    fn only_a_share_that_was_not_seen_has_a_bound() {
        let columns = [
            Column::estimate("share", "share", Unit::Share),
            Column::estimate("points", "points", Unit::Points),
        ];
        let mut table = Table::new("t", "t", columns);
        let zero = Estimate { seeds: 30, mean: 0.0, half_width: Some(0.0) };
        table.push([zero.into(), zero.into()]);
        let json = table.json();
        assert!(json["rows"][0]["share"]["zero_bound_95"].is_f64());
        assert!(json["rows"][0]["points"]["zero_bound_95"].is_null());
    }
}
