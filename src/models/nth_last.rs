//! The question that rate limits ask of a table with the column `at`.

/// The time of the `$nth` last row that matches a condition, after `$since` and up to `$until`; `None` if there are
/// fewer. The last one is number 1.
macro_rules! nth_last {
    ($connection:expr, $table:ident, $condition:expr, $nth:expr, $since:expr, $until:expr) => {
        $crate::db::dispatch!($connection, |c| {
            let rows = $table::table.filter($condition).filter($table::at.gt($since)).filter($table::at.le($until));
            let latest = rows.order($table::at.desc()).offset($nth - 1).limit(1).select($table::at);
            Ok(latest.get_result(c).optional()?)
        })
    };
}
pub(super) use nth_last;
