//! A table as JSON, for programs.

use serde_json::{Map, Value as Json, json};

use super::table::{Better, Table, Value};

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
            let keys = self.columns.iter().map(|column| column.key.clone());
            keys.zip(row.iter().map(json_of)).collect::<Map<_, _>>()
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

fn json_of(value: &Value) -> Json {
    match value {
        Value::Missing => Json::Null,
        Value::Text(text) => text.as_str().into(),
        Value::Whole(number) => (*number).into(),
        Value::Number(number) => (*number).into(),
        Value::Estimate(estimate) | Value::Promised(estimate) => json!({
            "mean": estimate.mean,
            "half_width_95": estimate.half_width,
            "seeds": estimate.seeds,
            "zero_bound_95": estimate.zero_bound(),
            "promised": matches!(value, Value::Promised(_)),
        }),
    }
}
