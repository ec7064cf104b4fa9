//! How long data stays in the database.

use std::time::Duration;

use super::meter::READS_PERIOD;
use crate::config::{
    duration::{DAY, Span, SpanOrOff},
    setting::{
        DefaultValue::{Computed, Fixed},
        Definition, Setting,
    },
};

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
