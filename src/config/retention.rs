//! How long data is retained.

use std::time::Duration;

use super::{
    duration::{DAY, Span, SpanOrOff},
    environment::Settings,
    meter::READS_PERIOD,
    setting::{
        DefaultValue::{Computed, Fixed},
        Definition, Setting,
    },
};

#[derive(Clone, Copy, Debug)]
pub struct RetentionConfig {
    pub audit: Duration,
    /// At least the meter's period.
    pub reads: Duration,
    /// After their last use; `None` retains them forever.
    pub inactive_accounts: Option<Duration>,
}

impl RetentionConfig {
    /// `period` is the meter's.
    pub(super) fn read(settings: &mut Settings, period: Duration) -> Self {
        let reads = READS_KEEP.read(settings);
        // With READS_COUNT=posts the meter looks up which posts have been read in the period.
        if reads < period {
            settings.error(READS_KEEP.name, "must not be shorter than READS_PERIOD");
        }
        Self { audit: AUDIT_KEEP.read(settings), reads, inactive_accounts: INACTIVE_ACCOUNTS_KEEP.read(settings) }
    }
}

pub(super) const ALL: &[&dyn Definition] = &[&AUDIT_KEEP, &READS_KEEP, &INACTIVE_ACCOUNTS_KEEP];

pub(crate) const AUDIT_KEEP: Setting<Duration> = Setting {
    name: "AUDIT_KEEP",
    about: "How long the events of an account are kept, with IP addresses and user agents. Change it if the law or your \
            policy requires another time.",
    values: &Span::Positive,
    default: Fixed(|| 180 * DAY),
};

pub(crate) const READS_KEEP: Setting<Duration> = Setting {
    name: "READS_KEEP",
    about: "How long each read and refusal is kept, at least `READS_PERIOD`. The numbers of `GET /stats` are not affected.",
    values: &Span::Positive,
    default: Computed("`READS_PERIOD` plus 30 days", |settings| READS_PERIOD.peek(settings) + 30 * DAY),
};

pub(crate) const INACTIVE_ACCOUNTS_KEEP: Setting<Option<Duration>> = Setting {
    name: "INACTIVE_ACCOUNTS_KEEP",
    about: "How long an account is kept after its last use. It is then deleted with everything that belongs to it, unless it \
            has a subscription or belongs to an admin. Set it if the law or your policy requires it.",
    values: &SpanOrOff,
    default: Fixed(|| None),
};
