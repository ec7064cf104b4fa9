//! tollgate: sign-in and a metered paywall for single-page apps, as one JSON REST server.

